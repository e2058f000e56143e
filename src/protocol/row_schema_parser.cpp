// From schema_json to a row_schema.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "protocol/field_path.hpp"
#include "protocol/row_schema.hpp"
#include "protocol/shown_value.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::protocol {

namespace {

using kind = json_node::kind;
using complaint = std::optional<std::string>;

constexpr std::size_t max_rules = 500;
constexpr std::string_view known_types = "str, int, float, bool, list, dict, any";
constexpr std::string_view known_rules = "type, required, nullable, enum, min, max, max_length, default, properties";

std::optional<field_type> type_named(std::string_view name) {
  for (auto type : {field_type::any, field_type::text, field_type::integer, field_type::number, field_type::boolean, field_type::list,
                    field_type::object}) {
    if (to_string(type) == name) return type;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> count_in(const json_node& node) {
  std::uint64_t n = 0;
  const auto& text = node.text;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), n);
  bool whole = node.type == kind::number && parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  return whole ? std::optional(n) : std::nullopt;
}

}  // namespace

class schema_parser {
 public:
  complaint document(const json_node& node) {
    if (!node.is_object()) return R"(a schema must be a JSON object like {"required": ["id"], "properties": {"id": "str"}})";
    for (const auto& [name, value] : node.members) {
      auto bad = name == "properties" ? properties("", value)
                 : name == "required" ? required(value)
                                      : complaint(fmt::format("a schema has no part \"{}\"; known are required and properties", name));
      if (bad) return bad;
    }
    for (const auto& [path, rule] : rules_) {
      if (auto bad = check_rule(rule)) return bad;
    }
    if (rules_.size() > max_rules) return fmt::format("a schema may have rules for {} fields, not {}", max_rules, rules_.size());
    return std::nullopt;
  }

  row_schema finish(std::string json) {
    row_schema schema;
    schema.json_ = std::move(json);
    for (auto& [path, rule] : rules_) schema.rules_.push_back(std::move(rule));
    return schema;
  }

 private:
  field_rule& rule_of(const std::string& path) {
    auto& rule = rules_[path];
    rule.path = path;
    return rule;
  }

  complaint required(const json_node& list) {
    if (list.type != kind::array) return R"(required must be a list of field names like ["id", "email"])";
    for (const auto& item : list.items) {
      if (item.type != kind::string || item.text.empty()) return R"(required must be a list of field names like ["id", "email"])";
      rule_of(item.text).required = true;
    }
    return std::nullopt;
  }

  complaint properties(const std::string& prefix, const json_node& object) {
    if (!object.is_object()) return R"(properties must be an object like {"id": "str", "age": {"type": "int"}})";
    for (const auto& [name, value] : object.members) {
      if (name.empty()) return "a field's name is empty";
      auto& rule = rule_of(prefix + name);
      auto bad = value.type == kind::string ? type(rule, value) : value.is_object() ? field(rule, value) : wrong(rule, "needs a type or an object of rules");
      if (bad) return bad;
    }
    return std::nullopt;
  }

  static complaint wrong(const field_rule& rule, std::string_view what) { return fmt::format("the field {} {}", rule.path, what); }

  static complaint type(field_rule& rule, const json_node& name) {
    auto known = name.type == kind::string ? type_named(name.text) : std::nullopt;
    if (!known) return fmt::format("the field {} has the type {}, which is not known; known are {}", rule.path, shown_value(name), known_types);
    rule.type = *known;
    return std::nullopt;
  }

  static complaint flag(const field_rule& rule, const std::string& name, const json_node& value, bool& out) {
    if (value.type != kind::boolean) return wrong(rule, fmt::format("needs true or false for {}", name));
    out = value.text == "true";
    return std::nullopt;
  }

  static complaint bound(const field_rule& rule, const std::string& name, const json_node& value, std::optional<std::string>& out) {
    if (value.type != kind::number) return wrong(rule, fmt::format("needs a number for {}", name));
    out = value.text;
    return std::nullopt;
  }

  complaint field(field_rule& rule, const json_node& object) {
    for (const auto& [name, value] : object.members) {
      if (auto bad = part(rule, name, value)) return bad;
    }
    return std::nullopt;
  }

  complaint part(field_rule& rule, const std::string& name, const json_node& value) {
    if (name == "type") return type(rule, value);
    if (name == "required") return flag(rule, name, value, rule.required);
    if (name == "nullable") return flag(rule, name, value, rule.nullable);
    if (name == "min") return bound(rule, name, value, rule.min);
    if (name == "max") return bound(rule, name, value, rule.max);
    if (name == "properties") return properties(rule.path + ".", value);
    if (name == "default") {
      rule.default_value = value;
      return std::nullopt;
    }
    if (name == "enum") {
      if (value.type != kind::array || value.items.empty()) return wrong(rule, "needs a list of values for enum");
      rule.allowed = value.items;
      return std::nullopt;
    }
    if (name == "max_length") {
      rule.max_length = count_in(value);
      return rule.max_length ? std::nullopt : wrong(rule, "needs a whole number from 0 for max_length");
    }
    return wrong(rule, fmt::format("has the rule \"{}\", which is not known; known are {}", name, known_rules));
  }

  // A rule that no value can keep, or that its own default breaks, is a slip.
  static complaint check_rule(const field_rule& rule) {
    if (!is_usable_path(rule.path)) return fmt::format("a field's path may have {} parts; {} has more", max_path_segments, shortened(rule.path));
    if (rule.min && rule.max && compare_numbers(*rule.min, *rule.max) > 0) return wrong(rule, "has a min above its max");
    if (!rule.default_value) return std::nullopt;
    row_schema alone;
    alone.rules_.push_back(rule);
    json_node row;
    row.type = kind::object;
    row.set(rule.path, *rule.default_value);  // the name with its dots: paths find that too
    auto bad = alone.check(row);
    return bad ? wrong(rule, "has a default that breaks its own rules: " + *bad) : std::nullopt;
  }

  std::map<std::string, field_rule> rules_;  // nodes stay where they are: properties() may nest
};

base::result<row_schema> row_schema::parse(std::string_view schema_json) {
  auto node = parse_json(schema_json);
  if (!node) return base::error(base::errc::invalid_argument, fmt::format("not valid JSON: {}", node.error().message));
  schema_parser parser;
  if (auto bad = parser.document(*node)) return base::error(base::errc::invalid_argument, std::move(*bad));
  return parser.finish(to_json(*node));
}

}  // namespace dbcord::protocol
