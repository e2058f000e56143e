// The part of table_state that is about rules: schema and indexes.

#include <fmt/format.h>

#include <algorithm>

#include "database/not_unique_text.hpp"
#include "database/rows_in_the_way.hpp"
#include "database/table_state.hpp"
#include "dbcord/base/assert.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t max_indexes = 32;
constexpr std::uint64_t least_entry = 250;  // bytes of a row's entry in an index

}  // namespace

std::optional<decision> table_state::refusal_by_rules(const std::string& key, const protocol::json_node& row,
                                                      claimed_values* claimed) const {
  if (auto bad = schema_.effective().check(row)) {
    return refuse(errc::schema_violation, fmt::format("row \"{}\" does not fit the schema of table {}: {}", key, definition_.name, *bad),
                  schema_.owner());
  }
  if (auto full = indexes_.find_overfull(row)) return refuse(errc::too_large, too_many_values(key, full->field, full->values), full->rests_on);
  auto look = [this](const std::string& other) { return look_for_index(other); };
  auto conflict = indexes_.conflict(key, row, look);
  if (!conflict && claimed) conflict = indexes_.claim(*claimed, key, row);
  if (!conflict) return std::nullopt;
  return refuse(errc::duplicate_value,
                fmt::format("the field {} is unique in table {}, and row \"{}\" has {} already", conflict->field, definition_.name,
                            conflict->holder, conflict->value),
                conflict->rests_on);
}

std::string table_state::too_many_values(std::string_view key, std::string_view field, std::size_t values) const {
  return fmt::format("row \"{}\" has {} values in the field {}; a row may have {} in an index, where a list counts with each of its items", key, values, field, max_indexed_values);
}

std::uint64_t table_state::index_growth(const std::string& key, const effective& now, const protocol::json_node& row) const {
  if (indexes_.empty()) return 0;
  if (!now.exists) return indexes_.growth(key, nullptr, row);
  auto before = indexed(now.json);
  return indexes_.growth(key, &before, row);
}

void table_state::disclaim(claimed_values& claimed, const protocol::put_row& put) const {
  if (!indexes_.empty()) indexes_.disclaim(claimed, put.key, indexed(put.json));
}

table_indexes::effective table_state::look_for_index(const std::string& key) const {
  auto now = effective_row(key);
  table_indexes::effective seen{std::nullopt, now.pending};
  if (now.exists) seen.row = indexed(now.json);
  return seen;
}

decision table_state::decide_schema(const protocol::row_schema& schema, bool force, const evicted_rows_check& evicted) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (alteration_) return refuse(errc::already_exists, being_altered());
  rows_in_the_way bad;
  auto look = [&](const std::string& key, const effective& now) {
    if (!now.evicted) {
      if (auto why = schema.check(parsed(now.json))) bad.add(fmt::format("row \"{}\": {}", key, *why), now.pending);
      return;
    }
    bad.add_evicted(key, rows_.find(key)->lsn, evicted);
  };
  if (!force) each_effective(look);
  if (!bad.unknown.empty()) return {std::nullopt, std::nullopt, std::nullopt, std::move(bad.unknown)};
  if (bad.count > 0) {
    return refuse(errc::schema_violation,
                  fmt::format("{} of table {} would not fit ({}); change them first, or set the schema with force:true",
                              bad.count == 1 ? "1 row" : fmt::format("{} rows", bad.count), definition_.name, bad.examples),
                  bad.rests_on);
  }
  return {protocol::set_schema{definition_.table, schema.json()}, std::nullopt, std::nullopt, {}};
}

// All that have changed since if one of them is evicted: while that is read the others may be evicted, too.
std::vector<std::string> table_state::unchecked(const evicted_rows_check& evicted) const {
  std::vector<std::string> keys;
  bool some = false;
  for (const auto& [key, row] : rows_) {
    if (row.lsn <= evicted.to_lsn) continue;
    some = some || !row.resident;
    keys.emplace_back(key);
  }
  return some ? keys : std::vector<std::string>();
}

