#pragma once
// dump_restorer: makes a database what a dump says, item by item: access rules (and the policy of deletions) first, so that nobody sees what they may not; then each table: rows,
// and only then its schema (rows need not fit one that was forced) and its indexes; behind all tables the channels of indexes, for which alone nothing fails: they must
// not take the place of a table's channel. Owned by one coroutine at a time.

#include "database/engine.hpp"
#include "protocol/database_dump.hpp"

namespace dbcord::database {

// The new, empty database, through the engine or through commands.
class restore_target {
 public:
  virtual ~restore_target() = default;
  virtual actor::task<base::result<void>> set_access(protocol::access_rules rules) = 0;
  virtual actor::task<base::result<void>> accept_deletions() = 0;
  virtual actor::task<base::result<void>> create_table(std::string table, std::string primary_key) = 0;
  // All of the rows, or an error.
  virtual actor::task<base::result<void>> insert(std::string table, std::vector<new_row> rows) = 0;
  virtual actor::task<base::result<void>> set_schema(std::string table, std::string schema_json) = 0;
  virtual actor::task<base::result<void>> create_index(std::string table, std::string field, bool unique) = 0;
  // An error: it has no channel yet, and why.
  virtual actor::task<base::result<void>> show_index(std::string table, std::string field) = 0;
  virtual actor::task<base::result<void>> set_history(std::string table, std::uint64_t versions, std::uint64_t days, bool threads) = 0;
  virtual actor::task<base::result<void>> set_layout(std::string table, protocol::table_layout layout) = 0;
};

class dump_restorer {
 public:
  // So many bytes and rows are handed on at once, at most, but for a row that is larger.
  dump_restorer(restore_target& target, std::size_t batch_bytes, std::size_t batch_rows)
      : target_(target), batch_bytes_(batch_bytes), batch_rows_(batch_rows) {}

  // In the order of the dump; after an error nothing else.
  actor::task<base::result<void>> take(protocol::dump_item item);
  const protocol::dump_head& head() const { return head_; }
  std::uint64_t tables() const { return tables_; }  // complete ones
  std::uint64_t rows() const { return rows_; }      // that were handed on
  // Indexes that have no channel yet although they should, with the reasons.
  const std::vector<std::string>& without_channel() const { return without_channel_; }

 private:
  actor::task<base::result<void>> begin_table(protocol::dump_table table);
  actor::task<base::result<void>> add_row(std::string json);
  actor::task<base::result<void>> flush();
  actor::task<base::result<void>> end_table();
  actor::task<void> show_indexes();

  restore_target& target_;
  std::size_t batch_bytes_;
  std::size_t batch_rows_;
  protocol::dump_head head_;
  std::optional<protocol::dump_table> table_;  // whose rows come
  std::vector<new_row> batch_;
  std::size_t bytes_ = 0;  // of batch_
  std::uint64_t tables_ = 0;
  std::uint64_t rows_ = 0;
  std::vector<std::pair<std::string, std::string>> shown_;  // table and field of indexes with channels
  std::vector<std::string> without_channel_;
};

}  // namespace dbcord::database
