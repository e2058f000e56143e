#include "database/field_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "protocol/field_path.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::database {
namespace {

using protocol::json_node;

std::string in_quotes(const std::string& name) { return protocol::shown_value(json_node::make_string(name)); }

std::string no_name(const std::string& field, std::string_view name) {
  return fmt::format("{} names a field {}, which no query could name, since $ begins an operator there; give it a name without $ in front", name, in_quotes(field));
}

json_node with_member(std::string name, json_node value) {
  json_node object;
  object.type = json_node::kind::object;
  object.set(std::move(name), std::move(value));
  return object;
}

// {"$unset": {"a": ""}} as {"a": null}
std::string removing(const json_node& fields) {
  json_node patch;
  patch.type = json_node::kind::object;
  for (const auto& [name, value] : fields.members) patch.set(name, json_node{});
  return protocol::shown_value(patch.members.empty() ? with_member("role", json_node{}) : patch);
}

// What MongoDB's operator is here; empty: it has none of that name.
std::string instead_of(const std::string& name, const json_node& operand) {
  bool fields = operand.is_object() && !operand.members.empty();
  if (name == "$set" || name == "$setOnInsert") return "write the fields themselves, " + (fields ? protocol::shown_value(operand) : std::string("e.g. {\"role\": \"admin\"}"));
  if (name == "$unset") return "null removes a field: write " + removing(operand);
  if (name == "$inc") return "/dbc_txn adds to numbers: {\"op\": \"update\", …, \"add\": " + (fields ? protocol::shown_value(operand) : std::string("{\"n\": 1}")) + "}";
  if (name == "$push" || name == "$pull" || name == "$pop" || name == "$addToSet" || name == "$pullAll") return "write the whole list, e.g. {\"tags\": [\"a\", \"b\"]}";
  if (name == "$rename") return "/dbc_schema_alter renames a field in every row";
  if (name == "$mul" || name == "$min" || name == "$max" || name == "$currentDate" || name == "$bit") return "write the field with its new value, e.g. {\"n\": 2}";
  return {};
}

// {"n": {"$inc": 1}}: an operator of other databases where it belongs inside. Other names with $ are data, e.g. {"$date": …} of an export.
std::optional<std::string> nested_operator(const json_node& fields, const std::string& path, std::string_view name) {
  for (const auto& [field, value] : fields.members) {
    if (!path.empty() && field.starts_with('$')) {
      auto instead = instead_of(field, with_member(path, value));
      if (!instead.empty()) return fmt::format("{} is no patch with {} in it: {}", name, field, instead);
    }
    if (!value.is_object()) continue;
    if (auto inner = nested_operator(value, path.empty() ? field : path + '.' + field, name)) return inner;
  }
  return std::nullopt;
}

// Of two names of one object, the one that is a path into the other.
std::optional<std::string> twice_named(const json_node& patch, std::string_view name) {
  std::set<std::string_view> names;
  for (const auto& member : patch.members) names.insert(member.first);
  for (const auto& [path, value] : patch.members) {
    std::size_t parts = 1;  // what has more is no path
    for (auto dot = path.find('.'); dot != path.npos && parts < protocol::max_path_segments; dot = path.find('.', dot + 1), ++parts) {
      auto outer = path.substr(0, dot);
      if (!names.contains(outer)) continue;
      return fmt::format("{} names both {} and {}, which may be a field in it: put what changes into one object, like {{{}: {{…}}}}, or give two updates", name,
                         in_quotes(outer), in_quotes(path), in_quotes(outer));
    }
    if (!value.is_object()) continue;
    if (auto inner = twice_named(value, name)) return inner;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> unusable_field(const json_node& row, std::string_view name) {
  auto bad = std::find_if(row.members.begin(), row.members.end(), [](const auto& m) { return m.first.starts_with('$'); });
  if (bad == row.members.end()) return std::nullopt;
  return no_name(bad->first, name);
}

std::optional<std::string> unusable_patch(const json_node& patch, std::string_view name) {
  for (const auto& [field, value] : patch.members) {
    if (!field.starts_with('$') || value.type == json_node::kind::null) continue;
    auto instead = instead_of(field, value);
    return instead.empty() ? no_name(field, name) : fmt::format("{} is no patch with {} in it: {}", name, field, instead);
  }
  if (auto why = nested_operator(patch, {}, name)) return why;
  return twice_named(patch, name);
}

}  // namespace dbcord::database
