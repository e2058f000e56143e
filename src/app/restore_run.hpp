#pragma once
// restore_run: one restore over a connected session: a new database, filled from a backup's file through commands. Owned by restore_command, on its environment's
// only thread; the session and the request outlive it. An interrupted one drops what it has made; its error says what stays if that fails.

#include <string>

#include "app/backup_file.hpp"
#include "app/options.hpp"
#include "app/user_session.hpp"
#include "database/dump_restorer.hpp"

namespace dbcord::app {

class command_target;

struct restore_request {
  client_options client;
  std::filesystem::path file;
  std::string database;  // that is made
  backup_content content;
};

class restore_run {
 public:
  restore_run(const actor::environment& env, user_session& session, const restore_request& request);

  actor::task<base::result<backup_content>> run();
  void interrupt();

 private:
  actor::task<base::result<backup_content>> work(command_target& target);
  actor::task<base::result<void>> fill(command_target& target, database::dump_restorer& restorer, backup_file& file);
  actor::task<base::error> undone(command_target& target);
  base::error not_begun(base::error why) const;
  base::error incomplete(const database::dump_restorer& restorer, const base::error& why) const;
  base::error interrupted(std::string_view what_stays) const;

  const actor::environment& env_;
  user_session& session_;
  const restore_request& request_;
  command_target* target_ = nullptr;  // while run() runs
  bool interrupted_ = false;
  bool ending_ = false;  // the bot was told that it is whole
};

}  // namespace dbcord::app
