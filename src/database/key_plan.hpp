#pragma once
// key_plan: which keys of a table a query can be about, from what it demands of the primary key field. The rest of the
// query is checked on every candidate. Plain value, any thread.

#include <optional>
#include <string>
#include <vector>

#include "protocol/predicate.hpp"

namespace dbcord::database {

struct key_range {
  std::string from;                 // inclusive
  std::optional<std::string> past;  // exclusive; empty: to the end
};

struct key_plan {
  std::optional<std::vector<std::string>> keys;  // these and no others; sorted, each once
  std::optional<key_range> range;                // else those within; keys of numbers may lie between and are checked like all
  // Bounds that are numbers, whose order is not that of keys: each key can be looked at.
  std::vector<protocol::field_condition> numbers;
  // Nothing else is demanded than these keys, or these bounds, and by texts: every row matches whose key is there and cannot be that of a number.
  bool only_texts = false;
  bool is_range() const { return !keys && (range || !numbers.empty()); }
  // For people: "primary key", "3 primary keys", "range of primary keys"; empty: nothing is demanded of the key.
  std::string text() const;
  // Only rows behind that key are looked at, of each of the above.
  void go_on_behind(const std::string& key);
  void end_before(const std::string& key);
  // False: no row of that key is within those.
  bool is_within_numbers(std::string_view key) const;
  // A row with another key does not match; `keys` are not looked at.
  bool is_within(std::string_view key) const;
};

// Calls `consider(key, row)` for every row within the plan's bounds, in the order of keys, whatever its `keys`.
template <class Rows, class Fn>
void each_in_range(const key_plan& plan, const Rows& rows, Fn&& consider) {
  const auto& range = plan.range;
  auto it = range ? rows.lower_bound(range->from) : rows.begin();
  for (; it != rows.end(); ++it) {
    if (range && range->past && it.key() >= *range->past) return;
    if (plan.is_within_numbers(it.key())) consider(it.key(), it.row());
  }
}

// Whether it can be the key of a row whose key field is a number. Any other is that of a text.
bool may_be_number(std::string_view key);
// An order is asked for, not a value.
bool is_range(protocol::comparison how);
// How many conditions and junctions the tree's top conjunction is made of.
std::size_t demands_in(const protocol::predicate& where);
// `after`, `before`: only rows behind that key, or before it, are asked for.
key_plan plan_keys(const protocol::predicate& where, std::string_view primary_key, const std::optional<std::string>& after = std::nullopt,
                   const std::optional<std::string>& before = std::nullopt);

}  // namespace dbcord::database
