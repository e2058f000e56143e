// What an update shows of the row it made, and what it refuses.
#include "commands/handlers_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

BOOST_FIXTURE_TEST_SUITE(dbc_update, handlers_fixture)

BOOST_AUTO_TEST_CASE(update_shows_the_row_it_made) {
  engine.write_answer = test::fake_engine::receipt(2);
  engine.get_answer = test::fake_engine::row("u_1", 2, "{\"id\":\"u_1\"}");
  BOOST_TEST(in_users().with("key", "u_1").with("patch_json", "{\"a\":null}").run("dbc_update") == "Updated `u_1` in `prod.users`, now version 2. " + at);
  BOOST_TEST(last.rows.size() == 1u);
  BOOST_TEST(engine.calls.front() == "update prod users u_1 {\"a\":null}");
}

BOOST_AUTO_TEST_CASE(update_does_not_show_the_row_that_somebody_else_made_meanwhile) {
  engine.write_answer = test::fake_engine::receipt(2);
  engine.get_answer = test::fake_engine::row("u_1", 3, "{\"id\":\"u_1\"}");
  in_users().with("key", "u_1").with("patch_json", R"({"n":1})").run("dbc_update");
  BOOST_TEST(last.ok);
  BOOST_TEST(last.rows.empty());
}

BOOST_AUTO_TEST_SUITE_END()
