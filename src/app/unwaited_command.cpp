#include "app/unwaited_command.hpp"

#include <fmt/format.h>

namespace dbcord::app {

std::string goes_on_text(std::int64_t job) {
  if (job == 0) return "the command was sent and goes on in the guild, but its reply is no longer waited for; `/dbc_jobs` lists long work";
  return fmt::format("the command goes on as job {0}; /dbc_jobs job:{0} tells how it ends, and /dbc_jobs cancel:{0} ends it", job);
}

}  // namespace dbcord::app
