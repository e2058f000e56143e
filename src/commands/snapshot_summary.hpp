#pragma once
// What replies about snapshots of databases say, and the same read from them again (by `dbcord backup`). Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "database/database_copies.hpp"

namespace dbcord::commands {

// "Kept 3 rows of 2 tables of `prod`, as they were at LSN 5 (400 bytes, 1 part): snapshot:123."
std::string snapshot_sentence(const database::database_snapshot_summary& kept, std::string_view database);
// "snapshot:123 of table `users`, taken 2026-11-23T12:00:00Z at LSN 5: 3 rows, 400 bytes, 1 part", without its full stop.
std::string listed_sentence(const database::kept_snapshot& kept);
// "users, 2026-11-23T12:00:00Z, LSN 5, 3 rows": where one is chosen.
std::string snapshot_label(const database::kept_snapshot& kept);
// The id behind "snapshot:", anywhere in the text.
std::optional<base::message_id> parse_snapshot_id(std::string_view text);

// A part as its reply tells it; its bytes are attached.
struct told_part {
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
  std::optional<base::message_id> previous;  // empty: this is the first
};
// "Part 2: 300 bytes from byte 8388608 on. Before it comes snapshot:122."
std::string part_sentence(const database::snapshot_file& part);
std::optional<told_part> parse_part_sentence(std::string_view text);

}  // namespace dbcord::commands
