#include "commands/csv_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

#include "commands/csv_value.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

using path_texts = std::vector<std::string>;

base::error bad_header(std::string what) { return {base::errc::invalid_argument, fmt::format("file: the header {}.", what)}; }

std::string dotted(const path_texts& names) {
  std::string path;
  for (const auto& name : names) path += (path.empty() ? "" : ".") + name;
  return path;
}

// "address":"city": of the first `count` names; no other path has the same.
std::string joined(const path_texts& names, std::size_t count) {
  return std::accumulate(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count), std::string());
}

// Sees to it that no field is named twice, nor as a value and as an object.
class named_fields {
 public:
  std::optional<base::error> add(const path_texts& names, const std::string& shown) {
    auto whole = joined(names, names.size());
    if (values_.contains(whole)) return bad_header(fmt::format("has the field {} twice", quote(shown)));
    if (auto within = objects_.find(whole); within != objects_.end()) return both(shown, within->second);
    for (std::size_t n = 1; n < names.size(); ++n) {
      auto object = joined(names, n);
      if (auto value = values_.find(object); value != values_.end()) return both(value->second, shown);
      objects_.emplace(std::move(object), shown);
    }
    values_.emplace(std::move(whole), shown);
    return std::nullopt;
  }

 private:
  static base::error both(const std::string& value, const std::string& within) {
    return bad_header(fmt::format("has {} and {}: a field cannot be a value and an object", quote(value), quote(within)));
  }

  std::unordered_map<std::string, std::string> values_;   // and what they are called
  std::unordered_map<std::string, std::string> objects_;  // and a field in them
};

// Commas are a must; files of some spreadsheets have others.
std::optional<base::error> check_separator(const csv_record& header) {
  const auto& only = header.cells.front();
  if (header.count > 1 || only.quoted) return std::nullopt;
  auto at = only.text.find_first_of(";\t");
  if (at == std::string::npos) return std::nullopt;
  return bad_header(fmt::format("has no comma but {}; save the file with commas between the cells", only.text[at] == ';' ? "`;`" : "tabs"));
}

std::optional<base::error> check_size(const csv_record& header) {
  if (header.count == 0) return base::error(base::errc::invalid_argument, "file: it is empty; the first line of CSV names the fields, like id,name,city.");
  if (header.count > most_csv_columns) return bad_header(fmt::format("names {} fields; {} can be imported", header.count, most_csv_columns));
  return check_separator(header);
}

}  // namespace

base::result<csv_columns> csv_columns::from_header(const csv_record& header, const protocol::row_schema& schema) {
  if (auto bad = check_size(header)) return *bad;
  std::map<std::string_view, const protocol::field_rule*> rules;
  for (const auto& rule : schema.rules()) rules.emplace(rule.path, &rule);
  csv_columns columns;
  named_fields fields;
  for (const auto& head : header.cells) {
    if (head.text.empty()) return bad_header(fmt::format("has no name in column {}", columns.size() + 1));
    auto path = path_of_head(head);
    if (!path) return bad_header("is not usable: " + path.error().message);
    column c;
    c.rule.path = dotted(*path);
    if (auto rule = rules.find(c.rule.path); rule != rules.end()) c.rule = *rule->second;
    for (const auto& name : *path) {
      protocol::append_json_string(c.names.emplace_back(), name);
      c.names.back() += ':';
    }
    if (auto bad = fields.add(c.names, c.rule.path)) return *bad;
    columns.columns_.push_back(std::move(c));
  }
  columns.set_places();
  return columns;
}

bool csv_columns::has(std::string_view field) const {
  return std::any_of(columns_.begin(), columns_.end(), [&](const column& c) { return c.names.size() == 1 && c.rule.path == field; });
}

// An object's fields stand together, where its first one stands.
void csv_columns::set_places() {
  std::unordered_map<std::string, std::size_t> first;
  std::vector<std::pair<std::vector<std::size_t>, std::size_t>> order;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& names = columns_[i].names;
    std::vector<std::size_t> rank;
    for (std::size_t n = 1; n <= names.size(); ++n) rank.push_back(first.emplace(joined(names, n), i).first->second);
    order.emplace_back(std::move(rank), i);
  }
  std::sort(order.begin(), order.end());
  for (std::size_t place = 0; place < order.size(); ++place) columns_[order[place].second].place = place;
}

std::vector<std::size_t> csv_columns::filled_columns(const csv_record& record) const {
  std::vector<std::size_t> filled;
  for (std::size_t i = 0; i < record.cells.size(); ++i)
    if (!record.cells[i].is_empty()) filled.push_back(i);
  auto before = [&](std::size_t a, std::size_t b) { return columns_[a].place < columns_[b].place; };
  if (!std::is_sorted(filled.begin(), filled.end(), before)) std::sort(filled.begin(), filled.end(), before);
  return filled;
}

base::result<std::string> csv_columns::row_of(const csv_record& record) const {
  if (record.count > columns_.size())
    return base::error(base::errc::invalid_argument,
                       fmt::format("it has {}, but the header names {}", count(record.count, "cell"), count(columns_.size(), "field")));
  std::string json = "{";
  const path_texts none(1);
  const auto* last = &none;  // the path of the field before
  for (auto i : filled_columns(record)) {
    const auto& c = columns_[i];
    auto value = value_of_cell(record.cells[i], c.rule);
    if (!value) return value.error();
    std::size_t common = 0;  // objects that both lie in
    while (common + 1 < std::min(last->size(), c.names.size()) && (*last)[common] == c.names[common]) ++common;
    json.append(last->size() - 1 - common, '}');
    if (json.back() != '{') json += ',';
    for (std::size_t n = common; n + 1 < c.names.size(); ++n) json += c.names[n] + '{';
    json += c.names.back() + *value;
    last = &c.names;
  }
  json.append(last->size(), '}');
  return json;
}

}  // namespace dbcord::commands
