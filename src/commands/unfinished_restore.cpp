#include "commands/unfinished_restore.hpp"

#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {

std::optional<std::string> refusal_while_restoring(database::engine& engine, const command& definition, const invocation& call) {
  bool of_the_whole = definition.access == protocol::access_level::none || definition.name == "dbc_database_drop" || definition.name == "dbc_inspect";
  auto database = text_argument(call, "database");
  if (database.empty() || of_the_whole) return std::nullopt;
  auto restore = engine.administration().restoring(database);
  // One that was interrupted the engine refuses by itself.
  if (!restore || restore->interrupted || restore->who == call.who) return std::nullopt;
  return fmt::format("{} is being restored by <@{}> and not whole yet; give the command again when that is done.", quote(database), restore->who);
}

}  // namespace dbcord::commands
