#pragma once
// The body of a `roll` record: the log goes on in another channel, the next segment. From then on a successor counts only there (design.md
// section 6, rule 2). It repeats the last checkpoint's record, so that what that said is not lost with the segments behind it.
// Pure, any thread; decoding never throws on input bytes.

#include <optional>
#include <string>
#include <string_view>

#include "protocol/checkpoint_manifest.hpp"

namespace dbcord::protocol {

// A channel that holds a part of the log: every record from `first_lsn` up to and including the roll that leads on.
struct log_segment {
  std::uint64_t number = 1;
  base::channel_id channel;
  std::uint64_t first_lsn = 1;
};

struct roll_record {
  std::uint64_t number = 0;  // of the next segment
  base::channel_id channel;
  std::optional<checkpoint_reference> checkpoint;
};

std::string encode_roll(const roll_record& roll);
std::optional<roll_record> decode_roll(std::string_view body);

}  // namespace dbcord::protocol
