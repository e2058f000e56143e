#pragma once
// Transactions for C++: a function that reads and writes rows is carried out as a whole, and again from its beginning when somebody else
// changed what it had read (optimistic, first committer wins). All that one run of it reads is of one moment: it never sees half of another transaction, also if it
// then refuses. Any executor.
//
//   auto done = co_await transact(engine, env, "bank", context, [](transaction_scope& t) -> actor::task<base::result<void>> {
//     auto ann = co_await t.get("accounts", "ann");
//     …
//     t.put("accounts", changed);
//     co_return base::result<void>();
//   });
//
// The function must not have effects of its own: it may run several times. It gives up with errc::conflict at the context's deadline. With an idempotency key a
// call that was carried out before is answered as `repeated`, whatever the function says of the rows as they are now.

#include <functional>
#include <map>

#include "database/engine.hpp"
#include "database/row_operation.hpp"

namespace dbcord::database {

class transaction_scope {
 public:
  transaction_scope(engine& on, std::string database, read_context reading) : engine_(on), database_(std::move(database)), reading_(reading) {}

  // The row's JSON as this transaction sees it, its own writes included; empty: no such row. errc::conflict when what was read before has changed meanwhile:
  // the function runs again then, whatever it makes of that.
  actor::task<base::result<std::optional<std::string>>> get(std::string table, std::string key);
  // Inserts or replaces. The key is the primary key field's, which must be in the JSON.
  void put(std::string table, std::string key, std::string json);
  void remove(std::string table, std::string key);

  // What is to be committed: what was read is as it was, and what was written.
  std::vector<row_operation> steps() const;
  // What was read is not of one moment.
  bool is_torn() const { return torn_; }

 private:
  using place = std::pair<std::string, std::string>;  // table, key

  std::vector<row_operation> checks() const;
  actor::task<base::result<void>> see_one_moment();

  engine& engine_;
  std::string database_;
  read_context reading_;
  std::map<place, std::uint64_t> read_;  // versions; 0: there was no row
  std::uint64_t newest_ = 0;             // LSN of what was read; all of it was so at some moment behind that
  bool torn_ = false;
  std::map<place, std::optional<std::string>> written_;
};

using transaction_body = std::function<actor::task<base::result<void>>(transaction_scope&)>;

// An error of the function ends it without any change.
actor::task<base::result<transaction_receipt>> transact(engine& on, const actor::environment& env, std::string database, write_context context,
                                                        transaction_body body);

// Writes the row if it still has that version (0: if there is no such row); else errc::conflict says what it has.
actor::task<base::result<transaction_receipt>> compare_and_set(engine& on, std::string database, std::string table, std::string key,
                                                               std::uint64_t expected_version, std::string json, write_context context);

// Replaces a row by what `change` makes of it; an empty text deletes it. `change` is given nothing when there is no such row, and is
// called again when another writer was first. Answers the row as it is then; of a call that was carried out before, as it is now.
using row_change_function = std::function<base::result<std::string>(std::optional<std::string> json)>;
actor::task<base::result<std::string>> fetch_and_update(engine& on, const actor::environment& env, std::string database, std::string table,
                                                        std::string key, write_context context, row_change_function change);

}  // namespace dbcord::database
