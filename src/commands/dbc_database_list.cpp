#include <fmt/format.h>

#include "commands/handlers.hpp"
#include "commands/nearest_name.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {

// From memory: also when a database cannot be read just now.
actor::task<reply> dbc_database_list(services s, invocation) {
  reply r;
  auto names = s.engine.databases();
  r.text = names.empty() ? no_databases_text(s)
                         : fmt::format("This guild has {}:", count(names.size(), "database"));
  for (const auto& name : names) {
    if (auto restore = s.engine.administration().restoring(name)) {
      r.text += fmt::format("\n`{}`: being restored by <@{}>, not whole yet", name, restore->who);
      continue;
    }
    auto tables = s.engine.tables(name);
    r.text += fmt::format("\n`{}`: {}{}", name, count(tables.size(), "table"), tables.empty() ? "" : " (" + list_names(tables) + ")");
  }
  r.text += not_open_text(s);
  co_return r;
}

}  // namespace dbcord::commands
