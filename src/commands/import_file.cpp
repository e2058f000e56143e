#include "commands/import_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "commands/json_scan.hpp"
#include "commands/nearest_name.hpp"
#include "commands/repeated_name.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

base::error unusable_file(std::string sentence) { return {base::errc::invalid_argument, std::move(sentence)}; }

constexpr std::string_view not_an_object = "a row must be a JSON object like {\"id\": \"u_1\"}";

// Line numbers for rising offsets in one pass.
class line_counter {
 public:
  explicit line_counter(std::string_view text) : text_(text) {}
  std::size_t at(std::size_t offset) {
    line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(seen_),
                                                 text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    seen_ = offset;
    return line_;
  }

 private:
  std::string_view text_;
  std::size_t seen_ = 0;
  std::size_t line_ = 1;
};

// `item`: 0 if it is none of an array.
void add_row(import_content& content, std::string_view json, std::size_t line, std::size_t item = 0) {
  if (json.front() != '{') {
    content.refused.push_back({line, {}, std::string(not_an_object), item});
    return;
  }
  if (auto twice = repeated_name(json)) {
    content.refused.push_back({line, {}, named_twice(*twice), item});
    return;
  }
  content.rows.push_back({{}, std::string(json)});
  content.lines.push_back(line);
  if (item > 0) content.items.push_back(item);
}

void add_line(import_content& content, std::string_view line, std::size_t number) {
  if (trimmed(line).empty()) return;
  auto scan = scan_document(line);
  if (!scan.good()) {
    content.refused.push_back({number, {}, fmt::format("not valid JSON {}", describe(line, scan))});
    return;
  }
  add_row(content, trimmed(line), number);
}

import_content cut_lines(std::string_view text) {
  import_content content;
  for (std::size_t begin = 0, number = 1; begin < text.size(); ++number) {
    auto end = std::min(text.find('\n', begin), text.size());
    add_line(content, text.substr(begin, end - begin), number);
    begin = end + 1;
  }
  return content;
}

// `text` is known to be valid from here on; `begin` is where a value begins.
struct member {
  std::string name;
  std::size_t value = 0;
};

std::string unescaped(std::string_view quoted) {
  auto inside = quoted.substr(1, quoted.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  auto value = boost::json::parse(boost::json::string_view(quoted.data(), quoted.size()));
  return std::string(value.as_string());
}

std::vector<member> members_of(std::string_view text, std::size_t begin) {
  std::vector<member> members;
  auto at = skip_space(text, begin + 1);
  while (text[at] != '}') {
    auto name_end = scan_value(text, at, max_file_depth).end;
    auto value = skip_space(text, skip_space(text, name_end) + 1);
    members.push_back({unescaped(text.substr(at, name_end - at)), value});
    at = skip_space(text, scan_value(text, value, max_file_depth).end);
    if (text[at] == ',') at = skip_space(text, at + 1);
  }
  return members;
}

std::string field_names(const std::vector<member>& members) {
  std::vector<std::string> names;
  for (const auto& m : members) names.push_back(m.name);
  if (names.empty()) return "it has no fields";
  return (names.size() == 1 ? "its only field is " : "its fields are ") + list_names(names);
}

import_content cut_array(std::string_view text, std::size_t begin) {
  import_content content;
  line_counter lines(text);
  auto at = skip_space(text, begin + 1);
  for (std::size_t item = 1; text[at] != ']'; ++item) {
    auto end = scan_value(text, at, max_file_depth).end;
    add_row(content, text.substr(at, end - at), lines.at(at), item);
    at = skip_space(text, end);
    if (text[at] == ',') at = skip_space(text, at + 1);
  }
  return content;
}

// Where the value at the path begins.
base::result<std::size_t> walk(std::string_view text, std::size_t begin, std::string_view path) {
  auto at = begin;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (!path.empty()) {
    auto name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    if (text[at] != '{')
      return unusable_file(fmt::format("at: there is no field {}, since what it is looked for in is not a JSON object.", quote(name)));
    auto members = members_of(text, at);
    auto it = std::find_if(members.begin(), members.end(), [&](const member& m) { return m.name == name; });
    if (it == members.end())
      return unusable_file(fmt::format("at: the file has no field {} there; {}.", quote(name), field_names(members)));
    at = it->value;
  }
  return at;
}

base::result<import_content> cut_document(std::string_view text, std::string_view path) {
  auto scan = scan_document(text, max_file_depth);
  if (!scan.good())
    return unusable_file(fmt::format("file: not valid JSON {}; nothing was imported.", describe(text, scan)));
  auto found = walk(text, skip_space(text, 0), path);
  if (!found) return found.error();
  if (text[*found] == '[') return cut_array(text, *found);
  auto what = path.empty() ? std::string("file: it") : "at: " + quote(path);
  if (text[*found] != '{') return unusable_file(what + " is no array of rows.");
  return unusable_file(fmt::format("{} is an object, not an array of rows; {}.", what, field_names(members_of(text, *found))));
}

// One pretty-printed object is no JSON lines, though it begins like them.
bool is_one_document(std::string_view text) {
  auto first_line = text.substr(0, text.find('\n'));
  return first_line.size() < text.size() && !scan_document(first_line).good() && scan_document(text, max_file_depth).good();
}

}  // namespace

std::string array_within_only_row(const import_content& content) {
  if (content.rows.size() != 1 || !content.refused.empty()) return {};
  std::string_view text = content.rows.front().json;
  for (const auto& m : members_of(text, skip_space(text, 0))) {
    if (text[m.value] != '[') continue;
    auto first = skip_space(text, m.value + 1);
    if (text[first] == '{') return m.name;
  }
  return {};
}

base::result<import_content> cut_import_file(std::string_view bytes, std::string_view at, std::optional<file_format> format) {
  auto whole = text_of_file(bytes);
  if (!whole) return whole.error();
  auto text = *whole;
  auto first = skip_space(text, 0);
  if (first == text.size()) return unusable_file("file: it is empty; send JSON lines, a JSON array of objects, or CSV.");
  if (format == file_format::jsonl) return cut_lines(text);
  if (format == file_format::json || !at.empty() || text[first] == '[') return cut_document(text, at);
  bool first_line_bad = text[first] != '{';
  if (first_line_bad && text.find("\n{", first) == std::string_view::npos)
    return unusable_file("file: it must hold JSON lines (one object a line) or a JSON array of objects, so begin with { or [; CSV needs a name that ends "
                  "in .csv, or format:csv.");
  if (is_one_document(text.substr(first)))
    return unusable_file(fmt::format("file: it is one JSON object over several lines, not a row a line; name the array of rows in it "
                              "with at ({}).", field_names(members_of(text, first))));
  return cut_lines(text);
}

}  // namespace dbcord::commands