decision table_state::decide_create_index(std::string field, bool unique, std::size_t at_once, bool channel) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (indexes_.exists(field)) {
    return refuse(errc::already_exists, fmt::format("table {} has an index on {} already", definition_.name, field));
  }
  if (alteration_) return refuse(errc::already_exists, being_altered());
  if (indexes_.count() >= max_indexes) {
    return refuse(errc::limit_reached, fmt::format("table {} has {} indexes already, which is the most a table may have", definition_.name, max_indexes));
  }
  protocol::create_index definition{definition_.table, indexes_.next_id(), std::move(field), unique};
  definition.channel = channel;
  definition.building = rows_.size() > at_once || !std::all_of(rows_.begin(), rows_.end(), [](const auto& entry) { return entry.row.resident; });
  if (definition.building) return {std::move(definition), std::nullopt, std::nullopt, {}, rows_.size() * least_entry};
  rows_in_the_way bad, full;
  std::uint64_t bytes = 0;
  secondary_index seen(definition);
  each_effective([&](const std::string& key, const effective& now) {
    auto row = parsed(now.json);
    auto pending = now.pending;
    if (auto values = seen.count_values_of(row); values > max_indexed_values) {
      full.add(too_many_values(key, definition.field, values), pending);
      return;
    }
    auto entries = seen.memory_of(key, row);
    bytes += entries + std::min<std::uint64_t>(entries, now.json.size());  // what indexes look at cannot be evicted any more
    if (!unique) return;
    for (const auto& value : seen.unique_values_of(row)) {
      if (const auto* holders = seen.holders(value)) {
        const auto& holder = *holders->begin();
        bad.add(fmt::format("rows \"{}\" and \"{}\" have {}", holder, key, protocol::shown_value(value)),
                pending ? pending : effective_row(holder).pending);
      }
    }
    seen.add(key, row);
  });
  if (full.count > 0) return refuse(errc::too_large, fmt::format("the field {} of table {} cannot have an index: {}", definition.field, definition_.name, full.examples), full.rests_on);
  if (bad.count > 0) {
    return refuse(errc::duplicate_value, not_unique_text(definition.field, definition_.name) + bad.examples, bad.rests_on);
  }
  return {std::move(definition), std::nullopt, std::nullopt, {}, bytes};
}

decision table_state::decide_index_outcome(protocol::index_id index, bool complete) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  const auto* built = indexes_.being_built(index);
  if (!built) return refuse(errc::invalid_query, fmt::format("table {} is not building that index", definition_.name));
  auto clash = indexes_.find_clash(index, [this](const std::string& key) { return look_for_index(key); });
  if (clash) {
    auto why = not_unique_text(built->definition().field, definition_.name) + fmt::format("rows \"{}\" and \"{}\" have {}", clash->first, clash->second, clash->value);
    if (clash->rests_on) return refuse(errc::duplicate_value, std::move(why), clash->rests_on);
    return {protocol::index_outcome{definition_.table, index, false, std::move(why)}, std::nullopt, std::nullopt};
  }
  if (!complete) return refuse(errc::conflict, "not all rows are in the index yet");
  return {protocol::index_outcome{definition_.table, index, true, {}}, std::nullopt, std::nullopt};
}

decision table_state::decide_index_failure(protocol::index_id index, std::string why) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (!indexes_.being_built(index)) return refuse(errc::invalid_query, fmt::format("table {} is not building that index", definition_.name));
  return {protocol::index_outcome{definition_.table, index, false, std::move(why)}, std::nullopt, std::nullopt};
}

decision table_state::decide_drop_index(const std::string& field) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (auto index = indexes_.status(field)) {
    return {protocol::drop_index{definition_.table, index->definition.index}, std::nullopt, std::nullopt};
  }
  return refuse(errc::invalid_query, fmt::format("table {} has no index on {}", definition_.name, field));
}

decision table_state::decide_index_channel(const std::string& field, bool on) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  auto index = indexes_.status(field);
  if (!index) return refuse(errc::invalid_query, fmt::format("table {} has no index on {}", definition_.name, field));
  if (index->state == index_state::failed) {
    return refuse(errc::invalid_query, fmt::format("the index on {} of table {} could not be built, so there is nothing to show: {}", field, definition_.name, index->why));
  }
  auto id = index->definition.index;
  if (auto pending = indexes_.channel_pending(id)) return refuse(errc::conflict, "whether it has a channel is being changed", pending);
  if (index->definition.channel == on) return refuse(errc::already_exists, "nothing is to be changed");
  return {protocol::set_index_channel{definition_.table, id, on}, std::nullopt, std::nullopt};
}

