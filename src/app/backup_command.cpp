#include "app/backup_command.hpp"

#include <fmt/format.h>

#include "app/backup_run.hpp"
#include "app/interruptible_run.hpp"
#include "app/print_line.hpp"
#include "base/number_text.hpp"

namespace dbcord::app {

actor::task<int> backup_command(const actor::environment& env, backup_options options) {
  if (options.file == "-") {
    print_error(base::error(base::errc::invalid_argument, "a backup is fetched from its end, so it cannot go to standard output; name a file"));
    co_return 1;
  }
  auto tell = [&options](const backup_content& done) {
    std::error_code ec;
    print_line(stdout, fmt::format("Backed up {} ({}, as {} at LSN {}) to {} ({} bytes).", options.database, size_text(done.end), done.end.rows == 1 ? "it was" : "they were",
               done.head.lsn, options.file.string(), base::with_separators(std::filesystem::file_size(options.file, ec))));
  };
  co_return co_await run_interruptible<backup_run>(env, options, tell);
}

}  // namespace dbcord::app
