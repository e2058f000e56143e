#include "database/suggestions.hpp"

#include <algorithm>
#include <set>

#include "protocol/field_path.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t rows_looked_at = 32;             // from each end of the table
constexpr std::size_t row_bytes_looked_at = 64 * 1024;
constexpr std::size_t items_looked_at = 8;    // of each list
constexpr std::size_t nested_most = 1'000;  // paths into objects and lists that are collected

std::vector<std::string> keys(const table_state& state, std::string_view typed, std::size_t limit) {
  std::vector<std::string> found;
  const auto& rows = state.rows();
  for (auto it = rows.lower_bound(typed); it != rows.end() && found.size() < limit && it.key().starts_with(typed); ++it) {
    found.emplace_back(it.key());
  }
  return found;
}

// From the beginning of the table and from its end, as far as memory has them; none twice.
template <class Visit>
void visit_some(const table_state& state, Visit visit) {
  const auto& rows = state.rows();
  auto begin = rows.begin(), end = rows.end();
  for (std::size_t looked = 0; begin != end && looked < rows_looked_at; ++begin, ++looked) visit(begin.row());
  for (std::size_t looked = 0; begin != end && looked < rows_looked_at; ++looked) visit((--end).row());
}

bool is_looked_at(const stored_row& row) { return row.resident && row.json.size() <= row_bytes_looked_at; }

std::vector<std::string> some_rows(const table_state& state, std::size_t limit) {
  std::vector<std::string> found;
  visit_some(state, [&](const stored_row& row) {
    if (is_looked_at(row) && found.size() < limit) found.emplace_back(row.json);
  });
  return found;
}

using field_set = std::set<std::string>;

// As people name them: of the objects in a list, too ("items.price"). A name with a dot, or without anything, cannot be told from a path.
class path_collector {
 public:
  explicit path_collector(field_set& into) : into_(into) {}

  void add(const protocol::json_node& value, const std::string& above, std::size_t depth) {
    for (std::size_t i = 0; i < std::min(value.items.size(), items_looked_at); ++i) {
      if (value.items[i].is_object()) add(value.items[i], above, depth);
    }
    if (depth >= protocol::max_path_segments) return;
    for (const auto& [name, inner] : value.members) {
      if (into_.size() >= nested_most) return;
      if (name.empty() || name.find('.') != name.npos) continue;
      auto path = above + name;
      add(inner, path + ".", depth + 1);
      into_.insert(std::move(path));
    }
  }

 private:
  field_set& into_;
};

// `nested`: of those in the row's fields.
void add_fields(field_set& into, field_set& nested, const stored_row& row) {
  if (!is_looked_at(row)) return;
  auto node = protocol::parse_json(row.json);
  if (!node) return;
  path_collector within(nested);
  for (const auto& [name, value] : node->members) {
    if (name.find('.') == name.npos) within.add(value, name + ".", 1);
    into.insert(name);
  }
}

// Of a path that the schema names, what it leads through is a field as well.
void add_schema(field_set& into, const protocol::row_schema& schema) {
  for (const auto& rule : schema.rules()) {
    for (auto dot = rule.path.find('.'); dot != rule.path.npos; dot = rule.path.find('.', dot + 1)) into.insert(rule.path.substr(0, dot));
    into.insert(rule.path);
  }
}

void add_indexes(field_set& into, const table_state& state) {
  for (const auto& index : state.indexes().all()) into.insert(index.definition.field);
}

bool is_path(const std::string& name) { return name.find('.') != name.npos; }

// A row's own fields come before those within.
std::vector<std::string> some_beginning_with(std::string_view typed, const field_set& all, std::size_t limit) {
  std::vector<std::string> found;
  for (bool within : {false, true}) {
    for (const auto& name : all) {
      if (is_path(name) == within && name.starts_with(typed) && found.size() < limit) found.push_back(name);
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> suggestions(const table_state& state, suggestion what, std::string_view typed, std::size_t limit) {
  if (what == suggestion::keys) return keys(state, typed, limit);
  if (what == suggestion::rows) return some_rows(state, limit);
  field_set found, nested;
  add_indexes(found, state);
  if (what == suggestion::fields) {
    found.insert(state.definition().primary_key);
    add_schema(found, state.schema());
    visit_some(state, [&](const stored_row& row) { add_fields(found, nested, row); });
    found.merge(nested);
  }
  return some_beginning_with(typed, found, limit);
}

}  // namespace dbcord::database
