#pragma once
// index_builder, one per database: brings the rows that a table has into an index that is being built, slice by slice, whatever is read and written
// meanwhile, and has its outcome recorded: ready, or failed because rows share a value of a unique one, or have too many, or there is no memory. One loop per table that has such an index,
// on a strand of its own; a process that dies leaves the work to the next one, which begins it anew. Outlives nobody: join() before it goes.
//
// Failures: a value that cannot be read now is tried again, one that is lost makes the index fail. Values are read once each (table_state::backfill).

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "actor/event.hpp"
#include "actor/task_group.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {

class index_builder {
 public:
  index_builder(const actor::environment& env, std::string database);

  // Somebody who has asked for an index, for as long as he keeps it: is told when it is settled or gone (true), or left
  // to the next process (false); his progress is kept, and can cancel it. True may be of one before it on the same field: whoever waits looks, and watches again.
  struct watched {
    watched(std::string its_field) : field(std::move(its_field)) {}        // an index on it
    watched(std::uint64_t its_number) : alteration(its_number) {}          // of columns: table_actor::altering
    bool operator==(const watched&) const = default;
    std::string field;
    std::uint64_t alteration = 0;  // zero: none
  };
  struct watcher {
    watched what;
    write_context context;
    actor::promise<bool> settled;
  };
  using watcher_ptr = std::shared_ptr<watcher>;
  // Of an alteration by its number: what becomes of one before it concerns nobody who waits for this one. Cancelled, it is told false as soon as it is seen. Who
  // watches looks behind that whether it is under way still.
  watcher_ptr watch(const table_actor& table, watched what, const write_context& context);

  // Builds what the table has to build; nothing if it has nothing. Any thread.
  void start(table_ptr table);
  // The loops end after what they are doing; join() waits for that.
  void request_stop();
  actor::task<void> join(base::steady_time deadline);

 private:
  struct table_loop {
    bool again = false;  // asked for while it ran
    actor::event wake;
  };
  enum class step { done, retry };

  actor::task<void> run(table_ptr table);
  actor::task<void> build(table_ptr table, table_actor::index_work work);
  // False: the index is settled, or not to be built any more.
  actor::task<bool> bring_in(table_ptr table, const table_actor::index_work& work, std::vector<std::string> lacking);
  actor::task<step> settle(table_ptr table, const table_actor::index_work& work, bool complete, std::string why);
  actor::task<bool> dropped_as_cancelled(table_ptr table, const table_actor::index_work& work);
  // Brings every row into the new form of columns that are being altered (index_builder_columns.cpp).
  actor::task<void> alter(table_ptr table);
  // Whoever waits for it; who has cancelled it is told. Empty: all who did have.
  std::optional<watcher_ptr> waiting_for(protocol::table_id table, std::uint64_t alteration);
  actor::task<void> pause(table_ptr table);
  bool ended(protocol::table_id table);  // nobody has asked for more
  watcher_ptr watcher_of(protocol::table_id table, const watched& what);  // who was told does not count any more
  write_context own_context(protocol::table_id table, const watched& what);
  void tell(protocol::table_id table, const watched& what);  // that it is settled
  void tell_of_those_before(protocol::table_id table, std::uint64_t alteration);

  const actor::environment& env_;
  std::string database_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::map<protocol::table_id, table_loop> loops_;
  std::multimap<protocol::table_id, std::weak_ptr<watcher>> watchers_;
  actor::task_group tasks_;
};

}  // namespace dbcord::database
