#include "protocol/row_schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/code_points.hpp"
#include "protocol/decimal.hpp"
#include "protocol/field_path.hpp"
#include "protocol/field_rule_check.hpp"
#include "protocol/shown_value.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::protocol {
namespace {

using kind = json_node::kind;
using complaint = std::optional<std::string>;

bool is_integer(const json_node& value) { return value.type == kind::number && parse_decimal(value.text).exponent >= 0; }

bool has_type(const json_node& value, field_type type) {
  switch (type) {
    case field_type::any: return true;
    case field_type::text: return value.type == kind::string;
    case field_type::integer: return is_integer(value);
    case field_type::number: return value.type == kind::number;
    case field_type::boolean: return value.type == kind::boolean;
    case field_type::list: return value.type == kind::array;
    case field_type::object: return value.type == kind::object;
  }
  return false;
}

complaint check_bounds(const field_rule& rule, const json_node& value) {
  if (value.type != kind::number) return std::nullopt;
  if (rule.min && compare_numbers(value.text, *rule.min) < 0) {
    return fmt::format("the field {} must be at least {}, not {}", rule.path, *rule.min, shortened(value.text));
  }
  if (rule.max && compare_numbers(value.text, *rule.max) > 0) {
    return fmt::format("the field {} must be at most {}, not {}", rule.path, *rule.max, shortened(value.text));
  }
  return std::nullopt;
}

complaint check_length(const field_rule& rule, const json_node& value) {
  if (!rule.max_length) return std::nullopt;
  if (value.type == kind::string && base::count_code_points(value.text) > *rule.max_length) {
    return fmt::format("the field {} may have at most {} characters, not {}", rule.path, *rule.max_length, base::count_code_points(value.text));
  }
  if (value.type == kind::array && value.items.size() > *rule.max_length) {
    return fmt::format("the field {} may have at most {} items, not {}", rule.path, *rule.max_length, value.items.size());
  }
  return std::nullopt;
}

complaint check_enum(const field_rule& rule, const json_node& value) {
  if (rule.allowed.empty()) return std::nullopt;
  bool known = std::any_of(rule.allowed.begin(), rule.allowed.end(), [&](const json_node& a) { return compare_values(a, value) == 0; });
  if (known) return std::nullopt;
  std::string choices;
  for (const auto& a : rule.allowed) choices += (choices.empty() ? "" : ", ") + to_json(a);
  return fmt::format("the field {} must be one of {}, not {}", rule.path, shortened(choices), shown_value(value));
}

// Objects on the way that are missing are made; anything else on the way is left alone.
void put_default(json_node& object, std::string_view path, const json_node& value) {
  if (object.find(path)) return;
  auto dot = path.find('.');
  if (dot == path.npos) return object.set(std::string(path), value);
  auto name = path.substr(0, dot);
  auto* inner = object.find(name);
  if (!inner) {
    json_node made;
    made.type = kind::object;
    object.set(std::string(name), std::move(made));
    inner = object.find(name);
  }
  if (inner->is_object()) put_default(*inner, path.substr(dot + 1), value);
}

void keep_null(json_node& row, const json_node& patch, std::string_view path) {
  if (const auto* given = patch.find(path)) {
    if (given->type == json_node::kind::null && !row.find(path)) row.set(std::string(path), json_node{});
    return;
  }
  auto dot = path.find('.');
  if (dot == path.npos) return;
  auto* inner = row.find(path.substr(0, dot));
  const auto* inner_patch = patch.find(path.substr(0, dot));
  bool objects = inner && inner->is_object() && inner_patch && inner_patch->is_object();
  if (objects) keep_null(*inner, *inner_patch, path.substr(dot + 1));
}

}  // namespace

complaint check_value(const field_rule& rule, const json_node& value) {
  if (value.type == kind::null && rule.nullable) return std::nullopt;
  if (!has_type(value, rule.type)) {
    return fmt::format("the field {} must be of type {}, not {}", rule.path, to_string(rule.type), shown_value(value));
  }
  if (auto bad = check_enum(rule, value)) return bad;
  if (auto bad = check_bounds(rule, value)) return bad;
  return check_length(rule, value);
}

std::string_view to_string(field_type type) {
  switch (type) {
    case field_type::any: return "any";
    case field_type::text: return "str";
    case field_type::integer: return "int";
    case field_type::number: return "float";
    case field_type::boolean: return "bool";
    case field_type::list: return "list";
    case field_type::object: return "dict";
  }
  return "any";
}

bool row_schema::has_defaults() const {
  return std::any_of(rules_.begin(), rules_.end(), [](const field_rule& r) { return r.default_value.has_value(); });
}

void row_schema::fill_defaults(json_node& row) const {
  for (const auto& rule : rules_) {
    if (rule.default_value) put_default(row, rule.path, *rule.default_value);
  }
}

// What an object must have it need not have while the object itself, which has a rule of its own, may be and is left out.
bool row_schema::lacks_optional_parent(const json_node& row, std::string_view path) const {
  for (auto dot = path.rfind('.'); dot != path.npos; dot = path.rfind('.')) {
    path = path.substr(0, dot);
    auto is_it = [path](const field_rule& r) { return r.path == path; };
    auto parent = std::find_if(rules_.begin(), rules_.end(), is_it);
    if (parent != rules_.end() && !parent->required && !first_at_path(row, path)) return true;
  }
  return false;
}

void row_schema::keep_nulls(json_node& row, const json_node& patch) const {
  for (const auto& rule : rules_) {
    if (rule.required && rule.nullable) keep_null(row, patch, rule.path);
  }
}

std::optional<std::string> row_schema::check(const json_node& row) const {
  for (const auto& rule : rules_) {
    std::optional<std::string> bad;
    bool present = false;
    any_at_path(row, rule.path, [&](const json_node& value) {
      present = true;
      bad = check_value(rule, value);
      return bad.has_value();
    });
    if (bad) return bad;
    if (!present && rule.required && !lacks_optional_parent(row, rule.path)) return fmt::format("the field {} is missing", rule.path);
  }
  return std::nullopt;
}

}  // namespace dbcord::protocol
