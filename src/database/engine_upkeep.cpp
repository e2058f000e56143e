// The part of engine_impl that routes what engine_impl.cpp does not.

#include "database/engine_impl.hpp"

namespace dbcord::database {

actor::task<base::result<write_receipt>> engine_impl::replace(std::string database, std::string table, std::string key, std::string row_json,
                                                              write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->replace(std::move(table), std::move(key), std::move(row_json), std::move(context));
}

actor::task<base::result<write_receipt>> engine_impl::drop_table(std::string database, std::string table, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->drop_table(std::move(table), std::move(context));
}

actor::task<base::result<write_receipt>> engine_impl::set_access(std::string database, protocol::access_rules rules, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->set_access(std::move(rules), std::move(context));
}

protocol::access_rules engine_impl::access(std::string database) const {
  auto db = find_any(database);
  return db ? (*db)->access() : protocol::access_rules();
}

actor::task<std::vector<std::string>> engine_impl::suggest(std::string database, std::string table, suggestion what, std::string typed,
                                                           std::size_t limit, base::steady_time deadline) {
  auto db = find_database(database);
  if (!db) co_return std::vector<std::string>();
  co_return co_await (*db)->suggest(std::move(table), what, std::move(typed), limit, deadline);
}

std::optional<table_place> engine_impl::locate(base::channel_id channel) const {
  std::lock_guard lock(mutex_);
  for (const auto& [name, db] : open_) {
    if (auto table = db->locate(channel)) return table_place{name, *table};
  }
  return std::nullopt;
}

actor::task<base::result<reindex_report>> engine_impl::reindex(std::string database, std::string table, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->reindex(std::move(table), context);
}

actor::task<base::result<repair_report>> engine_impl::repair(std::string database, std::string table, verify_report found,
                                                             read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->repair(std::move(table), std::move(found), context);
}

}  // namespace dbcord::database
