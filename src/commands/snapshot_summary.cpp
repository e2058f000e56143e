#include "commands/snapshot_summary.hpp"

#include <fmt/format.h>

#include "commands/number_after.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

constexpr std::string_view id_mark = "snapshot:";

}  // namespace

std::string snapshot_sentence(const database::database_snapshot_summary& kept, std::string_view database) {
  return fmt::format("Kept {} of {} of `{}`, as they were at LSN {} ({}, {}): {}{}.", count(kept.rows, "row"), count(kept.tables, "table"), database, kept.lsn,
                     count(kept.bytes, "byte"), count(kept.parts, "part"), id_mark, kept.location.message.str());
}

std::optional<base::message_id> parse_snapshot_id(std::string_view text) {
  auto id = number_after(text, id_mark);
  return id ? std::optional(base::message_id{*id}) : std::nullopt;
}

std::string part_sentence(const database::snapshot_file& part) {
  auto text = fmt::format("Part {}: {} bytes from byte {} on.", part.number, part.bytes.size(), part.offset);
  return text + (part.previous ? fmt::format(" Before it comes {}{}.", id_mark, part.previous.str()) : std::string(" It is the first."));
}

std::optional<told_part> parse_part_sentence(std::string_view text) {
  auto number = number_after(text, "Part ");
  auto mark = number ? fmt::format("Part {}: ", *number) : std::string();
  auto size = number ? number_after(text, mark) : std::nullopt;
  auto offset = number_after(text, " bytes from byte ");
  if (!size || !offset) return std::nullopt;
  told_part part{*size, *offset, parse_snapshot_id(text)};
  if ((*number == 1) == part.previous.has_value()) return std::nullopt;
  return part;
}

}  // namespace dbcord::commands
