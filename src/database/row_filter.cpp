#include "database/row_filter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/canonical_value.hpp"

namespace dbcord::database {
namespace {

// "a.b" is the member b of a, or, where there is one, the member "a.b".
const protocol::json_node* resolve(const protocol::json_node& row, std::string_view path) {
  if (const auto* direct = row.find(path)) return direct;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const auto* inner = row.find(path.substr(0, dot));
    if (!inner || !inner->is_object()) continue;
    if (const auto* found = resolve(*inner, path.substr(dot + 1))) return found;
  }
  return nullptr;
}

bool has_operator(const protocol::json_node& value) {
  return std::any_of(value.members.begin(), value.members.end(), [](const auto& m) { return m.first.starts_with('$'); });
}

}  // namespace

base::result<row_filter> row_filter::parse(std::string_view where_json) {
  auto where = protocol::parse_json(where_json);
  if (!where) {
    return base::error(errc::invalid_query, fmt::format("where_json is not valid JSON: {}", where.error().message));
  }
  if (!where->is_object()) {
    return base::error(errc::invalid_query, "where_json must be a JSON object like {\"role\": \"admin\"}");
  }
  row_filter filter;
  for (auto& [path, value] : where->members) {
    if (path.starts_with('$') || has_operator(value)) {
      return base::error(errc::invalid_query, "where_json uses an operator that begins with $; so far a find compares fields for equality "
                                              "only, like {\"role\": \"admin\"}");
    }
    condition c{path, value, protocol::canonical(value), {}};
    if (value.type == protocol::json_node::kind::string) c.verbatim = protocol::to_json(value);
    filter.conditions_.push_back(std::move(c));
  }
  return filter;
}

bool row_filter::matches(std::string_view row_json) const {
  // Rows and values are written by the same serialiser, so a string that does not stand in the text is not in the row.
  for (const auto& c : conditions_) {
    if (!c.verbatim.empty() && row_json.find(c.verbatim) == std::string_view::npos) return false;
  }
  if (conditions_.empty()) return true;
  auto row = protocol::parse_json(row_json);
  if (!row) return false;
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const condition& c) {
    const auto* value = resolve(*row, c.path);
    return value ? protocol::canonical(*value) == c.canonical : c.value.type == protocol::json_node::kind::null;
  });
}

std::optional<std::string> row_filter::key(std::string_view primary_key) const {
  for (const auto& c : conditions_) {
    if (c.path == primary_key) return protocol::key_text(c.value);
  }
  return std::nullopt;
}

}  // namespace dbcord::database
