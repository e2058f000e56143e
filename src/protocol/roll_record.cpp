#include "protocol/roll_record.hpp"

#include <fmt/format.h>

#include "protocol/json_node.hpp"
#include "protocol/whole_number.hpp"

namespace dbcord::protocol {
namespace {

std::optional<std::uint64_t> number_from_text(const json_node* node) {
  if (!node || node->type != json_node::kind::string) return std::nullopt;
  return whole_number(node->text);
}

}  // namespace

std::string encode_roll(const roll_record& roll) {
  auto out = fmt::format(R"({{"segment":"{}","channel":"{}")", roll.number, roll.channel.value);
  if (roll.checkpoint) out += R"(,"checkpoint":)" + encode_checkpoint_reference(*roll.checkpoint);
  return out + "}";
}

std::optional<roll_record> decode_roll(std::string_view body) {
  auto node = parse_json(body);
  if (!node || !node->is_object()) return std::nullopt;
  auto number = number_from_text(node->find("segment")), channel = number_from_text(node->find("channel"));
  if (!number || !channel || *channel == 0) return std::nullopt;
  roll_record roll{*number, base::channel_id{*channel}, std::nullopt};
  if (const auto* checkpoint = node->find("checkpoint")) {
    roll.checkpoint = decode_checkpoint_reference(to_json(*checkpoint));
    if (!roll.checkpoint) return std::nullopt;
  }
  return roll;
}

}  // namespace dbcord::protocol
