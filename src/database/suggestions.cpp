#include "database/suggestions.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t rows_looked_at = 32;             // from each end of the table
constexpr std::size_t row_bytes_looked_at = 64 * 1024;

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

void add_fields(std::set<std::string>& into, const stored_row& row) {
  if (!is_looked_at(row)) return;
  auto node = protocol::parse_json(row.json);
  if (!node) return;
  for (const auto& member : node->members) into.insert(member.first);
}

void add_schema(std::set<std::string>& into, const std::string& schema_json) {
  auto schema = protocol::parse_json(schema_json);
  const auto* properties = schema ? schema->find("properties") : nullptr;
  if (!properties) return;
  for (const auto& member : properties->members) into.insert(member.first);
}

void add_indexes(std::set<std::string>& into, const table_state& state) {
  for (const auto& index : state.indexes().all()) into.insert(index.definition.field);
}

}  // namespace

std::vector<std::string> suggestions(const table_state& state, suggestion what, std::string_view typed, std::size_t limit) {
  if (what == suggestion::keys) return keys(state, typed, limit);
  if (what == suggestion::rows) return some_rows(state, limit);
  std::set<std::string> names;
  add_indexes(names, state);
  if (what == suggestion::fields) {
    names.insert(state.definition().primary_key);
    add_schema(names, state.schema().json());
    visit_some(state, [&](const stored_row& row) { add_fields(names, row); });
  }
  std::vector<std::string> found;
  for (const auto& name : names) {
    if (name.starts_with(typed) && found.size() < limit) found.push_back(name);
  }
  return found;
}

}  // namespace dbcord::database
