#include "app/restore_command.hpp"

#include <fmt/format.h>

#include "app/backup_file.hpp"
#include "app/client_connection.hpp"
#include "app/command_target.hpp"
#include "app/reply_printer.hpp"
#include "commands/index_channel_text.hpp"

namespace dbcord::app {
namespace {

// Of one upload, as import's.
constexpr std::size_t batch_bytes = 4 * 1024 * 1024;
constexpr std::size_t batch_rows = 5000;

base::error incomplete(const std::string& name, const database::dump_restorer& restorer, const base::error& why) {
  return {why.code, fmt::format("database {} is not whole, only {} of {} tables of it are complete: {}. Restore it again, or drop it with /dbc_database_drop database:{}",
                                name, restorer.tables(), restorer.head().tables, why.message, name)};
}

// Whoever has the database still wants it beside the copy, or drops it first.
base::error with_way_out(base::error why) {
  if (why.message.find("exists already") == std::string::npos) return why;
  while (why.message.ends_with('.') || why.message.ends_with('\n')) why.message.pop_back();
  why.message += "; restore it under another name with --database NEW";
  return why;
}

actor::task<base::result<void>> restore(const actor::environment& env, user_session& session, const restore_options& options, const std::string& name,
                                        const backup_content& content) {
  auto file = backup_file::open(options.file);
  if (!file) co_return file.error();
  command_target target(env, session, name, content.end.rows);
  auto created = co_await target.begin();
  if (!created) co_return with_way_out(created.error());
  database::dump_restorer restorer(target, batch_bytes, batch_rows);
  for (;;) {
    auto item = file->next();
    if (!item) co_return incomplete(name, restorer, item.error());
    if (!*item) break;
    auto taken = co_await restorer.take(std::move(**item));
    if (!taken) co_return incomplete(name, restorer, taken.error());
  }
  for (const auto& why : restorer.without_channel()) fmt::print(stderr, "{}\n", commands::without_channel_text(why));
  auto ended = co_await target.end();
  if (!ended) co_return incomplete(name, restorer, ended.error());
  co_return base::result<void>();
}

}  // namespace

actor::task<int> restore_command(const actor::environment& env, restore_options options) {
  auto content = check_backup(options.file);
  auto who = content ? identify(options.client) : base::result<user_identity>(content.error());
  if (!who) {
    print_error(who.error());
    co_return 1;
  }
  auto name = options.database.empty() ? content->head.database : options.database;
  client_connection connection(env, std::move(*who));
  auto& session = connection.session();
  auto begun = env.now();
  auto done = co_await session.connect(env.after(connect_limit));
  if (done) done = co_await restore(env, session, options, name, *content);
  co_await session.close();
  if (!done) {
    print_error(done.error());
    co_return 1;
  }
  auto seconds = std::chrono::duration<double>(env.now() - begun).count();
  fmt::print("Restored {} ({}, as {} was at {}) in {:.2f} s.\n", name, size_text(content->end), content->head.database,
             content->head.taken, seconds);
  co_return 0;
}

}  // namespace dbcord::app
