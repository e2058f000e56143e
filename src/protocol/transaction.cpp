#include "protocol/transaction.hpp"

#include <fmt/format.h>

#include <iterator>

#include "protocol/access_rules.hpp"
#include "protocol/column_change.hpp"
#include "protocol/json_node.hpp"
#include "protocol/number_member.hpp"
#include "protocol/row_schema.hpp"

namespace dbcord::protocol {
namespace {

void append_text_member(std::string& out, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_json_string(out, value);
}

struct operation_writer {
  std::string& out;

  void operator()(const put_row& op) const {
    key("put", op.key, op.table, op.version);
    out += ",\"row\":";
    out += op.json;
    out += "}\n";
  }
  void operator()(const delete_row& op) const {
    key("delete", op.key, op.table, op.version);
    out += op.erase ? ",\"erase\":true}\n" : "}\n";
  }
  void operator()(const create_table& op) const {
    out += "{\"create\":";
    append_json_string(out, op.name);
    fmt::format_to(std::back_inserter(out), ",\"t\":{},\"pk\":", op.table);
    append_json_string(out, op.primary_key);
    fmt::format_to(std::back_inserter(out), ",\"channel\":\"{}\"}}\n", op.channel.value);
  }
  void operator()(const set_schema& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"schema\":{},\"t\":{}}}\n", op.json, op.table);
  }
  void operator()(const create_index& op) const {
    out += "{\"index\":";
    append_json_string(out, op.field);
    fmt::format_to(std::back_inserter(out), ",\"t\":{},\"i\":{}{}{}{}}}\n", op.table, op.index, op.unique ? ",\"unique\":true" : "",
                   op.building ? ",\"building\":true" : "", op.channel ? ",\"channel\":true" : "");
  }
  void operator()(const index_outcome& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"index_outcome\":\"{}\",\"t\":{},\"i\":{}", op.ready ? "ready" : "failed", op.table, op.index);
    append_text_member(out, "why", op.why);
    out += "}\n";
  }
  void operator()(const begin_alteration& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"alter\":{},\"new_schema\":{},\"t\":{}}}\n", op.change, op.schema, op.table);
  }
  void operator()(const end_alteration& op) const { fmt::format_to(std::back_inserter(out), "{{\"altered\":true,\"t\":{}}}\n", op.table); }
  void operator()(const drop_index& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"drop_index\":{},\"t\":{}}}\n", op.index, op.table);
  }
  void operator()(const set_index_channel& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"index_channel\":\"{}\",\"t\":{},\"i\":{}}}\n", op.on ? "on" : "off", op.table, op.index);
  }
  void operator()(const set_history& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"history\":{},\"age\":{},\"t\":{}}}\n", op.versions, op.age_s, op.table);
  }
  void operator()(const set_layout& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"layout\":\"{}\",\"t\":{}}}\n", to_string(op.layout), op.table);
  }
  void operator()(const drop_table& op) const {
    out += "{\"drop\":";
    append_json_string(out, op.name);
    fmt::format_to(std::back_inserter(out), ",\"t\":{},\"channel\":\"{}\"}}\n", op.table, op.channel.value);
  }
  void operator()(const set_access& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"access\":{},\"t\":{}}}\n", op.json, op.table);
  }
  void operator()(const set_deletions& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"deletions\":\"{}\",\"t\":{}}}\n", op.accept ? "accept" : "restore", op.table);
  }
  void operator()(const set_row_threads& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"row_threads\":\"{}\",\"of\":{},\"t\":{}}}\n", op.on ? "on" : "off", op.of, op.table);
  }
  void operator()(const drop_database& op) const { fmt::format_to(std::back_inserter(out), "{{\"database\":\"dropped\",\"t\":{}}}\n", op.table); }
  void operator()(const end_restore& op) const { fmt::format_to(std::back_inserter(out), "{{\"database\":\"restored\",\"t\":{}}}\n", op.table); }
  void operator()(const move_table& op) const {
    fmt::format_to(std::back_inserter(out), "{{\"move\":\"{}\",\"t\":{},\"channel\":\"{}\",\"before\":\"{}\"}}\n", op.last.value, op.table, op.channel.value,
                   op.before.value);
  }
  void key(std::string_view verb, const std::string& key, table_id table, std::uint64_t version) const {
    fmt::format_to(std::back_inserter(out), "{{\"{}\":", verb);
    append_json_string(out, key);
    fmt::format_to(std::back_inserter(out), ",\"t\":{},\"v\":{}", table, version);
  }
};

