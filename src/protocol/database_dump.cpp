#include "protocol/database_dump.hpp"

#include <fmt/format.h>

#include "protocol/access_rules.hpp"
#include "protocol/json_node.hpp"
#include "protocol/number_member.hpp"
#include "protocol/row_schema.hpp"

namespace dbcord::protocol {
namespace {

base::error bad_dump(std::string what) { return {base::errc::invalid_argument, std::move(what)}; }

std::optional<std::string> stated_text(const json_node& object, std::string_view name) {
  const auto* node = object.find(name);
  return node && node->type == json_node::kind::string ? std::optional(node->text) : std::nullopt;
}

}  // namespace

std::string dump_writer::counted(std::string line) {
  line += '\n';
  hash_.add(line);
  return line;
}

std::string dump_writer::head(const dump_head& head) {
  auto line = fmt::format("{{\"dbcord_database\":{},\"name\":", dump_version);
  append_json_string(line, head.database);
  line += fmt::format(",\"lsn\":{},\"taken\":", head.lsn);
  append_json_string(line, head.taken);
  line += fmt::format(",\"access\":{},\"tables\":{},\"deletions\":\"{}\"}}", head.access_json, head.tables, head.accept_deletions ? "accept" : "restore");
  return counted(std::move(line));
}

std::string dump_writer::table(const dump_table& table) {
  ++tables_;
  auto line = encode_snapshot_head(table.head);
  line.pop_back();
  line += fmt::format(",\"history\":{{\"versions\":{},\"age_s\":{}}},\"layout\":\"{}\",\"threads\":\"{}\",\"rows\":{}}}", table.settings.history_versions,
                      table.settings.history_age_s, to_string(table.settings.layout), table.row_threads ? "on" : "off", table.rows);
  return counted(std::move(line));
}

std::string dump_writer::row(std::string_view json) {
  ++rows_;
  return counted(std::string(json));
}

std::string dump_writer::end() { return fmt::format("{{\"end\":{{\"tables\":{},\"rows\":{},\"sha256\":\"{}\"}}}}\n", tables_, rows_, hash_.hex()); }

base::result<dump_item> dump_reader::line(std::string_view line) {
  if (ended_) return bad_dump("something follows its end");
  if (tables_stated_ && rows_to_come_ == 0 && tables_ == *tables_stated_) return read_end(line);
  hash_.add(line);
  hash_.add("\n");
  if (!tables_stated_) return read_head(line);
  if (rows_to_come_ == 0) return read_table(line);
  --rows_to_come_;
  ++rows_;
  if (!line.starts_with('{') || !line.ends_with('}')) return bad_dump(fmt::format("row {} is no JSON object", rows_));
  return dump_item(dump_row{std::string(line)});
}

base::result<dump_item> dump_reader::read_head(std::string_view line) {
  auto node = parse_json(line, max_wrapped_depth);
  auto version = node && node->is_object() ? number_member(*node, "dbcord_database") : std::nullopt;
  if (!version) return bad_dump("it does not begin as a backup of a dbcord database does");
  if (*version != dump_version) {
    return bad_dump(fmt::format("it has version {} of the format, of which this program knows {} only; use a newer dbcord", *version, dump_version));
  }
  auto database = stated_text(*node, "name"), taken = stated_text(*node, "taken");
  auto lsn = number_member(*node, "lsn"), tables = number_member(*node, "tables");
  const auto* access = node->find("access");
  if (!database || !taken || !lsn || !tables || !access || !access_rules::parse(to_json(*access))) return bad_dump("its head is damaged");
  const auto* deletions = node->find("deletions");
  auto policy = deletions ? stated_text(*node, "deletions") : std::string("restore");
  if (policy != "accept" && policy != "restore") return bad_dump("its head is damaged");
  tables_stated_ = *tables;
  return dump_item(dump_head{std::move(*database), *lsn, std::move(*taken), to_json(*access), *tables, policy == "accept"});
}

base::result<dump_item> dump_reader::read_table(std::string_view line) {
  auto bad = [this] { return bad_dump(fmt::format("the head of table {} is damaged", tables_ + 1)); };
  auto head = decode_snapshot_head(line);
  auto node = parse_json(line, max_wrapped_depth);
  if (!head || !node || !row_schema::parse(head->schema_json)) return bad();
  auto rows = number_member(*node, "rows");
  const auto* history = node->find("history");
  auto versions = history ? number_member(*history, "versions") : std::nullopt;
  auto age = history ? number_member(*history, "age_s") : std::nullopt;
  auto layout = parse_layout(stated_text(*node, "layout").value_or(""));
  if (!rows || !versions || !age || !layout) return bad();
  ++tables_;
  rows_to_come_ = *rows;
  return dump_item(dump_table{std::move(*head), {*layout, *versions, *age, false}, *rows, stated_text(*node, "threads") == "on"});
}

base::result<dump_item> dump_reader::read_end(std::string_view line) {
  auto node = parse_json(line);
  const auto* end = node && node->is_object() ? node->find("end") : nullptr;
  auto tables = end ? number_member(*end, "tables") : std::nullopt;
  auto rows = end ? number_member(*end, "rows") : std::nullopt;
  auto hash = end ? stated_text(*end, "sha256") : std::nullopt;
  if (!tables || !rows || !hash) return bad_dump("its end is damaged");
  if (*tables != tables_ || *rows != rows_) return bad_dump(fmt::format("it holds {} rows of {} tables but states {} of {}", rows_, tables_, *rows, *tables));
  if (*hash != hash_.hex()) return bad_dump("its checksum is wrong");
  ended_ = true;
  return dump_item(dump_end{tables_, rows_});
}

}  // namespace dbcord::protocol
