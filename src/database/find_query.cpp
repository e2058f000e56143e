#include "database/find_query.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/key_plan.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {
namespace {

base::error wrong(std::string_view argument, const base::error& why) {
  return {errc::invalid_query, fmt::format("{}: {}", argument, why.message)};
}

std::string text_of(const key_plan& plan, const table_state& table) {
  if (plan.keys && plan.keys->size() == 1) return "primary key, in memory, 0 requests";
  if (plan.keys) return fmt::format("{} primary keys, in memory, 0 requests", plan.keys->size());
  if (plan.range) return "range of primary keys, in memory, 0 requests";
  return fmt::format("scan of {} rows in memory, 0 requests", table.rows().size());
}

// Calls `consider` for every row that the plan does not rule out, in the order of keys.
template <class Fn>
void each_candidate(const key_plan& plan, const table_state& table, Fn consider) {
  const auto& rows = table.rows();
  if (plan.keys) {
    for (const auto& key : *plan.keys) {
      if (auto it = rows.find(key); it != rows.end()) consider(it->first, it->second);
    }
    return;
  }
  auto it = plan.range ? rows.lower_bound(plan.range->from) : rows.begin();
  for (; it != rows.end(); ++it) {
    if (plan.range && plan.range->past && it->first >= *plan.range->past) return;
    consider(it->first, it->second);
  }
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
  q.count_only_ = request.count_only;
  q.explain_only_ = request.explain_only;
  return q;
}

std::string find_query::explain(const table_state& table) const {
  auto text = text_of(plan_keys(where_, table.definition().primary_key), table);
  return order_.none() ? text : text + ", sorted in memory";
}

find_query::outcome find_query::run(const table_state& table) const {
  outcome all;
  all.plan = explain(table);
  bool page_as_found = order_.none();
  each_candidate(plan_keys(where_, table.definition().primary_key), table, [&](const std::string& key, const stored_row& row) {
    if (!where_.matches(row.json)) return;
    auto position = all.matched++;
    if (count_only_) return;
    bool on_page = position >= skip_ && all.rows.size() < limit_;
    if (!page_as_found || on_page) all.rows.push_back({&key, &row});
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
    auto node = protocol::parse_json(row.row->json);
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