decision table_state::decide_history(std::uint64_t versions, std::uint64_t days) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  return {protocol::set_history{definition_.table, versions, days * 24 * 3600}, std::nullopt, std::nullopt};
}

// Complete at once, unless it is to be built.
void table_state::begin_index(const protocol::create_index& definition, std::optional<ticket> owner) {
  indexes_.create(definition, owner);
  if (definition.building) {
    rows_.mark_digests_incomplete();
  } else {
    fill_index(definition.index);
  }
  for (const auto& [key, versions] : pending_) {
    for (const auto& v : versions) {
      if (v.json) indexes_.add_pending_to(definition.index, v.owner, key, indexed(*v.json));
    }
  }
}

void table_state::fill_index(protocol::index_id index) {
  for (const auto& [key, row] : rows_) indexes_.add_row_to(index, std::string(key), indexed(row.indexed_fields()));
}

table_state::backfill_slice table_state::backfill(protocol::index_id index, std::string_view after, const room_function& has_room) {
  constexpr std::size_t slice_rows = 256, slice_bytes = 512 * 1024;  // a few milliseconds, and what is read at a time
  backfill_slice slice;
  const auto* built = indexes_.being_built(index);
  slice.gone = built == nullptr;
  if (slice.gone) return slice;
  auto it = rows_.upper_bound(after);
  std::uint64_t added = 0, lacking_bytes = 0;
  for (std::size_t bytes = 0; it != rows_.end() && slice.rows < slice_rows && bytes < slice_bytes; ++it, ++slice.rows) {
    auto row = it.row();
    std::string key(it.key());
    bytes += row.json_size;
    if (row.resident || row.digest_complete) {
      auto seen = indexed(row.indexed_fields());
      if (auto values = built->count_values_of(seen); values > max_indexed_values) {
        slice.obstacle = fmt::format("the field {} of table {} cannot have an index: {}", built->definition().field, definition_.name, too_many_values(key, built->definition().field, values));
        return slice;
      }
      auto more = built->memory_lacking_of(key, seen);
      // What an index looks at cannot be evicted any more; the account learns that when eviction has tried, which is behind this slice.
      auto stays = row.resident ? std::min(more, row.json_size) : 0;
      if (more > 0 && has_room && !has_room(slice.rows > 0 ? added + more + stays : more)) {
        slice.wants = more;
        return slice;
      }
      added += more + stays;
      indexes_.add_row_to(index, key, seen);
    } else {
      lacking_bytes += row.json_size;  // of which it may keep all
      if (has_room && slice.rows > 0 && !has_room(added + lacking_bytes)) break;
      slice.lacking.push_back(key);
    }
    slice.last = std::move(key);
  }
  slice.ended = it == rows_.end();
  slice.shared = !built->shared().empty();
  return slice;
}

std::vector<std::string> table_state::build_again_incomplete_indexes() {
  std::vector<std::string> fields;
  for (auto& index : indexes_.all()) {
    bool needed = std::find(digests_needed_.begin(), digests_needed_.end(), index.definition.index) != digests_needed_.end();
    if (!needed || index.state != index_state::ready) continue;
    indexes_.build_again(index.definition.index);
    fields.push_back(std::move(index.definition.field));
  }
  digests_needed_.clear();
  return fields;
}

std::vector<std::string> table_state::still_lacking(std::vector<std::string> keys) const {
  std::erase_if(keys, [this](const std::string& key) {
    auto row = rows_.find(key);
    return !row || row->resident || row->digest_complete;
  });
  return keys;
}

