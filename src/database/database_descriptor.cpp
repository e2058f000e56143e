#include "database/database_descriptor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/json_node.hpp"
#include "protocol/names.hpp"
#include "protocol/row_schema.hpp"
#include "protocol/shown_value.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {
namespace {

using protocol::json_node;
using json_kind = json_node::kind;

base::error wrong_at(const std::string& place, std::string_view what) {
  return {base::errc::invalid_argument, fmt::format("{}: {}", place, what)};
}

json_node empty_object() {
  json_node node;
  node.type = json_kind::object;
  return node;
}

json_node boolean_node(bool value) {
  json_node node;
  node.type = json_kind::boolean;
  node.text = value ? "true" : "false";
  return node;
}

base::result<database_descriptor::index> read_index(const json_node& node, const std::string& place) {
  if (!node.is_object()) return wrong_at(place, R"(an index must be an object like {"field": "email", "unique": true})");
  database_descriptor::index index;
  for (const auto& [name, value] : node.members) {
    if (name == "field" && value.type == json_kind::string && !value.text.empty()) {
      index.field = value.text;
    } else if (name == "unique" && value.type == json_kind::boolean) {
      index.unique = value.text == "true";
    } else if (name == "channel" && value.type == json_kind::boolean) {
      index.channel = value.text == "true";
    } else {
      return wrong_at(place + "." + name, "known are field (a name), unique and channel (true or false)");
    }
  }
  if (index.field.empty()) return wrong_at(place + ".field", "it is missing");
  return index;
}

base::result<std::vector<database_descriptor::index>> read_indexes(const json_node& node, const std::string& place) {
  std::vector<database_descriptor::index> indexes;
  if (node.type != json_kind::array) return wrong_at(place, R"(it must be a list like [{"field": "email", "unique": true}])");
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    auto index = read_index(node.items[i], fmt::format("{}[{}]", place, i));
    if (!index) return index.error();
    bool twice = std::any_of(indexes.begin(), indexes.end(), [&](const auto& other) { return other.field == index->field; });
    if (twice) return wrong_at(fmt::format("{}[{}]", place, i), fmt::format("the field {} has two indexes", index->field));
    indexes.push_back(std::move(*index));
  }
  return indexes;
}

std::optional<base::error> read_part(database_descriptor::table& table, const std::string& name, const json_node& value, const std::string& place) {
  if (name == "pk") {
    if (value.type != json_kind::string || value.text.empty()) return wrong_at(place, "it must be the name of the field that is the primary key");
    table.primary_key = value.text;
    return std::nullopt;
  }
  if (name == "schema") {
    auto schema = protocol::row_schema::parse(to_json(value));
    if (!schema) return wrong_at(place, schema.error().message);
    table.schema_json = schema->json();
    return std::nullopt;
  }
  if (name == "indexes") {
    auto indexes = read_indexes(value, place);
    if (!indexes) return indexes.error();
    table.indexes = std::move(*indexes);
    return std::nullopt;
  }
  if (name != "layout") return wrong_at(place, "known are pk, schema, indexes and layout");
  if (value.type != json_kind::string || !protocol::parse_layout(value.text)) return wrong_at(place, "it must be auto, rows or pages");
  table.layout = value.text;
  return std::nullopt;
}

base::result<database_descriptor::tables> read_tables(const json_node& node, const std::string& place) {
  database_descriptor::tables tables;
  if (!node.is_object()) return wrong_at(place, "it must be an object of tables by name");
  for (const auto& [name, given] : node.members) {
    auto here = place + "." + name;
    if (!protocol::is_usable_name(name)) return wrong_at(here, "that is not usable as a table's name");
    if (!given.is_object()) return wrong_at(here, R"(a table must be an object like {"pk": "id"})");
    auto& table = tables[name];
    for (const auto& [part, value] : given.members) {
      if (auto bad = read_part(table, part, value, here + "." + part)) return *bad;
    }
    if (table.primary_key.empty()) return wrong_at(here + ".pk", "it is missing");
  }
  return tables;
}

json_node node_of(const database_descriptor::table& table) {
  auto node = empty_object();
  node.set("pk", json_node::make_string(table.primary_key));
  if (table.schema_json) node.set("schema", *protocol::parse_json(*table.schema_json, protocol::max_wrapped_depth));
  if (table.indexes) {
    json_node list;
    list.type = json_kind::array;
    for (const auto& index : *table.indexes) {
      auto one = empty_object();
      one.set("field", json_node::make_string(index.field));
      one.set("unique", boolean_node(index.unique));
      if (index.channel) one.set("channel", boolean_node(*index.channel));
      list.items.push_back(std::move(one));
    }
    node.set("indexes", std::move(list));
  }
  if (table.layout) node.set("layout", json_node::make_string(*table.layout));
  return node;
}

