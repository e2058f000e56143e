#include "commands/snapshot_summary.hpp"

#include <fmt/format.h>

#include "commands/number_after.hpp"
#include "commands/reply_text.hpp"
#include "dbcord/base/time_text.hpp"

namespace dbcord::commands {
namespace {

constexpr std::string_view snapshot_mark = "snapshot:";

}  // namespace

std::string snapshot_sentence(const database::database_snapshot_summary& kept, std::string_view database) {
  return fmt::format("Kept {} of {} of `{}`, as {} at LSN {} ({}, {}): {}{}.", count(kept.rows, "row"), count(kept.tables, "table"), database,
                     kept.rows == 1 ? "it was" : "they were", kept.lsn, count(kept.bytes, "byte"), count(kept.parts, "part"), snapshot_mark, kept.location.message.str());
}

std::string moment_of(const database::kept_snapshot& kept) {
  return base::to_iso8601(kept.taken).substr(0, std::string_view("2026-11-23T12:00:00").size()) + "Z";
}

std::string listed_sentence(const database::kept_snapshot& kept) {
  auto of = kept.table.empty() ? fmt::format("the whole database ({})", count(kept.tables, "table")) : fmt::format("table `{}`", kept.table);
  auto text = fmt::format("{}{} of {}, taken {} at LSN {}: ", snapshot_mark, kept.location.message.str(), of, moment_of(kept), kept.lsn);
  if (!kept.whole) return text + "not whole: it was never finished, is still being written, or lacks a part";
  return text + fmt::format("{}, {}, {}", count(kept.rows, "row"), count(kept.bytes, "byte"), count(kept.parts, "part"));
}

std::string snapshot_label(const database::kept_snapshot& kept) {
  return fmt::format("{}, {}, LSN {}, {}", kept.table.empty() ? "whole database" : kept.table, moment_of(kept), kept.lsn, count(kept.rows, "row"));
}

std::optional<base::message_id> parse_snapshot_id(std::string_view text) {
  auto id = number_after(text, snapshot_mark);
  return id ? std::optional(base::message_id{*id}) : std::nullopt;
}

std::string part_sentence(const database::snapshot_file& part) {
  auto text = fmt::format("Part {}: {} bytes from byte {} on.", part.number, part.bytes.size(), part.offset);
  return text + (part.previous ? fmt::format(" Before it comes {}{}.", snapshot_mark, part.previous.str()) : std::string(" It is the first."));
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