// One that is being built holds a part of what the rows give.
std::vector<std::string> table_state::damaged_indexes() const {
  std::vector<std::string> damaged;
  auto alike = [](const auto& a, const auto& b) { return protocol::compare_values(a.first, b.first) == 0 && a.second == b.second; };
  auto within = [](const secondary_index& part, const secondary_index& whole) {
    return std::all_of(part.all().begin(), part.all().end(), [&](const auto& entry) {
      const auto* holders = whole.holders(entry.first);
      return holders && std::includes(holders->begin(), holders->end(), entry.second.begin(), entry.second.end());
    });
  };
  for (const auto& index : indexes_.all()) {
    if (index.state == index_state::failed) continue;
    secondary_index rebuilt(index.definition);
    for (const auto& [key, row] : rows_) rebuilt.add(std::string(key), indexed(row.indexed_fields()));
    const auto* ready = indexes_.on(index.definition.field);
    bool sound = ready ? std::equal(ready->all().begin(), ready->all().end(), rebuilt.all().begin(), rebuilt.all().end(), alike)
                       : within(*indexes_.being_built(index.definition.index), rebuilt);
    if (!sound) damaged.push_back(index.definition.field);
  }
  return damaged;
}

void table_state::add_pending_rule(ticket t, const protocol::operation& op) {
  if (const auto* s = std::get_if<protocol::set_schema>(&op)) {
    auto schema = protocol::row_schema::parse(s->json);
    DBCORD_ASSERT(schema.has_value());
    schema_.add_pending(t, std::move(*schema));
  }
  if (const auto* i = std::get_if<protocol::create_index>(&op)) begin_index(*i, t);
  if (const auto* c = std::get_if<protocol::set_index_channel>(&op)) indexes_.set_channel_pending(c->index, t);
  if (std::holds_alternative<protocol::begin_alteration>(op)) alteration_owner_ = t;
  if (std::holds_alternative<protocol::drop_table>(op)) drop_owner_ = t;
  if (const auto* m = std::get_if<protocol::move_table>(&op)) pending_move_ = pending_move{t, m->last};
}

void table_state::drop_pending_rule(ticket t, const protocol::operation& op) {
  if (std::holds_alternative<protocol::set_schema>(op)) schema_.drop_pending(t);
  if (const auto* i = std::get_if<protocol::create_index>(&op)) indexes_.drop(i->index);
  if (const auto* c = std::get_if<protocol::set_index_channel>(&op)) indexes_.set_channel_pending(c->index, std::nullopt);
  if (std::holds_alternative<protocol::begin_alteration>(op)) alteration_owner_.reset();
  if (drop_owner_ == t) drop_owner_.reset();
  if (pending_move_ && pending_move_->owner == t) pending_move_.reset();
}

// A rule that was pending here becomes what holds; one from the log (recovery) is made now.
void table_state::commit_rule(const protocol::operation& op) {
  if (const auto* s = std::get_if<protocol::set_schema>(&op)) {
    auto schema = protocol::row_schema::parse(s->json);
    DBCORD_ASSERT(schema.has_value());
    schema_.set(std::move(*schema));
  }
  if (const auto* i = std::get_if<protocol::create_index>(&op)) {
    if (!indexes_.contains(i->index)) {  // recovery
      rows_.mark_digests_incomplete();
      begin_index(*i, std::nullopt);
      if (i->building) fill_index(i->index);  // with what memory has; the rest is read when the database is open
      if (!i->building) digests_needed_.push_back(i->index);
    }
    indexes_.publish(i->index);
  }
  if (const auto* o = std::get_if<protocol::index_outcome>(&op)) {
    indexes_.settle(o->index, o->ready, o->why);
    if (o->ready) digests_needed_.push_back(o->index);
    if (!o->ready) rows_.begin_trimming();
  }
  if (const auto* d = std::get_if<protocol::drop_index>(&op)) {
    indexes_.drop(d->index);
    rows_.begin_trimming();
  }
  if (const auto* c = std::get_if<protocol::set_index_channel>(&op)) indexes_.set_channel(c->index, c->on);
  if (const auto* a = std::get_if<protocol::begin_alteration>(&op)) begin_altering(*a);
  if (std::holds_alternative<protocol::end_alteration>(op)) alteration_.reset();
  if (const auto* h = std::get_if<protocol::set_history>(&op)) {
    history_.set_limits({static_cast<std::uint32_t>(h->versions), std::chrono::seconds(h->age_s)}, live_versions(), garbage_);
    next_expiry_ = {};
  }
  if (const auto* l = std::get_if<protocol::set_layout>(&op)) layout_ = l->layout;
  if (const auto* m = std::get_if<protocol::move_table>(&op)) move_to(*m);
  if (std::holds_alternative<protocol::drop_table>(op)) forget_everything();
}

}  // namespace dbcord::database