void append_indented(std::string& out, const json_node& node, std::size_t depth) {
  bool is_list = node.type == json_kind::array;
  if ((!is_list && !node.is_object()) || (is_list ? node.items.empty() : node.members.empty())) {
    append_json(out, node);
    return;
  }
  auto line = [&](std::size_t levels) { out += "\n" + std::string(levels * 2, ' '); };
  out += is_list ? "[" : "{";
  bool first = true;
  auto next = [&] {
    if (!std::exchange(first, false)) out += ",";
    line(depth + 1);
  };
  for (const auto& item : node.items) {
    next();
    append_indented(out, item, depth + 1);
  }
  for (const auto& [name, value] : node.members) {
    next();
    protocol::append_json_string(out, name);
    out += ": ";
    append_indented(out, value, depth + 1);
  }
  line(depth);
  out += is_list ? "]" : "}";
}

const table_summary* table_named(const database_summary& present, const std::string& name) {
  auto it = std::find_if(present.tables.begin(), present.tables.end(), [&](const auto& t) { return t.name == name; });
  return it == present.tables.end() ? nullptr : &*it;
}

const index_summary* index_of(const table_summary& present, const std::string& field) {
  auto it = std::find_if(present.indexes.begin(), present.indexes.end(), [&](const auto& i) { return i.field == field && i.state != "failed"; });
  return it == present.indexes.end() ? nullptr : &*it;
}

bool is_shown_otherwise(const index_summary& present, const database_descriptor::index& wanted) {
  return wanted.channel && *wanted.channel != present.channel;
}

// Rules by path, so that neither the order of members nor nesting counts.
std::map<std::string, std::string> rules_of(const std::string& schema_json) {
  std::map<std::string, std::string> rules;
  auto schema = protocol::row_schema::parse(schema_json);
  if (!schema) return {{"", schema_json}};
  for (const auto& r : schema->rules()) {
    auto text = fmt::format("{}{}{}", to_string(r.type), r.required ? " required" : "", r.nullable ? " nullable" : "");
    for (const auto& a : r.allowed) text += " enum " + to_json(a);
    if (r.min) text += " min " + *r.min;
    if (r.max) text += " max " + *r.max;
    if (r.max_length) text += fmt::format(" max_length {}", *r.max_length);
    if (r.default_value) text += " default " + to_json(*r.default_value);
    rules[r.path] = std::move(text);
  }
  return rules;
}

void compare_schemas(std::vector<std::string>& out, const std::string& where, const std::string& wanted_json, const std::string& present_json) {
  auto wanted = rules_of(wanted_json), present = rules_of(present_json);
  for (const auto& [path, rule] : wanted) {
    auto it = present.find(path);
    if (it == present.end()) {
      out.push_back(fmt::format("{} has no rule for the column {}", where, path));
    } else if (it->second != rule) {
      out.push_back(fmt::format("the column {} of {} is {}, not {}", path, where, protocol::shortened(it->second), protocol::shortened(rule)));
    }
  }
  for (const auto& [path, rule] : present) {
    if (!wanted.contains(path)) out.push_back(fmt::format("{} has a column {} that is not declared", where, path));
  }
}

void compare_indexes(std::vector<std::string>& out, const std::string& where, const std::vector<database_descriptor::index>& wanted,
                     const table_summary& present) {
  auto shown = [](bool unique) { return unique ? "unique" : "not unique"; };
  for (const auto& index : wanted) {
    const auto* its = index_of(present, index.field);
    if (!its) out.push_back(fmt::format("{} has no index on {}", where, index.field));
    if (its && its->unique != index.unique) out.push_back(fmt::format("the index on {} of {} is {}, not {}", index.field, where, shown(its->unique), shown(index.unique)));
    if (its && is_shown_otherwise(*its, index)) out.push_back(fmt::format("the index on {} of {} has {} channel", index.field, where, its->channel ? "a" : "no"));
  }
  for (const auto& its : present.indexes) {
    bool declared = std::any_of(wanted.begin(), wanted.end(), [&](const auto& index) { return index.field == its.field; });
    if (!declared) out.push_back(fmt::format("{} has an index on {} that is not declared", where, its.field));
  }
}

}  // namespace

