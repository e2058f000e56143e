#include "commands/csv_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>

#include "commands/json_scan.hpp"
#include "commands/repeated_name.hpp"
#include "commands/reply_text.hpp"
#include "protocol/field_path.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::commands {
namespace {

using protocol::field_type;
using protocol::json_node;

enum class looks { plain, scalar, nested, string };  // a cell, as JSON

looks looks_of(std::string_view text) {
  auto first = skip_space(text, 0);
  if (first == text.size() || std::string_view("{[\"-0123456789tfn").find(text[first]) == std::string_view::npos) return looks::plain;
  if (!scan_document(text).good()) return looks::plain;
  if (text[first] == '"') return looks::string;
  return text[first] == '{' || text[first] == '[' ? looks::nested : looks::scalar;
}

std::string decoded(std::string_view json_string) {
  auto node = protocol::parse_json(json_string);
  return node ? std::move(node->text) : std::string(json_string);
}

// Texts that would be read as lists or objects; and the JSON strings that those are written as.
bool would_be_mistaken(std::string_view text) {
  auto kind = looks_of(text);
  return kind == looks::nested || (kind == looks::string && would_be_mistaken(decoded(text)));
}

std::string as_json_string(std::string_view text) {
  std::string json;
  protocol::append_json_string(json, text);
  return json;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string text_value(const csv_cell& cell) {
  if (looks_of(cell.text) != looks::string) return as_json_string(cell.text);
  auto inside = decoded(cell.text);
  return as_json_string(would_be_mistaken(inside) ? inside : cell.text);
}

bool is_null(const csv_cell& cell) { return !cell.quoted && cell.text == "null"; }

bool reads_as(std::string_view json, field_type type) {
  switch (type) {
    case field_type::integer:
    case field_type::number: return json.front() == '-' || (json.front() >= '0' && json.front() <= '9');
    case field_type::boolean: return json == "true" || json == "false";
    case field_type::list: return json.front() == '[';
    case field_type::object: return json.front() == '{';
    case field_type::any:
    case field_type::text: break;
  }
  return true;
}

base::error bad_cell(std::string reason) { return {base::errc::invalid_argument, std::move(reason)}; }

base::result<std::string> cell_by_rule(const csv_cell& cell, const protocol::field_rule& rule) {
  std::string json(trimmed(cell.text));
  if (rule.type == field_type::boolean) boost::algorithm::to_lower(json);  // spreadsheets write TRUE, Python True
  if (is_null(cell) || (scan_document(json).good() && reads_as(json, rule.type))) return json;
  return bad_cell(fmt::format("the field {} must be of type {}, not {}", rule.path, protocol::to_string(rule.type),
                              protocol::shown_value(json_node::make_string(cell.text))));
}

base::result<std::string> free_value(const csv_cell& cell) {
  auto kind = looks_of(cell.text);
  bool json = kind == looks::nested || (kind == looks::scalar && !cell.quoted);
  return json ? std::string(trimmed(cell.text)) : text_value(cell);
}

}  // namespace

void append_csv_text(std::string& out, std::string_view text) {
  bool at_risk = text.empty() || text.find_first_of(",;\t\"\r\n") != text.npos || text.front() == ' ' || text.back() == ' ' || looks_of(text) != looks::plain;
  if (at_risk) append_quoted(out, text);
  else out += text;
}

void append_csv_value(std::string& out, const json_node* value) {
  if (!value) return;
  if (value->type == json_node::kind::string) return append_csv_text(out, would_be_mistaken(value->text) ? as_json_string(value->text) : value->text);
  bool nested = value->type == json_node::kind::array || value->is_object();
  if (nested) append_quoted(out, protocol::to_json(*value));
  else protocol::append_json(out, *value);
}

base::result<std::string> value_of_cell(const csv_cell& cell, const protocol::field_rule& rule) {
  if (rule.type == field_type::text) return rule.nullable && is_null(cell) ? cell.text : text_value(cell);
  auto json = rule.type == field_type::any ? free_value(cell) : cell_by_rule(cell, rule);
  auto twice = json && json->size() > 1 ? repeated_name(*json) : std::nullopt;
  if (twice) return bad_cell(fmt::format("the field {}: {}", rule.path, named_twice(*twice)));
  return json;
}

void append_csv_head(std::string& out, std::string_view name) {
  bool plain = !name.empty() && name.find('.') == name.npos && looks_of(name) != looks::string;
  append_csv_text(out, plain ? std::string(name) : as_json_string(name));
}

base::result<std::vector<std::string>> path_of_head(const csv_cell& head) {
  auto bad = [&](std::string_view what) { return bad_cell(fmt::format("{} {}", quote(head.text), what)); };
  if (looks_of(head.text) == looks::string) return std::vector{decoded(head.text)};
  if (!head.quoted && head.text != trimmed(head.text)) return bad("has a space at an end; take it away, or put the name into quotes");
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= head.text.size();) {
    auto end = std::min(head.text.find('.', begin), head.text.size());
    if (end == begin) return bad("has an empty name between its dots");
    names.push_back(head.text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (names.size() > protocol::max_path_segments) return bad(fmt::format("has {} parts; a path may have {}", names.size(), protocol::max_path_segments));
  return names;
}

}  // namespace dbcord::commands
