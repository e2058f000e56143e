// The part of engine_impl that routes what removes messages for good.

#include "database/engine_impl.hpp"

namespace dbcord::database {

actor::task<base::result<vacuum_report>> engine_impl::vacuum(std::string database, std::string table, bool scan, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->vacuum(std::move(table), scan, context);
}

actor::task<base::result<move_report>> engine_impl::move_table(std::string database, std::string table, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->move_table(std::move(table), std::move(context));
}

actor::task<base::result<purge_report>> engine_impl::purge(std::string database, std::string table, std::string key, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->purge(std::move(table), std::move(key), std::move(context));
}

actor::task<base::result<write_receipt>> engine_impl::set_layout(std::string database, std::string table, protocol::table_layout layout,
                                                                 write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->set_layout(std::move(table), layout, std::move(context));
}

}  // namespace dbcord::database
