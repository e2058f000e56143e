#pragma once
// A record of the write-ahead log as a Discord message (design.md sections 5 and 6). The header, which carries the chain of
// hashes, always stands in the message's content; the body stands there too when it fits, else in an attachment.
// Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::protocol {

enum class record_kind { start, group, barrier, roll, drop, checkpoint, release };
std::string_view to_string(record_kind kind);

struct log_header {
  record_kind kind = record_kind::group;
  std::uint64_t epoch = 0;    // message id of the claim under which it was written
  std::uint64_t attempt = 0;  // rises with every send of a new record within an epoch
  std::uint64_t lsn = 0;      // position in the chain
  std::string previous;       // hash of the predecessor, 32 hex digits
  std::string hash;           // own hash, over everything else here
  std::uint64_t body_size = 0;
  std::string body_hash;      // of the body's bytes, 32 hex digits
  bool attached = false;      // the body is the message's only attachment
};

// The first 128 bits of SHA-256, as 32 hex digits.
std::string record_hash(std::string_view bytes);
std::string compute_hash(const log_header& header);

// Where a body goes: into the content if it fits, or into an attachment in any case.
enum class placement { automatic, attached };

struct encoded_record {
  log_header header;
  std::string content;
  std::optional<std::string> attachment;  // bytes, when the body does not fit into the content
};

// Completes the header (hash, body_*, attached) and lays the record out. `heading` is a line for people (ASCII, short).
// `body` is JSON lines in UTF-8 and may be empty; inline it is written as ASCII JSON.
encoded_record encode_record(log_header header, std::string_view heading, std::string body,
                             placement where = placement::automatic);

// The header of a message that looks like a log record and whose own hash is right; empty for anything else.
std::optional<log_header> decode_header(std::string_view content);
// The body that stands in the content or in `attachment` (the bytes, when header.attached); an error says what is wrong with it.
base::result<std::string> decode_body(const log_header& header, std::string_view content,
                                      const std::optional<std::string>& attachment);

}  // namespace dbcord::protocol