std::string listed(const std::vector<std::string>& things, std::size_t shown) {
  std::string text;
  for (std::size_t i = 0; i < std::min(things.size(), shown); ++i) text += (i == 0 ? "" : "; ") + things[i];
  if (things.size() > shown) text += fmt::format("; and {} more", things.size() - shown);
  return text;
}

base::result<database_descriptor> database_descriptor::parse(std::string_view json) {
  auto node = protocol::parse_json(json, protocol::max_wrapped_depth + 6);
  if (!node) return base::error(base::errc::invalid_argument, "not valid JSON: " + node.error().message);
  const auto* databases = node->is_object() && node->members.size() == 1 ? node->find("databases") : nullptr;
  if (!databases || !databases->is_object()) {
    return base::error(base::errc::invalid_argument, R"(it must be an object like {"databases": {"prod": {"tables": {"users": {"pk": "id"}}}}})");
  }
  database_descriptor descriptor;
  for (const auto& [name, given] : databases->members) {
    auto place = "databases." + name;
    if (!protocol::is_usable_name(name)) return wrong_at(place, "that is not usable as a database's name");
    const auto* inner = given.is_object() && given.members.size() == 1 ? given.find("tables") : nullptr;
    if (!inner) return wrong_at(place, R"(a database must be an object like {"tables": {"users": {"pk": "id"}}})");
    auto tables = read_tables(*inner, place + ".tables");
    if (!tables) return tables.error();
    descriptor.databases_[name] = std::move(*tables);
  }
  return descriptor;
}

database_descriptor database_descriptor::of(const database_summary& present) {
  database_descriptor descriptor;
  auto& tables = descriptor.databases_[present.name];
  for (const auto& t : present.tables) {
    table described{t.primary_key, t.schema_json, std::vector<index>(), t.layout};
    for (const auto& i : t.indexes) {
      if (i.state != "failed") described.indexes->push_back({i.field, i.unique, i.channel ? std::optional(true) : std::nullopt});
    }
    tables[t.name] = std::move(described);
  }
  return descriptor;
}

std::string database_descriptor::text() const {
  auto databases = empty_object();
  for (const auto& [name, tables] : databases_) {
    auto inner = empty_object(), one = empty_object();
    for (const auto& [table_name, table] : tables) inner.set(table_name, node_of(table));
    one.set("tables", std::move(inner));
    databases.set(name, std::move(one));
  }
  auto all = empty_object();
  all.set("databases", std::move(databases));
  std::string out;
  append_indented(out, all, 0);
  return out + "\n";
}

const database_descriptor::tables* database_descriptor::of_database(const std::string& name) const {
  auto it = databases_.find(name);
  return it == databases_.end() ? nullptr : &it->second;
}

std::vector<std::string> database_descriptor::differences(const database_summary& present) const {
  std::vector<std::string> out;
  const auto* declared = of_database(present.name);
  if (!declared) return out;
  for (const auto& [name, wanted] : *declared) {
    const auto* its = table_named(present, name);
    auto where = "table " + name;
    if (!its) {
      out.push_back(where + " is missing");
      continue;
    }
    if (its->primary_key != wanted.primary_key) out.push_back(fmt::format("the primary key of {} is {}, not {}", where, its->primary_key, wanted.primary_key));
    if (wanted.schema_json) compare_schemas(out, where, *wanted.schema_json, its->schema_json);
    if (wanted.indexes) compare_indexes(out, where, *wanted.indexes, *its);
    if (wanted.layout && its->layout != *wanted.layout) out.push_back(fmt::format("the layout of {} is {}, not {}", where, its->layout, *wanted.layout));
  }
  return out;
}

database_descriptor::missing database_descriptor::missing_in(const database_summary& present) const {
  missing all;
  const auto* declared = of_database(present.name);
  if (!declared) return all;
  for (const auto& [name, wanted] : *declared) {
    const auto* its = table_named(present, name);
    if (!its) {
      all.tables.push_back(name);
      continue;
    }
    if (!wanted.indexes) continue;
    for (const auto& index : *wanted.indexes) {
      const auto* there = index_of(*its, index.field);
      if (!there) all.indexes.emplace_back(name, index);
      if (there && index.channel.value_or(false) && !there->channel) all.channels.emplace_back(name, index);
    }
  }
  return all;
}

}  // namespace dbcord::database
