#pragma once
// job_table: long work of this process, running and lately done, so that it can be looked at, cancelled, and its outcome read when the
// reply it belonged to can no longer be edited. Any thread. Limit: the newest `kept` finished jobs; running ones are bounded by their
// front door.

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "database/work_progress.hpp"
#include "dbcord/base/clock.hpp"

namespace dbcord::commands {

struct job {
  std::uint64_t id = 0;
  std::string command;   // "dbc_verify prod.users"
  std::string database;  // empty: none
  std::string who;       // user id
  base::system_time started{};
  database::work_progress_ptr progress = std::make_shared<database::work_progress>();
  std::optional<std::string> outcome;  // the reply's text, once it is done
  bool ok = true;
};

class job_table {
 public:
  static constexpr std::size_t kept = 50;
  static constexpr std::size_t outcome_bytes = 1'500;

  // Answers the job with its number.
  job start(job j);
  void finish(std::uint64_t id, bool ok, std::string outcome);
  // One that was refused before it began is none.
  void forget(std::uint64_t id);
  // False if no such job is running.
  bool cancel(std::uint64_t id);
  void cancel_all();
  std::optional<job> find(std::uint64_t id) const;
  std::vector<job> all() const;  // newest first

 private:
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::deque<job> jobs_;  // oldest first
};

// What was to be done is done: rows that went meanwhile, or needed no look, do not leave it short of that. Not when it was cancelled.
void complete_progress(const database::work_progress_ptr& p);

// "40 %, 400 of 1000" or "400 done"; empty when nothing is known yet.
std::string progress_text(const database::work_progress& p);

}  // namespace dbcord::commands
