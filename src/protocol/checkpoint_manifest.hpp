#pragma once
// The manifest of a checkpoint: the message that is written last, names the parts, and says where the log goes on. It counts only once a valid
// `checkpoint` record of the log names its id and its hash (design.md section 7). Parts are attachments of messages before it, or of itself.
// Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"
#include "protocol/log_chain.hpp"

namespace dbcord::protocol {

struct checkpoint_part {
  base::message_id message;    // zero: the manifest's own
  std::uint64_t position = 0;  // among the message's attachments, from 0
  std::uint64_t size = 0;      // bytes of the attachment
  std::string hash;            // record_hash of them
};

struct checkpoint_manifest {
  chain_anchor anchor;         // the last record that the state includes, acknowledged when this was written
  base::message_id record;     // its message
  std::uint64_t rows = 0;
  std::vector<checkpoint_part> parts;
};

struct encoded_manifest {
  std::string content;
  std::string hash;                       // names it in the log
  std::optional<std::string> attachment;  // the body, where it does not fit into the content: the message's first attachment
};
encoded_manifest encode_manifest(const checkpoint_manifest& manifest);

// What can be known without its attachment.
struct manifest_header {
  std::uint64_t lsn = 0;
  std::string hash;
  bool attached = false;
};
std::optional<manifest_header> decode_manifest_header(std::string_view content);
base::result<checkpoint_manifest> decode_manifest(const manifest_header& header, std::string_view content,
                                                  const std::optional<std::string>& attachment);

// The body of the log record that makes a checkpoint count.
struct checkpoint_reference {
  base::message_id manifest;
  std::string hash;
};
std::string encode_checkpoint_reference(const checkpoint_reference& reference);
std::optional<checkpoint_reference> decode_checkpoint_reference(std::string_view body);

}  // namespace dbcord::protocol
