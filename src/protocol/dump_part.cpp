#include "protocol/dump_part.hpp"

#include <fmt/format.h>

#include "protocol/machine_line.hpp"

namespace dbcord::protocol {

std::string encode_dump_part(const dump_part& part, std::string_view database_name) {
  machine_line line{"database-snapshot", {}};
  line.set("s", part.snapshot);
  line.set("n", part.number);
  line.set("last", std::uint64_t{part.last});
  line.set("o", part.offset);
  line.set("b", part.size);
  line.set("l", part.lsn);
  line.set("r", part.rows);
  line.set("t", part.tables);
  line.set("p", part.previous.value);
  line.set("d", part.hash);
  return fmt::format("**Snapshot of database {}** part {}{}, {} row{} so far, at LSN {}\n{}", database_name, part.number, part.last ? ", the last" : "",
                     part.rows, part.rows == 1 ? "" : "s", part.lsn, to_text(line));
}

std::optional<dump_part> decode_dump_part(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != "database-snapshot") return std::nullopt;
  auto snapshot = line->text("s"), hash = line->text("d");
  auto number = line->number("n"), last = line->number("last"), offset = line->number("o"), size = line->number("b");
  auto lsn = line->number("l"), rows = line->number("r"), tables = line->number("t"), previous = line->number("p");
  if (!snapshot || !hash || !number || !last || !offset || !size || !lsn || !rows || !tables || !previous) return std::nullopt;
  bool first = *number == 1;
  if (*number == 0 || first != (*previous == 0) || (first && *offset != 0)) return std::nullopt;
  return dump_part{*snapshot, *number, *last == 1, *offset, *size, *lsn, *rows, *tables, base::message_id{*previous}, *hash};
}

}  // namespace dbcord::protocol
