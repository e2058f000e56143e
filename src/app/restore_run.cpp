#include "app/restore_run.hpp"

#include <fmt/format.h>

#include "app/command_target.hpp"
#include "app/interruption.hpp"
#include "app/print_line.hpp"
#include "commands/index_channel_text.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::app {
namespace {

// Of one upload, as import's.
constexpr std::size_t batch_bytes = 4 * 1024 * 1024;
constexpr std::size_t batch_rows = 5000;

}  // namespace

restore_run::restore_run(const actor::environment& env, user_session& session, const restore_request& request)
    : env_(env), session_(session), request_(request) {}

void restore_run::interrupt() {
  interrupted_ = true;
  if (target_) target_->stop();
}

actor::task<base::result<backup_content>> restore_run::run() {
  command_target target(env_, session_, request_.database, request_.content.end.rows);
  target_ = &target;
  auto done = co_await work(target);
  target_ = nullptr;
  co_return done;
}

actor::task<base::result<backup_content>> restore_run::work(command_target& target) {
  auto file = backup_file::open(request_.file);
  if (!file) co_return file.error();
  auto created = co_await target.begin();
  if (!created) co_return not_begun(created.error());
  database::dump_restorer restorer(target, batch_bytes, batch_rows);
  auto filled = co_await fill(target, restorer, *file);
  if (filled) co_return request_.content;
  if (!interrupted_) co_return incomplete(restorer, filled.error());
  if (ending_) co_return interrupted(fmt::format("whether {} is whole is not known: /dbc_database_list tells", request_.database));
  co_return co_await undone(target);
}

actor::task<base::result<void>> restore_run::fill(command_target& target, database::dump_restorer& restorer, backup_file& file) {
  for (;;) {
    if (interrupted_) co_return base::error(base::errc::stopping);
    auto item = file.next();
    if (!item) co_return item.error();
    if (!*item) break;
    auto taken = co_await restorer.take(std::move(**item));
    if (!taken) co_return taken.error();
  }
  for (const auto& why : restorer.without_channel()) print_line(stderr, commands::without_channel_text(why));
  ending_ = true;
  co_return co_await target.end();
}

actor::task<base::error> restore_run::undone(command_target& target) {
  auto dropped = co_await target.drop(interruption::patience);
  if (dropped) co_return interrupted(fmt::format("what there was of {} is dropped again", request_.database));
  co_return interrupted(fmt::format("{0} is not whole, and nobody can use it: drop it with /dbc_database_drop database:{0}, or restore it again "
                                    "(it was to be dropped: {1})",
                                    request_.database, commands::without_end(dropped.error().message)));
}

// Whoever has the database still wants it beside the copy, or drops it first.
base::error restore_run::not_begun(base::error why) const {
  if (interrupted_ && may_have_been_done(why)) {
    return interrupted(fmt::format("whether {0} was begun is not known: if /dbc_database_list shows it, drop it with /dbc_database_drop database:{0}, or restore it again",
                                   request_.database));
  }
  if (why.message.find("exists already") == std::string::npos) return why;
  why.message = commands::without_end(std::move(why.message)) + "; restore it under another name with --database NEW";
  return why;
}

base::error restore_run::incomplete(const database::dump_restorer& restorer, const base::error& why) const {
  return {why.code, fmt::format("database {0} is not whole, only {1} of {2} tables of it are complete, and nobody can use it: {3}. "
                                "Restore it again, or drop it with /dbc_database_drop database:{0}",
                                request_.database, restorer.tables(), request_.content.head.tables, commands::without_end(why.message))};
}

base::error restore_run::interrupted(std::string_view what_stays) const { return {base::errc::stopping, fmt::format("the restore was interrupted, and {}", what_stays)}; }

}  // namespace dbcord::app
