#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/confirmation.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

button database_drop_button(const std::string& database, const std::string& id, std::string label) {
  prepared_command drop{"dbc_database_drop", {{"database", database}, {"confirm", confirmation_of(id)}}};
  return {std::move(label), std::move(drop), button_style::danger};
}

actor::task<reply> ask_before_database_drop(services s, invocation call, std::string database) {
  reply r;
  if (auto unfinished = s.engine.administration().restoring(database)) {
    r.text = fmt::format("Delete the database `{0}`, which is not whole since its restore was not finished? To do it press the button, or give the command with "
                         "`confirm:{0}`.", database);
    r.buttons.push_back(database_drop_button(database, unfinished->id, fmt::format("Delete {}", database)));
    co_return r;
  }
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect(database, context);
  if (!summary) co_return explain(s, call, summary.error());
  std::uint64_t rows = 0;
  for (const auto& t : summary->tables) rows += t.rows;
  auto tables = count(summary->tables.size(), "table");
  r.text = fmt::format("Delete the database `{0}` with {1} and {2}, its log, its history and its snapshots? It cannot be undone; `dbcord backup` keeps a copy "
                       "outside of it. To do it press the button, or give the command with `confirm:{0}`.", database, tables, count(rows, "row"));
  r.buttons.push_back(database_drop_button(database, summary->id, fmt::format("Delete {} and its {}", database, tables)));
  co_return r;
}

}  // namespace

actor::task<reply> dbc_database_drop(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto confirm = text_argument(call, "confirm");
  if (confirm.empty()) co_return co_await ask_before_database_drop(s, std::move(call), std::move(database));
  auto asked_about = id_confirmed(confirm);
  if (!asked_about && confirm != database) {
    co_return failure(fmt::format("confirm: {} is not the database's name {}; nothing was deleted.", quote(confirm), quote(database)));
  }
  auto context = write_context_of(call);
  if (asked_about) context.expected_id = std::move(*asked_about);
  auto done = co_await s.engine.administration().drop_database(database, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Dropped the database `{}`; its channels are deleted in the background, and its name is free.", database);
  co_return r;
}

}  // namespace dbcord::commands
