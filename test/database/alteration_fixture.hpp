#pragma once
// Columns of the table users of database prod, altered.

#include <optional>

#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"

namespace dbcord::test {

using altered = std::optional<base::result<database::alteration_report>>;

struct alteration_fixture : database_fixture {
  static actor::task<void> alter(database::engine& e, protocol::column_change change, bool force, database::write_context c, altered& done) {
    done = co_await e.administration().alter_columns("prod", "users", std::move(change), force, std::move(c));
  }
  base::result<database::alteration_report> alter_now(protocol::column_change change, bool force = false) {
    return run(stack->engine->administration().alter_columns("prod", "users", std::move(change), force, context()));
  }
  database::table_summary users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  auto set_schema(std::string json) { return run(stack->engine->set_schema("prod", "users", std::move(json), false, context())); }
  auto create_index(std::string field, bool unique) { return run(stack->engine->create_index("prod", "users", std::move(field), unique, context())); }
  void check_sound() { BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u); }
};

}  // namespace dbcord::test
