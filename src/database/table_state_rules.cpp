// The part of table_state that is about rules: schema and indexes.

#include <fmt/format.h>

#include <algorithm>

#include "database/table_state.hpp"
#include "dbcord/base/assert.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t max_indexes = 32;
constexpr std::size_t examples_shown = 3;

// Rows present that stand in the way of a new rule.
struct offenders {
  std::size_t count = 0;
  std::string examples;
  std::optional<ticket> rests_on;

  void add(const std::string& example, std::optional<ticket> pending) {
    if (++count <= examples_shown) examples += (examples.empty() ? "" : "; ") + example;
    if (pending) rests_on = pending;
  }
};

decision refuse(errc code, std::string sentence, std::optional<ticket> rests_on = std::nullopt) {
  return {std::nullopt, base::error(code, std::move(sentence)), rests_on};
}

}  // namespace

template <class Visit>
void table_state::each_effective(Visit visit) const {
  for (const auto& [key, row] : rows_) {
    auto now = effective_row(key);
    if (now.exists) visit(std::string(key), now);
  }
  for (const auto& [key, versions] : pending_) {
    if (rows_.contains(key)) continue;
    auto now = effective_row(key);
    if (now.exists) visit(key, now);
  }
}

std::optional<decision> table_state::refusal_by_rules(const std::string& key, const protocol::json_node& row,
                                                      claimed_values* claimed) const {
  if (auto bad = schema_.effective().check(row)) {
    return refuse(errc::schema_violation, fmt::format("row \"{}\" does not fit the schema of table {}: {}", key, definition_.name, *bad),
                  schema_.owner());
  }
  auto look = [this](const std::string& other) {
    auto now = effective_row(other);
    table_indexes::effective seen{std::nullopt, now.pending};
    if (now.exists) seen.row = parsed(now.json);
    return seen;
  };
  auto conflict = indexes_.conflict(key, row, look);
  if (!conflict && claimed) conflict = indexes_.claim(*claimed, key, row);
  if (!conflict) return std::nullopt;
  return refuse(errc::duplicate_value,
                fmt::format("the field {} is unique in table {}, and row \"{}\" has {} already", conflict->field, definition_.name,
                            conflict->holder, conflict->value),
                conflict->rests_on);
}

decision table_state::decide_schema(const protocol::row_schema& schema, bool force, const evicted_rows_check& evicted) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  offenders bad;
  auto look = [&](const std::string& key, const effective& now) {
    if (!now.evicted) {
      if (auto why = schema.check(parsed(now.json))) bad.add(fmt::format("row \"{}\": {}", key, *why), now.pending);
      return;
    }
    auto known = evicted.bad.find(key);
    if (known != evicted.bad.end() && known->second.first == rows_.find(key)->lsn) bad.add(fmt::format("row \"{}\": {}", key, known->second.second), {});
  };
  if (!force) each_effective(look);
  if (bad.count > 0) {
    return refuse(errc::schema_violation,
                  fmt::format("{} of table {} would not fit ({}); change them first, or set the schema with force:true",
                              bad.count == 1 ? "1 row" : fmt::format("{} rows", bad.count), definition_.name, bad.examples),
                  bad.rests_on);
  }
  return {protocol::set_schema{definition_.table, schema.json()}, std::nullopt, std::nullopt, {}};
}

std::vector<std::string> table_state::unchecked(const evicted_rows_check& evicted) const {
  std::vector<std::string> keys;
  for (const auto& [key, row] : rows_) {
    if (!row.resident && row.lsn > evicted.to_lsn) keys.emplace_back(key);
  }
  return keys;
}

decision table_state::decide_create_index(std::string field, bool unique) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (indexes_.exists(field)) {
    return refuse(errc::already_exists, fmt::format("table {} has an index on {} already", definition_.name, field));
  }
  if (indexes_.count() >= max_indexes) {
    return refuse(errc::limit_reached, fmt::format("table {} has {} indexes already, which is the most a table may have", definition_.name, max_indexes));
  }
  if (auto lacking = lacking_digest(); !lacking.empty()) return {std::nullopt, std::nullopt, std::nullopt, std::move(lacking)};
  protocol::create_index definition{definition_.table, indexes_.next_id(), std::move(field), unique};
  if (!unique) return {std::move(definition), std::nullopt, std::nullopt};
  offenders bad;
  secondary_index seen(definition);
  each_effective([&](const std::string& key, const effective& now) {
    auto row = parsed(now.json);
    auto pending = now.pending;
    for (const auto& value : seen.unique_values_of(row)) {
      if (const auto* holders = seen.holders(value)) {
        const auto& holder = *holders->begin();
        bad.add(fmt::format("rows \"{}\" and \"{}\" have {}", holder, key, protocol::shown_value(value)),
                pending ? pending : effective_row(holder).pending);
      }
    }
    seen.add(key, row);
  });
  if (bad.count > 0) {
    return refuse(errc::duplicate_value, fmt::format("{} cannot be unique in table {}: {}", definition.field, definition_.name, bad.examples),
                  bad.rests_on);
  }
  return {std::move(definition), std::nullopt, std::nullopt};
}

