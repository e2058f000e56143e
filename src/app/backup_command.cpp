#include "app/backup_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "app/backup_run.hpp"
#include "app/client_connection.hpp"
#include "app/interruption.hpp"
#include "app/progress_bar.hpp"
#include "app/reply_printer.hpp"

namespace dbcord::app {

actor::task<int> backup_command(const actor::environment& env, backup_options options) {
  auto who = identify(options.client);
  if (!who) {
    print_error(who.error());
    co_return 1;
  }
  client_connection connection(env, std::move(*who));
  auto& session = connection.session();
  auto connected = co_await session.connect(env.after(connect_limit));
  base::result<backup_content> done = base::error(base::errc::stopping);
  int status = 1;  // of what was not done
  backup_run run(env, session, options);
  std::optional<interruption> stop;  // until it is said what was done
  if (connected) {
    stop.emplace(env, session, [&run] { run.interrupt(); });
    done = co_await run.run();
    if (stop->happened()) status = stop->status();
  }
  co_await session.close();
  if (!connected || !done) {
    print_error(connected ? done.error() : connected.error());
    co_return status;
  }
  std::error_code ec;
  fmt::print("Backed up {} ({}, as they were at LSN {}) to {} ({} bytes).\n", options.database, size_text(done->end), done->head.lsn,
             options.file.string(), with_separators(std::filesystem::file_size(options.file, ec)));
  std::fflush(stdout);  // a signal may still end the process
  co_return 0;
}

}  // namespace dbcord::app