const std::string* text_of(const json_node& object, std::string_view name) {
  const auto* node = object.find(name);
  return node && node->type == json_node::kind::string ? &node->text : nullptr;
}

std::string text_or_empty(const json_node& object, std::string_view name) {
  const auto* text = text_of(object, name);
  return text ? *text : std::string();
}

bool is_true(const json_node& object, std::string_view name) {
  const auto* node = object.find(name);
  return node && node->text == "true";
}

std::optional<base::channel_id> channel_of(const json_node& line, std::string_view name = "channel") {
  const auto* text = text_of(line, name);
  return text ? base::parse_id<base::channel_id>(*text) : std::nullopt;
}

std::optional<operation> parse_operation(const json_node& line) {
  auto table = number_member(line, "t");
  if (!table) return std::nullopt;
  if (const auto* name = text_of(line, "create")) {
    const auto* pk = text_of(line, "pk");
    auto channel = channel_of(line);
    if (!pk || !channel) return std::nullopt;
    return create_table{*table, *name, *pk, *channel};
  }
  if (const auto* name = text_of(line, "drop")) {
    auto channel = channel_of(line);
    if (!channel) return std::nullopt;
    return drop_table{*table, *name, *channel};
  }
  if (const auto* last = text_of(line, "move")) {
    auto channel = channel_of(line);
    auto before = line.find("before") ? channel_of(line, "before") : base::channel_id{};
    auto message = base::parse_id<base::message_id>(*last);
    if (!channel || !before || !message) return std::nullopt;
    return move_table{*table, *channel, *before, *message};
  }
  if (const auto* access = line.find("access")) {
    auto json = to_json(*access);
    if (!access_rules::parse(json)) return std::nullopt;
    return set_access{*table, std::move(json)};
  }
  if (const auto* deletions = text_of(line, "deletions")) {
    if (*deletions != "accept" && *deletions != "restore") return std::nullopt;
    return set_deletions{*table, *deletions == "accept"};
  }
  if (const auto* threads = text_of(line, "row_threads")) {
    auto of = number_member(line, "of");
    if (!of || (*threads != "on" && *threads != "off")) return std::nullopt;
    return set_row_threads{*table, *of, *threads == "on"};
  }
  if (const auto* what = text_of(line, "database")) {
    if (*what == "dropped") return drop_database{*table};
    return *what == "restored" ? std::optional<operation>(end_restore{*table}) : std::nullopt;
  }
  if (const auto* schema = line.find("schema")) {
    auto json = to_json(*schema);
    if (!row_schema::parse(json)) return std::nullopt;
    return set_schema{*table, std::move(json)};
  }
  if (const auto* change = line.find("alter")) {
    const auto* schema = line.find("new_schema");
    begin_alteration begun{*table, to_json(*change), schema ? to_json(*schema) : std::string()};
    if (!schema || !column_change::parse(begun.change) || !row_schema::parse(begun.schema)) return std::nullopt;
    return begun;
  }
  if (is_true(line, "altered")) return end_alteration{*table};
  if (const auto* field = text_of(line, "index")) {
    auto index = number_member(line, "i");
    if (!index) return std::nullopt;
    return create_index{*table, *index, *field, is_true(line, "unique"), is_true(line, "building"), is_true(line, "channel")};
  }
  if (const auto* outcome = text_of(line, "index_outcome")) {
    auto index = number_member(line, "i");
    bool ready = *outcome == "ready";
    if (!index || (!ready && *outcome != "failed")) return std::nullopt;
    return index_outcome{*table, *index, ready, text_or_empty(line, "why")};
  }
  if (const auto* channel = text_of(line, "index_channel")) {
    auto index = number_member(line, "i");
    if (!index || (*channel != "on" && *channel != "off")) return std::nullopt;
    return set_index_channel{*table, *index, *channel == "on"};
  }
  if (auto dropped = number_member(line, "drop_index")) return drop_index{*table, *dropped};
  if (auto versions = number_member(line, "history")) {
    auto age = number_member(line, "age");
    if (!age) return std::nullopt;
    return set_history{*table, *versions, *age};
  }
  if (const auto* layout = text_of(line, "layout")) {
    auto known = parse_layout(*layout);
    return known ? std::optional<operation>(set_layout{*table, *known}) : std::nullopt;
  }
  auto version = number_member(line, "v");
  if (!version) return std::nullopt;
  if (const auto* key = text_of(line, "delete")) {
    return delete_row{*table, *key, *version, is_true(line, "erase")};
  }
  const auto* key = text_of(line, "put");
  const auto* row = line.find("row");
  if (!key || !row || !row->is_object()) return std::nullopt;
  return put_row{*table, *key, *version, to_json(*row)};
}