decision table_state::decide_drop_index(const std::string& field) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (const auto* index = indexes_.on(field)) {
    return {protocol::drop_index{definition_.table, index->definition().index}, std::nullopt, std::nullopt};
  }
  return refuse(errc::invalid_query, fmt::format("table {} has no index on {}", definition_.name, field));
}

decision table_state::decide_history(std::uint64_t versions, std::uint64_t days) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  return {protocol::set_history{definition_.table, versions, days * 24 * 3600}, std::nullopt, std::nullopt};
}

void table_state::build_index(const protocol::create_index& definition, std::optional<ticket> owner) {
  indexes_.create(definition, owner);
  for (const auto& [key, row] : rows_) indexes_.add_row_to(definition.index, std::string(key), parsed(row.indexed_fields()));
  for (const auto& [key, versions] : pending_) {
    for (const auto& v : versions) {
      if (v.json) indexes_.add_pending_to(definition.index, v.owner, key, parsed(*v.json));
    }
  }
}

std::vector<std::string> table_state::damaged_indexes() const {
  std::vector<std::string> damaged;
  for (const auto& definition : indexes_.definitions()) {
    secondary_index rebuilt(definition);
    for (const auto& [key, row] : rows_) rebuilt.add(std::string(key), parsed(row.indexed_fields()));
    const auto& present = indexes_.on(definition.field)->all();
    bool same = std::equal(present.begin(), present.end(), rebuilt.all().begin(), rebuilt.all().end(), [](const auto& a, const auto& b) {
      return protocol::compare_values(a.first, b.first) == 0 && a.second == b.second;
    });
    if (!same) damaged.push_back(definition.field);
  }
  return damaged;
}

void table_state::add_pending_rule(ticket t, const protocol::operation& op) {
  if (const auto* s = std::get_if<protocol::set_schema>(&op)) {
    auto schema = protocol::row_schema::parse(s->json);
    DBCORD_ASSERT(schema.has_value());
    schema_.add_pending(t, std::move(*schema));
  }
  if (const auto* i = std::get_if<protocol::create_index>(&op)) build_index(*i, t);
  if (std::holds_alternative<protocol::drop_table>(op)) drop_owner_ = t;
}

void table_state::drop_pending_rule(ticket t, const protocol::operation& op) {
  if (std::holds_alternative<protocol::set_schema>(op)) schema_.drop_pending(t);
  if (const auto* i = std::get_if<protocol::create_index>(&op)) indexes_.drop(i->index);
  if (drop_owner_ == t) drop_owner_.reset();
}

// A rule that was pending here becomes what holds; one from the log (recovery) is made now.
void table_state::commit_rule(const protocol::operation& op) {
  if (const auto* s = std::get_if<protocol::set_schema>(&op)) {
    auto schema = protocol::row_schema::parse(s->json);
    DBCORD_ASSERT(schema.has_value());
    schema_.set(std::move(*schema));
  }
  if (const auto* i = std::get_if<protocol::create_index>(&op)) {
    if (!indexes_.exists(i->field)) {  // recovery
      rows_.mark_digests_incomplete();
      build_index(*i, std::nullopt);
    }
    indexes_.publish(i->index);
  }
  if (const auto* d = std::get_if<protocol::drop_index>(&op)) indexes_.drop(d->index);
  if (const auto* h = std::get_if<protocol::set_history>(&op)) {
    history_.set_limits({static_cast<std::uint32_t>(h->versions), std::chrono::seconds(h->age_s)}, garbage_);
  }
  if (const auto* l = std::get_if<protocol::set_layout>(&op)) layout_ = l->layout;
  if (std::holds_alternative<protocol::drop_table>(op)) forget_everything();
}

}  // namespace dbcord::database
