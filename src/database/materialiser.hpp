#pragma once
// materialiser, one per database: writes committed rows as messages of their own, in the background, at low priority and
// collapsed to the newest version of each key, many at once as a page when many wait (design.md sections 4 and 5). First it adopts what an earlier process wrote
// (table_adoption). One loop per table, each on a strand of its own. It deletes nothing and edits nothing.

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "actor/task_group.hpp"
#include "database/set_aside_retries.hpp"
#include "database/table_actor.hpp"
#include "database/write_problem.hpp"

namespace dbcord::database {

class table_adoption;

class materialiser {
 public:
  materialiser(const actor::environment& env, message_store& store, std::string database);

  // Messages that are never a row's location, whatever a listing shows. Before add().
  void set_dropped(std::set<base::message_id> dropped) { dropped_ = std::move(dropped); }
  void add(table_ptr table);
  // The loops end after what they are doing; join() waits for that.
  void request_stop();
  // Why its rows could not be written when that was tried the last time; empty: they could. Any thread.
  std::optional<write_problem> problem_of(const table_actor& table) const;
  actor::task<void> join(base::steady_time deadline);

 private:
  actor::task<void> run(table_ptr table);
  actor::task<void> await_work(table_ptr table, std::optional<base::steady_time> of_rows, std::optional<base::steady_time> of_adoption);
  actor::task<void> write(table_ptr table, base::channel_id channel, protocol::row_version row);
  actor::task<void> write_page(table_ptr table, base::channel_id channel, std::vector<protocol::row_version> rows);
  void note_written(const table_actor& table);
  void note_problem(const table_actor& table, base::channel_id channel, const base::error& why);
  actor::task<void> after_refusal(table_ptr table, base::channel_id channel, base::error why);
  actor::task<void> pause(base::duration d, std::function<bool()> helped = nullptr);

  const actor::environment& env_;
  message_store& store_;
  std::string database_;
  std::set<base::message_id> dropped_;
  std::atomic<bool> stopping_{false};
  std::vector<table_ptr> tables_;
  std::map<protocol::table_id, standing_problem> problems_;
  mutable std::mutex tables_mutex_;  // also of the map of problems
  actor::task_group loops_;
};

}  // namespace dbcord::database
