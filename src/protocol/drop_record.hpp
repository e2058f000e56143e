#pragma once
// The body of a `drop` record: messages of one channel that will be deleted. Nothing is deleted before such a record is acknowledged, and what one
// names is never used as a location again (design.md section 7). Pure, any thread; decoding never throws on input bytes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"

namespace dbcord::protocol {

struct drop_record {
  base::channel_id channel;
  std::vector<base::message_id> messages;
};
std::string encode_drop(const drop_record& drop);
std::optional<drop_record> decode_drop(std::string_view body);

}  // namespace dbcord::protocol
