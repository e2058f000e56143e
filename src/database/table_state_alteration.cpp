// The part of table_state that is about altering columns: a field is added, dropped or renamed while the table is read and written.
//
// From the record of its beginning on, whatever is written gets the new form: rows as they are given, patches, sums. Rows present are written anew one after
// the other (next_to_alter), and are read as they lie until then. Indexes see every row as if it had the new form already, so a renamed field's index
// keeps its entries, and a unique one holds between rows of both forms.
//
// While it is under way it can be taken back, by the change that leads back (a rename the other way round, the drop of an added field, the addition of a dropped one),
// which takes its place: rows that it has not reached have the form that is wanted already, the others are brought there like any. A cancellation alone leaves rows
// of both forms.

#include <fmt/format.h>

#include "base/deliberate_bug.hpp"
#include "database/rows_in_the_way.hpp"
#include "database/table_state.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {
namespace {

using change_kind = protocol::column_change::kind;

bool lies_below(std::string_view path, std::string_view field) {
  return path.size() > field.size() && path.starts_with(field) && path[field.size()] == '.';
}

}  // namespace

protocol::json_node table_state::indexed(std::string_view json) const {
  auto row = parsed(json);
  if (alteration_ && alteration_->what() == change_kind::rename) alteration_->apply(row);
  return row;
}

std::string table_state::being_altered() const {
  if (!alteration_) return fmt::format("the columns of table {} are being altered; try again when that is done", definition_.name);
  return fmt::format("the columns of table {} are being altered ({}); try again when that is done, and if nobody is at it, give that /dbc_schema_alter again to have it go on, "
                     "or {} to take it back",
                     definition_.name, alteration_->arguments(), alteration_->arguments_back());
}

// A new form may be deeper, or larger, than any row may be.
std::optional<decision> table_state::refusal_of_new_form(const std::string& key, const std::string& json, std::size_t row_cap) const {
  if (json.size() > row_cap) return refuse(errc::too_large, fmt::format("row \"{}\" would have {} bytes with the altered columns; at most {} are allowed", key, json.size(), row_cap));
  if (protocol::parse_json(json)) return std::nullopt;
  return refuse(errc::schema_violation, fmt::format("row \"{}\" would be nested too deeply with the altered columns", key));
}

decision table_state::in_new_form(decision d, std::size_t row_cap) const {
  const auto* put = d.operation ? std::get_if<protocol::put_row>(&*d.operation) : nullptr;
  auto refused = put ? refusal_of_new_form(put->key, put->json, row_cap) : std::nullopt;
  return refused ? std::move(*refused) : std::move(d);
}

std::optional<base::error> table_state::not_alterable(const protocol::column_change& change) const {
  const auto& pk = definition_.primary_key;
  auto name = change.what() == change_kind::rename ? change.to() : change.field();
  if (change.concerns(pk) || name == pk || lies_below(name, pk) || lies_below(change.field(), pk)) {
    return base::error(errc::invalid_query, fmt::format("the field {} is the primary key of table {}, which cannot be altered", pk, definition_.name));
  }
  if (alteration_ && !change.takes_back(*alteration_)) return base::error(errc::already_exists, being_altered());
  if (!alteration_ && change.what() != change_kind::drop && name.find(".$") != name.npos) {
    return base::error(errc::invalid_query, fmt::format("the field {} could not be named by any query, since $ begins an operator there; give it another name", name));
  }
  if (indexes_.unfinished()) {
    return base::error(errc::already_exists, fmt::format("table {} is building an index; alter its columns when that is ready", definition_.name));
  }
  if (change.what() == change_kind::add) return not_to_be_filled(change);
  for (const auto& field : indexes_.fields()) {
    bool renamed = change.what() == change_kind::rename;
    bool follows = renamed && change.concerns(field);
    bool touched = change.concerns(field) || lies_below(change.field(), field);
    if (renamed) touched = touched || field == change.to() || lies_below(field, change.to()) || lies_below(change.to(), field);
    if (!touched || follows) continue;
    return base::error(errc::already_exists, fmt::format("there is an index on {}; drop it first with /dbc_index_drop", field));
  }
  return std::nullopt;
}

// Rows that lack a field may share that in a unique index, and would all get the same value.
std::optional<base::error> table_state::not_to_be_filled(const protocol::column_change& change) const {
  if (!change.fills()) return std::nullopt;
  for (const auto& index : indexes_.all()) {
    const auto& field = index.definition.field;
    bool touched = field == change.field() || lies_below(field, change.field()) || lies_below(change.field(), field);
    if (!index.definition.unique || !touched) continue;
    return base::error(errc::already_exists, fmt::format("there is a unique index on {}, and a default would give rows the same value; drop it first with /dbc_index_drop, or add "
                                                         "the field without a default",
                                                         field));
  }
  return std::nullopt;
}

