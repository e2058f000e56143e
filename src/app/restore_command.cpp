#include "app/restore_command.hpp"

#include <fmt/format.h>

#include "app/interruptible_run.hpp"
#include "app/print_line.hpp"
#include "app/restore_run.hpp"
#include "app/unconnected_client.hpp"

namespace dbcord::app {

actor::task<int> restore_command(const actor::environment& env, restore_options options) {
  unconnected_client unconnected;  // reading a large file takes its time
  auto content = check_backup(options.file);
  if (!content) {
    print_error(content.error());
    co_return 1;
  }
  restore_request request{std::move(options.client), std::move(options.file), std::move(options.database), std::move(*content)};
  if (request.database.empty()) request.database = request.content.head.database;
  auto begun = env.now();
  auto tell = [&request, &env, begun](const backup_content& done) {
    auto seconds = std::chrono::duration<double>(env.now() - begun).count();
    print_line(stdout, fmt::format("Restored {} ({}, as {} was at {}) in {:.2f} s.", request.database, size_text(done.end), done.head.database, done.head.taken, seconds));
  };
  co_return co_await run_interruptible<restore_run>(env, request, tell);
}

}  // namespace dbcord::app
