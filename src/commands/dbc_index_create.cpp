#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

actor::task<base::result<database::write_receipt>> make_index(database::engine& engine, bool channel, std::string name, std::string table, std::string field,
                                                              bool unique, database::write_context context) {
  if (channel) return engine.administration().create_shown_index(std::move(name), std::move(table), std::move(field), unique, std::move(context));
  return engine.create_index(std::move(name), std::move(table), std::move(field), unique, std::move(context));
}

}  // namespace

actor::task<reply> dbc_index_create(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto field = text_argument(call, "field");
  auto unique = boolean_argument(call, "unique");
  auto context = write_context_of(call);
  bool channel = boolean_argument(call, "channel");
  auto making = make_index(s.engine, channel, database, table, field, unique, std::move(context));
  auto done = co_await std::move(making);
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("`{}.{}` has {} index on {} now. {}", database, table, unique ? "a unique" : "an", quote(field), done->location.url());
  if (channel) r.text += fmt::format("\nA channel with its entries is made now; `/dbc_inspect database:{}` links to it.", database);
  co_return r;
}

}  // namespace dbcord::commands
