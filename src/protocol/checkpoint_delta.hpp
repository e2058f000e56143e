#pragma once
// A delta of a checkpoint: one message of #dbc-checkpoints whose attachment holds the attachments of several consecutive records of the log, so that a start
// downloads one file instead of many. A copy that proves nothing: what is read from it must pass the same checks as the record's own attachment
// (decode_body), and may be missing at any time. Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"
#include "protocol/zstd_frame.hpp"

namespace dbcord::protocol {

// What stands in the content. Records without an attachment may lie between the first and the last.
struct delta_header {
  std::uint64_t first_lsn = 0;
  std::uint64_t last_lsn = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // of their attachments
  std::string hash;         // record_hash of the delta's attachment
};

struct delta_record {
  std::uint64_t lsn = 0;
  base::message_id message;  // that holds the record
  std::string body;          // its attachment's bytes
};

struct encoded_delta {
  delta_header header;
  std::string content;
  std::string attachment;
};

// Records are added in the order of their LSNs, at least one.
class delta_packer {
 public:
  void add(std::uint64_t lsn, base::message_id message, std::string_view body);
  encoded_delta finish();

 private:
  delta_header header_;
  zstd_writer packer_;
};

std::optional<delta_header> decode_delta_header(std::string_view content);
base::result<std::vector<delta_record>> decode_delta(const delta_header& header, std::string_view attachment);

}  // namespace dbcord::protocol
