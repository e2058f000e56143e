#pragma once
// table actor, one per table: serialises the table's writes on its strand; owns its rows and pending versions
// (table_state). Public coroutines may be awaited from any executor. Kept alive by shared_ptr.

#include <functional>

#include "actor/actor.hpp"
#include "database/commit_queue.hpp"
#include "database/memory_account.hpp"
#include "database/find_query.hpp"
#include "database/snapshot.hpp"
#include "database/row_input.hpp"

namespace dbcord::database {

// What the tables of a database share; outlives them.
struct table_services {
  commit_queue& queue;
  memory_account& memory;
  std::atomic<ticket>& last_ticket;
  std::string database;
  base::guild_id guild;
  base::channel_id log;
  std::size_t row_cap;
};

// `submitted`: the write went into the log's queue, whose applier settles its idempotency key; else nothing happened.
template <class T>
struct write_result {
  bool submitted = false;
  base::result<T> value;

  write_result() : value(base::error(base::errc::stopping)) {}  // only what Asio's co_spawn needs
  write_result(bool in_log, base::result<T> v) : submitted(in_log), value(std::move(v)) {}
  write_result(base::error refusal) : value(std::move(refusal)) {}
};

struct committed_write {
  commit_info commit;
  std::uint64_t version = 0;
  std::string key;
};

struct imported_chunk {
  commit_info commit;
  std::size_t accepted = 0;
};

// Where a row lies, and the hash of its JSON as its message states it.
struct row_location {
  std::string key;
  std::uint64_t lsn = 0;
  base::message_id row_message;  // zero: none yet
  std::string json_hash;         // only from location()
};

class table_actor : public actor::actor {
 public:
  table_actor(const dbcord::actor::environment& env, protocol::create_table definition, table_services services);

  const protocol::create_table& definition() const { return definition_; }

  dbcord::actor::task<write_result<committed_write>> insert(checked_row row, write_context context);
  dbcord::actor::task<write_result<committed_write>> update(std::string key, protocol::json_node patch, write_context context);
  dbcord::actor::task<write_result<committed_write>> remove(std::string key, write_context context);
  dbcord::actor::task<write_result<committed_write>> set_schema(protocol::row_schema schema, bool force, write_context context);
  dbcord::actor::task<write_result<committed_write>> create_index(std::string field, bool unique, write_context context);
  dbcord::actor::task<write_result<committed_write>> drop_index(std::string field, write_context context);
  // Inserts each row or refuses it (into `refused`, by `first` + its position), all accepted ones in one transaction.
  struct chunk {
    std::vector<base::result<checked_row>> rows;
    std::size_t first = 0;
    std::string idempotency_key;
  };
  struct chunk_outcome {
    imported_chunk imported;
    std::vector<refused_row> refused;
  };
  dbcord::actor::task<write_result<chunk_outcome>> import(chunk rows, write_context context);

  dbcord::actor::task<base::result<row>> get(std::string key, base::steady_time deadline);
  dbcord::actor::task<base::result<find_answer>> find(find_query query, base::steady_time deadline);
  dbcord::actor::task<base::result<table_summary>> summary(base::steady_time deadline);

  dbcord::actor::task<base::result<table_dump>> dump(base::steady_time deadline);  // of one moment
  // For verification.
  dbcord::actor::task<base::result<std::vector<row_location>>> locations(base::steady_time deadline);
  dbcord::actor::task<base::result<std::optional<row_location>>> location(std::string key, base::steady_time deadline);
  dbcord::actor::task<std::vector<std::string>> damaged_indexes();  // their fields

  // The log's side: never refused, always run.
  dbcord::actor::task<void> commit(std::vector<pending_ptr> transactions, commit_info info);
  dbcord::actor::task<void> abort(std::vector<pending_ptr> transactions);
  // Before anything else runs.
  void replay(const protocol::operation& op, std::uint64_t lsn, base::message_id message);

  // The materialiser's side.
  dbcord::actor::task<std::optional<protocol::row_version>> next_dirty();
  dbcord::actor::task<void> materialised(std::string key, std::uint64_t lsn, base::message_id message);
  dbcord::actor::task<void> set_aside(std::string key, std::uint64_t lsn);
  const dbcord::actor::event& work() const { return work_; }

 private:
  using decide_function = std::function<decision(const table_state&)>;
  template <class Fn>
  dbcord::actor::task<void> on_strand(Fn fn);

  dbcord::actor::task<write_result<committed_write>> write(decide_function decide, write_context context);
  dbcord::actor::task<write_result<committed_write>> write_on_strand(decide_function decide, write_context context);
  dbcord::actor::task<write_result<chunk_outcome>> import_on_strand(chunk rows, write_context context);
  base::result<pending_ptr> submit(std::vector<protocol::operation> operations, std::string refused, const std::string& key,
                                   const write_context& context);
  std::optional<base::error> over_memory(const decision& d) const;
  base::error memory_full() const;
  dbcord::actor::promise<bool> settled(ticket t);
  void settle(ticket t);
  row to_row(const std::string& key, const stored_row& stored) const;

  protocol::create_table definition_;
  table_services services_;
  table_state state_;
  std::map<ticket, std::vector<dbcord::actor::promise<bool>>> waiting_;
  dbcord::actor::event work_;
};
using table_ptr = std::shared_ptr<table_actor>;

}  // namespace dbcord::database
