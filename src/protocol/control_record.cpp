#include "protocol/control_record.hpp"

#include <fmt/format.h>

#include "protocol/machine_line.hpp"

namespace dbcord::protocol {

std::string encode_claim(const claim_record& claim) {
  machine_line line{"claim", {}};
  line.set("i", claim.instance);
  line.set("t", static_cast<std::uint64_t>(claim.stated_s));
  line.set("o", std::string(claim.take_over ? "yes" : "no"));
  return fmt::format("A dbcord process {} this database.\n{}", claim.take_over ? "takes over" : "asks to write", to_text(line));
}

std::string encode_held(const held_record& held) {
  machine_line line{"held", {}};
  line.set("c", held.claim.value);
  line.set("e", held.holder.value);
  return "This database is being written by another dbcord process.\n" + to_text(line);
}

std::optional<claim_record> decode_claim(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != "claim") return std::nullopt;
  auto instance = line->text("i"), over = line->text("o");
  auto stated = line->number("t");
  if (!instance || !over || !stated) return std::nullopt;
  return claim_record{*instance, static_cast<std::int64_t>(*stated), *over == "yes"};
}

std::optional<held_record> decode_held(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != "held") return std::nullopt;
  auto claim = line->number("c"), holder = line->number("e");
  if (!claim || !holder) return std::nullopt;
  return held_record{base::message_id{*claim}, base::message_id{*holder}};
}

}  // namespace dbcord::protocol
