#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {

namespace {

// A write of its own.
actor::task<base::result<void>> set_threads(services s, const invocation& call, bool on) {
  auto context = write_context_of(call);
  if (!context.idempotency_key.empty()) context.idempotency_key += ":threads";
  auto done = co_await s.engine.administration().set_row_threads(text_argument(call, "database"), text_argument(call, "table"), on, std::move(context));
  if (!done) co_return done.error();
  co_return base::result<void>();
}

}  // namespace

actor::task<reply> dbc_history_set(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto versions = static_cast<std::uint64_t>(integer_argument(call, "versions", 0));
  auto days = static_cast<std::uint64_t>(integer_argument(call, "days", 0));
  auto view = text_argument(call, "history");
  bool has_view = has_argument(call, "history"), threads = view == "thread";
  if (has_view && !threads && view != "none") co_return failure(fmt::format("history: {} is not a choice; use thread or none.", quote(view)));
  auto context = write_context_of(call);
  auto done = co_await s.engine.set_history(database, table, versions, days, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("`{}.{}` now keeps up to {} of each row, for {}. {}", database, table, count(versions, "older version"), count(days, "day"),
                       done->location.url());
  if (!has_view) co_return r;
  auto set = co_await set_threads(s, call, threads);
  if (!set) co_return explain(s, call, set.error());
  r.text += threads ? " Each row that changes from now on gets a thread that shows its versions, as far as Discord's limits on threads allow it."
                    : " Threads of rows are not continued; those that are there stay.";
  co_return r;
}

}  // namespace dbcord::commands
