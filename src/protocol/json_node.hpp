#pragma once
// A JSON value that keeps the text of its numbers (1.10 stays 1.10, 30 digits stay 30 digits), which boost::json::value
// does not. Value type, no owner, any thread. Parsing never throws on input bytes; limits: max_json_depth levels.

#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"

namespace dbcord::protocol {

inline constexpr std::size_t max_json_depth = 64;
// Of what wraps a document that has the full depth itself: a line of the log, the head of a snapshot.
inline constexpr std::size_t max_wrapped_depth = max_json_depth + 4;

struct json_node {
  enum class kind { null, boolean, number, string, array, object };
  struct member;

  kind type = kind::null;
  std::string text;  // number: its source text; boolean: "true" or "false"; string: decoded UTF-8
  std::vector<json_node> items;
  std::vector<member> members;  // in source order; a repeated name keeps its first place and its last value

  bool is_object() const { return type == kind::object; }
  bool is_scalar() const { return type == kind::boolean || type == kind::number || type == kind::string; }  // null is none: a field that is null is as good as missing
  const json_node* find(std::string_view name) const;
  json_node* find(std::string_view name);
  void set(std::string name, json_node value);
  void erase(std::string_view name);

  static json_node make_string(std::string value);
};

struct json_node::member {
  std::string first;
  json_node second;
};

// An error's message says what is wrong and at which byte, e.g. "expected a value at position 17".
base::result<json_node> parse_json(std::string_view text, std::size_t max_depth = max_json_depth);
// Compact UTF-8 JSON: no white space, shortest escapes.
std::string to_json(const json_node& node);
void append_json(std::string& out, const json_node& node);
void append_json_string(std::string& out, std::string_view utf8);

}  // namespace dbcord::protocol
