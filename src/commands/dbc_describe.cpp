#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_descriptor.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_describe(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect(database, context);
  if (!summary) co_return explain(s, call, summary.error());
  reply r;
  r.text = fmt::format("What `{}` has: {}. `dbcord serve --descriptor descriptor.json` opens it only as long as it is so.", database,
                       count(summary->tables.size(), "table"));
  r.files.push_back({"descriptor.json", database::database_descriptor::of(*summary).text()});
  co_return r;
}

}  // namespace dbcord::commands
