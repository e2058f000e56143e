// Rows as they are now: by key, and by what they hold.

#include <algorithm>

#include "database/database_writes.hpp"

namespace dbcord::database {
namespace {

// That it may hold, about: rows are taken for twice as large as they are in the mean.
std::uint64_t bytes_of_answer(table_actor::table_size table, const find_query& query) {
  std::uint64_t rows = query.rows_held();
  auto needed = rows >= table.rows ? table.json_bytes : 2 * rows * (table.json_bytes / table.rows);
  return std::min<std::uint64_t>(query.byte_budget(), needed);
}

}  // namespace

dbcord::actor::task<base::result<row>> database::get(std::string table, std::string key, read_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto current = co_await log_.confirm_readable(context.deadline);
  if (!current) co_return current.error();
  auto found = co_await (*target)->get(std::move(key), context.deadline);
  co_await publication_.settled();
  co_return found;
}

dbcord::actor::task<base::result<find_answer>> database::find(std::string table, find_request request, read_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto query = find_query::parse(request);
  if (!query) co_return query.error();
  query->follow(context.progress);
  auto current = co_await log_.confirm_readable(context.deadline);
  if (!current) co_return current.error();
  if (request.as_of) {
    if (auto future = not_yet(*request.as_of)) co_return *future;
  }
  auto needed = bytes_of_answer((*target)->size(), *query);
  auto held = co_await limits_->answers->enter(needed, env(), context.deadline, context.progress);
  if (!held && is_cancelled(context.progress)) co_return find_query::cancelled();
  if (!held) co_return base::error(errc::backpressure, "other large answers were being made all the time; try again, or ask for fewer rows");
  auto found = co_await (*target)->find(std::move(*query), context.deadline);
  co_await publication_.settled();
  if (found) found->held = std::move(held);
  co_return found;
}

dbcord::actor::task<reading_caveat> database::caveat(std::string table) {
  reading_caveat all;
  all.log_lost = log_.read_only_reason().has_value();
  auto target = find_table(table);
  if (!target) co_return all;
  auto now = co_await (*target)->altering_now();
  all.altering = now.change.has_value();
  co_return all;
}

}  // namespace dbcord::database
