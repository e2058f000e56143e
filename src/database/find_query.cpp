#include "database/find_query.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/row_access.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {
namespace {

base::error wrong(std::string_view argument, const base::error& why) {
  return {errc::invalid_query, fmt::format("{}: {}", argument, why.message)};
}

}  // namespace

base::result<find_query> find_query::parse(const find_request& request) {
  find_query q;
  auto where = protocol::predicate::parse(request.where_json);
  if (!where) return wrong("where_json", where.error());
  auto order = protocol::sort_order::parse(request.sort);
  if (!order) return wrong("sort", order.error());
  auto fields = protocol::projection::parse(request.fields);
  if (!fields) return wrong("fields", fields.error());
  q.where_ = std::move(*where);
  q.order_ = std::move(*order);
  q.fields_ = std::move(*fields);
  q.limit_ = request.limit;
  q.skip_ = request.skip;
  q.byte_budget_ = request.byte_budget;
  q.count_only_ = request.count_only;
  q.explain_only_ = request.explain_only;
  return q;
}

std::string find_query::explain(const table_state& table) const {
  return text_of(row_access(where_, table));
}

std::string find_query::text_of(const row_access& access) const {
  return order_.none() ? access.text() : access.text() + ", sorted in memory";
}

find_query::outcome find_query::run(const table_state& table) const {
  row_access access(where_, table);
  outcome all;
  all.plan = text_of(access);
  bool page_as_found = order_.none();
  access.each([&](std::string_view key, const stored_row& row) {
    if (!where_.matches(row.json)) return;
    auto position = all.matched++;
    if (count_only_) return;
    bool on_page = position >= skip_ && all.rows.size() < limit_;
    if (!page_as_found || on_page) all.rows.push_back({key, row});
  });
  return page_as_found ? all : sorted(std::move(all));
}

find_query::outcome find_query::sorted(outcome all) const {
  struct entry {
    protocol::sort_order::key key;
    found row;
  };
  std::vector<entry> entries;
  entries.reserve(all.rows.size());
  for (auto& row : all.rows) {
    auto node = protocol::parse_json(row.row.json);
    DBCORD_ASSERT(node.has_value());
    entries.push_back({order_.key_of(*node), row});
  }
  std::stable_sort(entries.begin(), entries.end(), [this](const entry& a, const entry& b) { return order_.before(a.key, b.key); });
  all.rows.clear();
  for (std::size_t i = skip_; i < entries.size() && all.rows.size() < limit_; ++i) all.rows.push_back(entries[i].row);
  return all;
}

std::string find_query::shown(const std::string& json) const {
  if (fields_.everything()) return json;
  auto node = protocol::parse_json(json);
  DBCORD_ASSERT(node.has_value());
  return protocol::to_json(fields_.apply(*node));
}

}  // namespace dbcord::database