bool table_state::concerns_rows(const protocol::column_change& change, bool force) {
  return !force || change.what() != change_kind::add || change.fills();
}

std::optional<std::string> table_state::obstacle_to(const protocol::column_change& change, bool force, bool taking_back, const protocol::json_node& row, std::size_t row_cap) {
  bool forced = force && change.what() == change_kind::add;
  return forced ? change.unwritable(row, row_cap) : change.obstacle(row, row_cap, taking_back);
}

decision table_state::decide_alteration(const protocol::column_change& change, bool force, std::size_t row_cap, const evicted_rows_check& evicted) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (auto bad = not_alterable(change)) return {std::nullopt, *bad, std::nullopt};
  auto schema = change.apply_to(schema_.effective());
  if (!schema) return refuse(errc::schema_violation, schema.error().message, schema_.owner());
  rows_in_the_way bad;
  auto look = [&](const std::string& key, const effective& now) {
    if (!now.evicted) {
      if (auto why = obstacle_to(change, force, takes_back(change), parsed(now.json), row_cap)) bad.add(fmt::format("row \"{}\": {}", key, *why), now.pending);
      return;
    }
    bad.add_evicted(key, rows_.find(key)->lsn, evicted);
  };
  if (concerns_rows(change, force)) each_effective(look);
  if (!bad.unknown.empty()) return {std::nullopt, std::nullopt, std::nullopt, std::move(bad.unknown)};
  if (bad.count > 0) {
    return refuse(errc::schema_violation,
                  fmt::format("{} of table {} stand{} in the way ({}); change them first{}", bad.count == 1 ? "1 row" : fmt::format("{} rows", bad.count),
                              definition_.name, bad.count == 1 ? "s" : "", bad.examples,
                              change.what() == change_kind::add && !force ? ", give a default, or add the field with force:true" : ""),
                  bad.rests_on);
  }
  return {protocol::begin_alteration{definition_.table, change.json(), schema->json()}, std::nullopt, std::nullopt};
}

decision table_state::decide_end_of_alteration(std::uint64_t number) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  if (!is_altering(number)) return refuse(errc::invalid_query, fmt::format("the columns of table {} are not being altered in that way", definition_.name));
  return {protocol::end_alteration{definition_.table}, std::nullopt, std::nullopt};
}

void table_state::begin_altering(const protocol::begin_alteration& begun) {
  auto change = protocol::column_change::parse(begun.change);
  auto schema = protocol::row_schema::parse(begun.schema);
  DBCORD_ASSERT(change.has_value() && schema.has_value());  // it was decided here, or the log's reader has parsed it
  alteration_owner_.reset();
  schema_.set(std::move(*schema));
  alteration_ = std::move(*change);
  ++alteration_number_;
  indexes_.rename([this](const std::string& field) { return alteration_->renamed(field); });
}

bool table_state::takes_back(const protocol::column_change& change) const { return alteration_ && change.takes_back(*alteration_); }

bool table_state::has_old_form(const stored_row& row) const {
  auto json = parsed(row.json);
  return alteration_->apply(json);
}

table_state::alteration_slice table_state::next_to_alter(std::string_view after, std::size_t slice_rows) const {
  constexpr std::size_t slice_bytes = 512 * 1024;
  alteration_slice slice;
  if (!alteration_) {
    slice.ended = true;
    return slice;
  }
  // Nothing may stand behind its drop in the log, nor follow this alteration behind the one that takes it back.
  auto gone = base::has_bug(base::deliberate_bug::alter_behind_the_drop) ? std::nullopt : refusal_as_dropped();
  if (gone) {
    slice.rests_on = gone->rests_on;
    return slice;
  }
  auto it = rows_.upper_bound(after);
  for (std::size_t bytes = 0; it != rows_.end() && slice.rows < slice_rows && bytes < slice_bytes; ++it, ++slice.rows) {
    slice.last = it.key();
    auto now = effective_row(slice.last);
    auto row = it.row();
    if (now.pending && !row.resident) {
      slice.needs.push_back(slice.last);
      continue;
    }
    if (now.pending && has_old_form(row)) slice.rests_on = now.pending;
    if (!now.exists) continue;
    bytes += row.json_size;
    if (now.evicted) {
      slice.needs.push_back(slice.last);
      continue;
    }
    auto changed = parsed(now.json);
    if (!alteration_->apply(changed)) continue;
    slice.index_bytes.push_back(index_growth(slice.last, now, changed));
    slice.changes.push_back(protocol::put_row{definition_.table, slice.last, now.version + 1, protocol::to_json(changed)});
  }
  slice.ended = it == rows_.end();
  return slice;
}

}  // namespace dbcord::database
