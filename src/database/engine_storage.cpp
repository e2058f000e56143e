// The part of engine_impl that routes what removes messages for good.

#include "database/engine_impl.hpp"

namespace dbcord::database {

actor::task<base::result<vacuum_report>> engine_impl::vacuum(std::string database, std::string table, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->vacuum(std::move(table), context);
}

}  // namespace dbcord::database
