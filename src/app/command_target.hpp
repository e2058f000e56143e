#pragma once
// command_target: a new database that is filled through commands, for `dbcord restore`. Owned by the command; on its strand.

#include "app/client_connection.hpp"
#include "app/progress_bar.hpp"
#include "database/dump_restorer.hpp"

namespace dbcord::app {

class command_target final : public database::restore_target {
 public:
  // `rows`: of the whole, for the progress bar. The session outlives it.
  command_target(const actor::environment& env, user_session& session, std::string database, std::uint64_t rows);

  // Makes the database; refused when there is one of that name, unless it is what a restore that was interrupted has left. Nothing else can use it until end().
  actor::task<base::result<void>> begin();
  actor::task<base::result<void>> end();
  // Instead of end(): what begin() has made goes, and nothing else that has its name since.
  actor::task<base::result<void>> drop(base::duration limit);
  // What is refused for lack of room is not sent again.
  void stop() { stopped_ = true; }
  actor::task<base::result<void>> set_access(protocol::access_rules rules) override;
  actor::task<base::result<void>> accept_deletions() override;
  actor::task<base::result<void>> create_table(std::string table, std::string primary_key) override;
  actor::task<base::result<void>> insert(std::string table, std::vector<database::new_row> rows) override;
  actor::task<base::result<void>> set_schema(std::string table, std::string schema_json) override;
  actor::task<base::result<void>> create_index(std::string table, std::string field, bool unique) override;
  actor::task<base::result<void>> show_index(std::string table, std::string field) override;
  actor::task<base::result<void>> set_history(std::string table, std::uint64_t versions, std::uint64_t days, bool threads) override;
  actor::task<base::result<void>> set_layout(std::string table, protocol::table_layout layout) override;

 private:
  using arguments = std::vector<std::pair<std::string, commands::argument_value>>;
  actor::task<base::result<void>> give(std::string command, arguments with);
  actor::task<base::result<std::string>> ask(std::string command, arguments with, base::duration limit = reply_limit);
  actor::task<base::result<std::string>> ask(command_call call, base::duration limit = reply_limit);

  const actor::environment& env_;
  user_session& session_;
  std::string database_;  // as a restore calls it, once it is there
  std::string key_;  // of the table that was made last
  progress_bar bar_;
  base::steady_time begun_;
  std::uint64_t inserted_ = 0;
  bool stopped_ = false;
};

}  // namespace dbcord::app
