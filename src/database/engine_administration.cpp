// The part of engine_impl that routes what is done to whole databases, but for copies.

#include <fmt/format.h>

#include "database/engine_impl.hpp"

namespace dbcord::database {

actor::task<base::result<database_figures>> engine_impl::figures(std::string database, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->figures(context);
}

// One command acts in one database.
actor::task<base::result<command_outcome>> engine_impl::outcome_of(std::string idempotency_key, read_context context) {
  command_outcome outcome;
  std::optional<base::error> unknown;
  for (const auto& db : all_open()) {
    auto there = co_await db->outcome_of(idempotency_key, context.deadline);
    if (!there) unknown = there.error();
    else if (there->is == command_outcome::state::forgotten) outcome.is = there->is;
    else if (there->is != command_outcome::state::not_done) co_return there;
  }
  if (unknown) co_return *unknown;
  auto closed = failed();
  if (!closed.empty()) co_return base::error(errc::unavailable, fmt::format("it may have been done in a database that could not be opened: {}", closed.front()));
  co_return outcome;
}

memory_figures engine_impl::memory() const { return limits_->memory.figures(); }

actor::task<base::result<deletion_decision>> engine_impl::set_deletions(std::string database, deletion_policy policy, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->set_deletions(policy, std::move(context));
}

actor::task<base::result<alteration_report>> engine_impl::alter_columns(std::string database, std::string table, protocol::column_change change, bool force,
                                                                        write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->alter_columns(std::move(table), std::move(change), force, std::move(context));
}

actor::task<base::result<thread_report>> engine_impl::show_in_thread(std::string database, std::string table, std::string key, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->show_in_thread(std::move(table), std::move(key), context);
}

actor::task<base::result<write_receipt>> engine_impl::set_row_threads(std::string database, std::string table, bool on, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->set_row_threads(std::move(table), on, std::move(context));
}

base::result<row_thread_status> engine_impl::row_threads_of(std::string database) const {
  auto db = find_database(database);
  if (!db) return db.error();
  return (*db)->row_threads_status();
}

actor::task<base::result<write_receipt>> engine_impl::create_shown_index(std::string database, std::string table, std::string field, bool unique,
                                                                         write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->create_index(std::move(table), std::move(field), unique, true, std::move(context));
}

actor::task<base::result<index_channel_change>> engine_impl::set_index_channel(std::string database, std::string table, std::string field, bool on,
                                                                              write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->set_index_channel(std::move(table), std::move(field), on, std::move(context));
}

base::result<std::vector<index_channel_status>> engine_impl::index_channels_of(std::string database) const {
  auto db = find_database(database);
  if (!db) return db.error();
  return (*db)->index_channels_status();
}

base::result<deletion_status> engine_impl::deletions(std::string database) const {
  auto db = find_database(database);
  if (!db) return db.error();
  return (*db)->deletions();
}

}  // namespace dbcord::database
