#pragma once
// backup_run: one backup over a connected session: takes a snapshot in the guild, fetches its parts into a file that has no name yet, deletes the
// snapshot, checks the file and names it. Owned by backup_command, on its environment's only thread; the session outlives it.
// An interrupted one leaves no file and, as far as the guild answers, no snapshot; its error says what stays.

#include <string>

#include "actor/promise.hpp"
#include "actor/task_group.hpp"
#include "app/backup_file.hpp"
#include "app/options.hpp"
#include "app/user_session.hpp"

namespace dbcord::app {

class unfinished_file;

class backup_run {
 public:
  backup_run(const actor::environment& env, user_session& session, const backup_options& options);

  actor::task<base::result<backup_content>> run();
  // Whoever waits wants it to end. A snapshot that is being made has a few seconds to become whole, since only then it is known by name and can be
  // deleted; then its job is cancelled, if the guild has told which one that is.
  void interrupt();

 private:
  actor::task<base::result<boost::json::object>> give(command_call call, base::duration limit);
  actor::task<base::result<backup_content>> work();
  actor::task<base::result<std::string>> take_snapshot();
  actor::task<base::result<void>> fetch_parts(std::string part, unfinished_file& file);
  actor::task<base::result<void>> drop_snapshot(std::string snapshot);
  actor::task<void> cancel_late();
  actor::task<base::error> without_snapshot(base::error why);
  actor::task<std::string> left_over();
  base::error interrupted(const std::string& what_stays) const;

  const actor::environment& env_;
  user_session& session_;
  const backup_options& options_;
  actor::strand strand_;
  actor::task_group cancelling_;
  std::optional<std::int64_t> job_;  // that makes the snapshot
  bool interrupted_ = false;
  actor::promise<bool> snapshot_over_;  // it is whole, or will not be
  bool cancelled_ = false;
};

}  // namespace dbcord::app
