#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/confirmation.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

reply question(const database::table_summary& summary, const std::string& database, const std::string& table) {
  reply r;
  r.text = fmt::format("Delete the table `{}.{}` with {}, its history and its indexes? It cannot be undone; `/dbc_snapshot` keeps a copy. "
                       "To do it press the button, or give the command with `confirm:{}`.",
                       database, table, count(summary.rows, "row"), table);
  prepared_command drop{"dbc_drop", {{"database", database}, {"table", table}, {"confirm", confirmation_of_rows({summary.id, summary.rows})}}};
  r.buttons.push_back({fmt::format("Delete {} and its {}", table, count(summary.rows, "row")), std::move(drop), button_style::danger});
  return r;
}

actor::task<reply> ask_first(services s, invocation call, std::string database, std::string table) {
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect_table(database, table, context);
  if (!summary) co_return explain(s, call, summary.error());
  co_return question(*summary, database, table);
}

// Of a press on the button: asks again when rows have come since.
actor::task<std::optional<reply>> ask_again(services s, const invocation& call, const confirmed_rows& asked, const std::string& database, const std::string& table) {
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect_table(database, table, context);
  if (!summary || summary->id != asked.id || summary->rows <= asked.rows) co_return std::nullopt;
  auto again = question(*summary, database, table);
  again.text.insert(0, rows_came_since(summary->rows - asked.rows));
  co_return again;
}

}  // namespace

actor::task<reply> dbc_drop(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto confirm = text_argument(call, "confirm");
  if (confirm.empty()) co_return co_await ask_first(s, std::move(call), std::move(database), std::move(table));
  auto asked_about = rows_confirmed(confirm);
  if (!asked_about && confirm != table) {
    co_return failure(fmt::format("confirm: {} is not the table's name {}; nothing was deleted.", quote(confirm), quote(table)));
  }
  auto context = write_context_of(call);
  if (asked_about) {
    auto again = co_await ask_again(s, call, *asked_about, database, table);
    if (again) co_return std::move(*again);
    context.expected_id = asked_about->id;
  }
  auto done = co_await s.engine.drop_table(database, table, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("Dropped the table `{}.{}`{}; its channel is deleted in a moment, and its name is free. {}", database, table,
                       done->repeated ? " (by an earlier delivery of this command)" : "", done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
