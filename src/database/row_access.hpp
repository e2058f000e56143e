#pragma once
// row_access: the plan of a find: by primary key, by a range of primary keys, by a secondary index, or a scan. Valid until the
// table changes.

#include "database/access_words.hpp"
#include "database/index_plan.hpp"
#include "database/key_plan.hpp"
#include "database/table_state.hpp"

namespace dbcord::database {

class row_access {
 public:
  // `after`, `before`: only rows behind that key, or before it, are asked for.
  row_access(const protocol::predicate& where, const table_state& table, const std::optional<std::string>& after = std::nullopt,
             const std::optional<std::string>& before = std::nullopt);

  access_words words() const;
  // Every row that each() shows matches.
  bool is_exact() const { return exact_ && !table_.alteration(); }
  // It looks at all rows, since neither keys nor indexes tell which.
  bool is_scan() const { return !index_ && keys_.text().empty(); }
  const table_state& table() const { return table_; }
  // The same rows, for a scan.
  captured_rows candidates() const;
  // Calls `consider(key, row)` for every row that the plan does not rule out, in the order of keys. Both are views of the table's memory and stay
  // valid when the plan is gone.
  template <class Fn>
  void each(Fn consider) const {
    if (keys_.keys) {
      each_of(*keys_.keys, consider);
    } else if (index_) {
      each_of(index_->keys, consider);
    } else {
      each_in_range(keys_, table_.rows(), consider);
    }
  }

 private:
  template <class Keys, class Fn>
  void each_of(const Keys& keys, Fn& consider) const {
    for (const auto& key : keys) {
      auto it = table_.rows().lower_bound(key);
      if (it != table_.rows().end() && it.key() == key) consider(it.key(), it.row());
    }
  }
  void choose_between_index_and_range();
  bool finds_no_others() const;

  const table_state& table_;
  key_plan keys_;
  std::optional<index_plan> index_;
  bool everything_ = false;  // is asked for
  bool exact_ = false;
};

}  // namespace dbcord::database
