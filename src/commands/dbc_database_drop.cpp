#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/confirmation.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

button database_drop_button(const std::string& database, std::string confirmation, std::string label) {
  prepared_command drop{"dbc_database_drop", {{"database", database}, {"confirm", std::move(confirmation)}}};
  return {std::move(label), std::move(drop), button_style::danger};
}

std::uint64_t rows_of(const database::database_summary& summary) {
  std::uint64_t rows = 0;
  for (const auto& t : summary.tables) rows += t.rows;
  return rows;
}

reply database_question(const database::database_summary& summary, const std::string& database) {
  reply r;
  auto rows = rows_of(summary);
  auto tables = count(summary.tables.size(), "table");
  r.text = fmt::format("Delete the database `{0}` with {1} and {2}, its log, its history and its snapshots? It cannot be undone; `dbcord backup` keeps a copy "
                       "outside of it. To do it press the button, or give the command with `confirm:{0}`.", database, tables, count(rows, "row"));
  r.buttons.push_back(database_drop_button(database, confirmation_of_rows({summary.id, rows}), fmt::format("Delete {} and its {}", database, tables)));
  return r;
}

actor::task<reply> ask_before_database_drop(services s, invocation call, std::string database) {
  reply r;
  if (auto unfinished = s.engine.administration().restoring(database)) {
    r.text = fmt::format("Delete the database `{0}`, which is not whole since its restore was not finished? To do it press the button, or give the command with "
                         "`confirm:{0}`.", database);
    r.buttons.push_back(database_drop_button(database, confirmation_of(unfinished->id), fmt::format("Delete {}", database)));
    co_return r;
  }
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect(database, context);
  if (!summary) co_return explain(s, call, summary.error());
  co_return database_question(*summary, database);
}

// Of a press on the button: asks again when rows have come since.
actor::task<std::optional<reply>> ask_again_before_database_drop(services s, const invocation& call, const confirmed_rows& asked, const std::string& database) {
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect(database, context);
  if (!summary || summary->id != asked.id) co_return std::nullopt;
  auto rows = rows_of(*summary);
  if (rows <= asked.rows) co_return std::nullopt;
  auto again = database_question(*summary, database);
  again.text.insert(0, rows_came_since(rows - asked.rows));
  co_return again;
}

}  // namespace

actor::task<reply> dbc_database_drop(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto confirm = text_argument(call, "confirm");
  if (confirm.empty()) co_return co_await ask_before_database_drop(s, std::move(call), std::move(database));
  auto asked_with_rows = rows_confirmed(confirm);
  auto asked_about = asked_with_rows ? std::optional(asked_with_rows->id) : id_confirmed(confirm);
  if (!asked_about && confirm != database) {
    co_return failure(fmt::format("confirm: {} is not the database's name {}; nothing was deleted.", quote(confirm), quote(database)));
  }
  if (asked_with_rows) {
    auto again = co_await ask_again_before_database_drop(s, call, *asked_with_rows, database);
    if (again) co_return std::move(*again);
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
