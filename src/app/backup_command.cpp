#include "app/backup_command.hpp"

#include <fmt/format.h>

#include "app/backup_run.hpp"
#include "app/interruptible_run.hpp"
#include "app/progress_bar.hpp"

namespace dbcord::app {

actor::task<int> backup_command(const actor::environment& env, backup_options options) {
  auto tell = [&options](const backup_content& done) {
    std::error_code ec;
    fmt::print("Backed up {} ({}, as they were at LSN {}) to {} ({} bytes).\n", options.database, size_text(done.end), done.head.lsn,
               options.file.string(), with_separators(std::filesystem::file_size(options.file, ec)));
  };
  co_return co_await run_interruptible<backup_run>(env, options, tell);
}

}  // namespace dbcord::app
