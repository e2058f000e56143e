#pragma once
// row_schema: what a table's rows must look like. Immutable value, any thread; parsing and checking never throw.
//
// {"required": ["id", "email"], "properties": {"id": "str", "age": {"type": "int", "min": 0}, "address.city": "str"}}
// Types: str int float bool list dict any. Rules of a field: type, required, nullable, enum, min, max, max_length, default.
// A field's name may be a dotted path into objects; `properties` of a dict may also be nested. Fields that no rule names are free.
// An int is a number without a fraction (1.0 is one); a float is any number. min and max are of numbers; max_length counts the code points of
// a text or the items of a list.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

enum class field_type { any, text, integer, number, boolean, list, object };

struct field_rule {
  std::string path;
  field_type type = field_type::any;
  bool required = false;
  bool nullable = false;
  std::vector<json_node> allowed;      // enum; empty: everything
  std::optional<std::string> min, max; // texts of numbers
  std::optional<std::uint64_t> max_length;
  std::optional<json_node> default_value;
};

class row_schema {
 public:
  // The schema of {}: every row fits.
  row_schema() = default;
  // An error is one sentence that names the field.
  static base::result<row_schema> parse(std::string_view schema_json);

  bool empty() const { return rules_.empty(); }
  // As it was given, compact.
  const std::string& json() const { return json_; }
  const std::vector<field_rule>& rules() const { return rules_; }

  // Puts defaults where a field is missing.
  void fill_defaults(json_node& row) const;
  bool has_defaults() const;
  // Puts null where it must not be missing and may be null, and the patch, which was merged into the row, says null (by which it has removed the field).
  void keep_nulls(json_node& row, const json_node& patch) const;
  // What is wrong with the row, in one sentence; empty if it fits.
  std::optional<std::string> check(const json_node& row) const;

 private:
  friend class schema_parser;
  bool lacks_optional_parent(const json_node& row, std::string_view path) const;

  std::string json_ = "{}";
  std::vector<field_rule> rules_;  // by path
};

std::string_view to_string(field_type type);

}  // namespace dbcord::protocol
