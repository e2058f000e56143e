#include "protocol/projection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "protocol/field_path.hpp"
#include "protocol/shown_value.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::size_t max_terms = 100;

std::string_view trimmed(std::string_view text) {
  auto begin = text.find_first_not_of(" \t\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

std::size_t end_of_name(std::string_view list) { return std::min(list.find(','), list.size()); }

// A term may begin with a name in quotes, in which commas end nothing.
std::size_t end_of_term(std::string_view list) {
  bool quoted = trimmed(list).starts_with('"'), within = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (quoted && list[i] == '"') within = !within;
    if (list[i] == ',' && !within) return i;
  }
  return list.size();
}

// The parts between commas; empty when there is none at all. `end_of`: of a list's first part.
std::vector<std::string_view> parts_of(std::string_view list, std::size_t (*end_of)(std::string_view)) {
  std::vector<std::string_view> parts;
  if (trimmed(list).empty()) return parts;
  for (;;) {
    auto end = end_of(list);
    parts.push_back(trimmed(list.substr(0, end)));
    if (end == list.size()) return parts;
    list.remove_prefix(end + 1);
  }
}

base::error bad_list(std::string sentence) { return {base::errc::invalid_argument, std::move(sentence)}; }

std::optional<base::error> unusable_path(std::string_view path) {
  if (!is_usable_path(path)) return bad_list(fmt::format("a field's path may have {} parts", max_path_segments));
  if (path.size() > max_path_bytes) return bad_list(fmt::format("a field's path may have {} bytes, and one here has {}", max_path_bytes, path.size()));
  if (!has_empty_part(path)) return std::nullopt;
  return bad_list(no_field_text(path));
}

// Paths below `name`; "" stands for the whole member.
std::vector<std::string_view> below(const std::vector<std::string_view>& paths, std::string_view name) {
  std::vector<std::string_view> rest;
  for (auto path : paths) {
    if (path == name) rest.push_back({});
    if (path.size() > name.size() && path.starts_with(name) && path[name.size()] == '.') rest.push_back(path.substr(name.size() + 1));
  }
  return rest;
}

json_node project(const json_node& node, const std::vector<std::string_view>& paths) {
  json_node shown;
  shown.type = node.type;
  for (const auto& item : node.items) {
    if (item.is_object()) shown.items.push_back(project(item, paths));
  }
  for (const auto& [name, value] : node.members) {
    auto rest = below(paths, name);
    if (rest.empty()) continue;
    bool whole = std::find(rest.begin(), rest.end(), std::string_view()) != rest.end();
    bool nested = value.is_object() || value.type == json_node::kind::array;
    if (whole) {
      shown.members.push_back({name, value});
    } else if (nested) {
      shown.members.push_back({name, project(value, rest)});
    }
  }
  return shown;
}

// Of a word at the end, in small or capital letters.
bool strip_word(std::string_view& term, std::string_view word) {
  auto same = [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && (a | 0x20) == b); };
  if (term.size() <= word.size() || term[term.size() - word.size() - 1] != ' ') return false;
  auto end = term.substr(term.size() - word.size());
  if (!std::equal(end.begin(), end.end(), word.begin(), same)) return false;
  term = trimmed(term.substr(0, term.size() - word.size()));
  return true;
}

// "-age", as other databases write "age desc".
bool strip_minus(std::string_view& term) {
  if (term.size() < 2 || term.front() != '-') return false;
  term.remove_prefix(1);
  return true;
}

// The whole of it must be a name in quotes; empty: it is not.
std::optional<std::string> unquoted(std::string_view text) {
  std::string name;
  if (text.size() < 3 || text.front() != '"') return std::nullopt;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"' && i + 1 == text.size()) return name;
    if (text[i] == '"' && text[++i] != '"') return std::nullopt;
    name += text[i];
  }
  return std::nullopt;
}

std::optional<std::string> plain_name(std::string_view text) {
  bool readable = !text.empty() && text.find_first_of(" \t\n") == text.npos && std::string_view("-+{[\"").find(text.front()) == text.npos;
  return readable ? std::optional<std::string>(text) : std::nullopt;
}

}  // namespace

base::result<projection> projection::parse(std::string_view fields) {
  projection p;
  for (auto part : parts_of(fields, end_of_name)) {
    if (part.empty()) return bad_list("a list of fields needs a name between its commas, like id, email");
    if (auto bad = unusable_path(part)) return *bad;
    p.paths_.emplace_back(part);
  }
  if (p.paths_.size() > max_terms) return bad_list(fmt::format("at most {} fields can be named", max_terms));
  return p;
}

json_node projection::apply(const json_node& row) const {
  if (everything()) return row;
  return project(row, {paths_.begin(), paths_.end()});
}

base::result<sort_order> sort_order::parse(std::string_view terms) {
  sort_order order;
  for (auto part : parts_of(terms, end_of_term)) {
    auto given = part;
    bool descending = strip_word(part, "desc");
    bool said = descending || strip_word(part, "asc");
    if (!said) descending = strip_minus(part);
    auto name = part.starts_with('"') ? unquoted(part) : plain_name(part);
    if (!name) return bad_list(fmt::format("a sort order is like age desc, name; {} is not", shown_value(json_node::make_string(std::string(given)))));
    if (auto bad = unusable_path(*name)) return *bad;
    order.terms_.push_back({std::move(*name), descending});
  }
  if (order.terms_.size() > max_terms) return bad_list(fmt::format("at most {} fields can be named", max_terms));
  return order;
}

sort_order::key sort_order::key_of(const json_node& row) const {
  key values;
  for (const auto& term : terms_) {
    const auto* value = first_at_path(row, term.path);
    values.push_back(value ? *value : json_node{});
  }
  return values;
}

bool sort_order::before(const key& a, const key& b) const {
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    auto order = compare_values(a[i], b[i]);
    if (order != 0) return (order < 0) != terms_[i].descending;
  }
  return false;
}

}  // namespace dbcord::protocol
