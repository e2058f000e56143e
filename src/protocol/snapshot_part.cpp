#include "protocol/snapshot_part.hpp"

#include <fmt/format.h>

#include "protocol/json_node.hpp"
#include "protocol/machine_line.hpp"
#include "protocol/number_member.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::string_view title = "**Snapshot of ";

base::error damaged() { return {base::errc::invalid_argument, "the head of the snapshot is damaged"}; }

const json_node* member_of(const json_node& object, std::string_view name, json_node::kind type) {
  const auto* found = object.find(name);
  return found && found->type == type ? found : nullptr;
}

}  // namespace

std::string encode_snapshot_part(const snapshot_part& part, std::string_view table_name) {
  machine_line line{"snapshot", {}};
  line.set("s", part.snapshot);
  line.set("n", part.number);
  line.set("of", part.count);
  line.set("l", part.lsn);
  line.set("r", part.rows);
  line.set("p", part.previous.value);
  line.set("d", part.hash);
  auto last = part.number == part.count ? ", the last" : "";
  return fmt::format("{}{}** part {}{}, {} row{} in all, at LSN {}\n{}", title, table_name, part.number, last, part.rows, part.rows == 1 ? "" : "s", part.lsn,
                     to_text(line));
}

std::optional<snapshot_part> decode_snapshot_part(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != "snapshot") return std::nullopt;
  auto snapshot = line->text("s"), hash = line->text("d");
  auto number = line->number("n"), count = line->number("of"), lsn = line->number("l"), rows = line->number("r"), previous = line->number("p");
  if (!snapshot || !hash || !number || !count || !lsn || !rows || !previous) return std::nullopt;
  bool first = *number == 1;
  if (*number == 0 || *number > *count || first != (*previous == 0)) return std::nullopt;
  return snapshot_part{*snapshot, *number, *count, *lsn, *rows, base::message_id{*previous}, *hash};
}

std::string snapshot_table(std::string_view content) {
  if (!content.starts_with(title)) return {};
  content.remove_prefix(title.size());
  return std::string(content.substr(0, content.find('*')));
}

std::string encode_snapshot_head(const snapshot_head& head) {
  std::string out = "{\"table\":";
  append_json_string(out, head.table);
  out += ",\"pk\":";
  append_json_string(out, head.primary_key);
  out += ",\"schema\":" + head.schema_json + ",\"indexes\":[";
  for (const auto& index : head.indexes) {
    if (&index != &head.indexes.front()) out += ',';
    out += "{\"field\":";
    append_json_string(out, index.field);
    out += index.unique ? ",\"unique\":true" : ",\"unique\":false";
    out += index.channel ? ",\"channel\":true}" : "}";
  }
  out += ']';
  if (head.settings) {
    const auto& s = *head.settings;
    out += fmt::format(",\"settings\":{{\"layout\":\"{}\",\"versions\":{},\"age_s\":{}{}}}", to_string(s.layout), s.history_versions, s.history_age_s,
                       s.row_threads ? ",\"threads\":true" : "");
  }
  return out + "}";
}

base::result<snapshot_head> decode_snapshot_head(std::string_view line) {
  auto node = parse_json(line, max_wrapped_depth);
  if (!node || !node->is_object()) return damaged();
  const auto* table = member_of(*node, "table", json_node::kind::string);
  const auto* pk = member_of(*node, "pk", json_node::kind::string);
  const auto* schema = member_of(*node, "schema", json_node::kind::object);
  const auto* indexes = member_of(*node, "indexes", json_node::kind::array);
  if (!table || !pk || !schema || !indexes) return damaged();
  snapshot_head head{table->text, pk->text, to_json(*schema), {}};
  for (const auto& item : indexes->items) {
    const auto* field = member_of(item, "field", json_node::kind::string);
    const auto* unique = member_of(item, "unique", json_node::kind::boolean);
    if (!field || !unique) return damaged();
    const auto* channel = member_of(item, "channel", json_node::kind::boolean);
    head.indexes.push_back({field->text, unique->text == "true", channel && channel->text == "true"});
  }
  if (const auto* settings = member_of(*node, "settings", json_node::kind::object)) {
    const auto* named = member_of(*settings, "layout", json_node::kind::string);
    auto layout = named ? parse_layout(named->text) : std::nullopt;
    auto versions = number_member(*settings, "versions"), age = number_member(*settings, "age_s");
    if (!layout || !versions || !age) return damaged();
    const auto* threads = member_of(*settings, "threads", json_node::kind::boolean);
    head.settings = snapshot_settings{*layout, *versions, *age, threads && threads->text == "true"};
  }
  return head;
}

}  // namespace dbcord::protocol
