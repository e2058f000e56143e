#pragma once
// job_table: long work of this process, running and lately done, so that it can be looked at, cancelled, and its outcome read when the
// reply it belonged to can no longer be edited. Any thread. Limits: the newest `kept` finished jobs, `outcome_bytes` and `details_bytes` of each; running ones
// are bounded by their front door.

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/reply.hpp"
#include "database/work_progress.hpp"
#include "dbcord/base/clock.hpp"

namespace dbcord::commands {

// What its reply had besides the text, or as much of it as is kept.
struct job_details {
  std::vector<std::string> rows, captions;  // as in reply
  std::string rows_name;
  std::vector<file> files;
  std::size_t rows_left_out = 0, files_left_out = 0;
};

struct job {
  std::uint64_t id = 0;
  std::string command;   // "dbc_verify prod.users"
  std::string database;  // empty: none
  std::string who;       // user id
  base::system_time started{};
  database::work_progress_ptr progress = std::make_shared<database::work_progress>();
  std::optional<std::string> outcome;  // the reply's text, once it is done
  std::shared_ptr<const job_details> details;  // null: none
  bool ok = true;
};

// In what is said of a job that is not known (any more); behind it stands its number.
inline constexpr std::string_view no_such_job = "there is no job ";

class job_table {
 public:
  static constexpr std::size_t kept = 50;
  static constexpr std::size_t outcome_bytes = 1'500;
  static constexpr std::size_t details_bytes = 64 * 1024;

  // Answers the job with its number.
  job start(job j);
  void finish(std::uint64_t id, const reply& outcome);
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