base::error damaged_line(std::size_t line) {
  return {base::errc::invalid_argument, fmt::format("line {} of a commit group's body is not a transaction", line)};
}

}  // namespace

std::string_view to_string(table_layout layout) {
  switch (layout) {
    case table_layout::automatic: return "auto";
    case table_layout::rows: return "rows";
    case table_layout::pages: return "pages";
  }
  return "auto";
}

std::optional<table_layout> parse_layout(std::string_view text) {
  for (auto layout : {table_layout::automatic, table_layout::rows, table_layout::pages}) {
    if (to_string(layout) == text) return layout;
  }
  return std::nullopt;
}

std::size_t estimated_size(const transaction& t) {
  constexpr std::size_t operation_overhead = 64;  // of an operation's line besides key and JSON
  std::size_t size = operation_overhead + t.refused.size();
  for (const auto& op : t.operations) {
    size += operation_overhead;
    if (const auto* put = std::get_if<put_row>(&op)) size += put->key.size() + put->json.size();
    if (const auto* del = std::get_if<delete_row>(&op)) size += del->key.size();
    if (const auto* schema = std::get_if<set_schema>(&op)) size += schema->json.size();
    if (const auto* index = std::get_if<create_index>(&op)) size += index->field.size();
    if (const auto* begun = std::get_if<begin_alteration>(&op)) size += begun->change.size() + begun->schema.size();
    if (const auto* outcome = std::get_if<index_outcome>(&op)) size += outcome->why.size();
    if (const auto* access = std::get_if<set_access>(&op)) size += access->json.size();
  }
  return size;
}

void append_transaction(std::string& out, const transaction& t) {
  fmt::format_to(std::back_inserter(out), "{{\"operations\":{}", t.operations.size());
  append_text_member(out, "id", t.idempotency_key);
  append_text_member(out, "by", t.who);
  append_text_member(out, "command", t.command);
  append_text_member(out, "refused", t.refused);
  out += "}\n";
  for (const auto& op : t.operations) std::visit(operation_writer{out}, op);
}

std::string encode_transactions(const std::vector<transaction>& transactions) {
  std::string out;
  for (const auto& t : transactions) append_transaction(out, t);
  if (!out.empty()) out.pop_back();  // no newline at the end: Discord trims, and a block ends with one of its own
  return out;
}

base::result<std::vector<transaction>> decode_transactions(std::string_view body) {
  std::vector<transaction> result;
  std::uint64_t expected = 0;  // operations still to come of the last transaction
  std::size_t number = 0;
  while (!body.empty()) {
    ++number;
    auto end = body.find('\n');
    auto line = parse_json(body.substr(0, end), max_wrapped_depth);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (!line || !line->is_object()) return damaged_line(number);
    if (expected == 0) {
      auto count = number_member(*line, "operations");
      if (!count) return damaged_line(number);
      expected = *count;
      result.push_back({text_or_empty(*line, "id"), text_or_empty(*line, "by"), text_or_empty(*line, "command"),
                        text_or_empty(*line, "refused"), {}});
      continue;
    }
    auto op = parse_operation(*line);
    if (!op) return damaged_line(number);
    result.back().operations.push_back(std::move(*op));
    --expected;
  }
  if (expected != 0) return damaged_line(number + 1);
  return result;
}

}  // namespace dbcord::protocol
