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

BOOST_AUTO_TEST_CASE(a_patch_comes_as_a_file_and_refusals_name_the_file) {
  engine.write_answer = test::fake_engine::receipt(2);
  attach("\xEF\xBB\xBF{\n  \"n\": 1.50\n}\n");
  BOOST_TEST(in_users().with("key", "u_1").run("dbc_update") == "Updated `u_1` in `prod.users`, now version 2. " + at);
  BOOST_TEST(engine.calls.front() == "update prod users u_1 {\n  \"n\": 1.50\n}\n");
  engine.write_answer = base::error(database::errc::invalid_json, "patch_json names a field \"$x\", which no query could name");
  BOOST_TEST(run("dbc_update") == "! file names a field \"$x\", which no query could name.");
  call.attachments.clear();
  BOOST_TEST(with("patch_json", R"({"n":1})").run("dbc_update") == "! patch_json names a field \"$x\", which no query could name.");
}

BOOST_AUTO_TEST_CASE(a_row_comes_as_a_file_into_insert_edit_and_transactions) {
  attach("{\"id\":\"u_1\"}");
  BOOST_TEST(in_users().with("key", "u_1").run("dbc_insert").starts_with("Inserted `u_1`"));
  BOOST_TEST(engine.calls.back() == "insert prod users u_1 {\"id\":\"u_1\"}");
  BOOST_TEST(!opens_form(*find_command("dbc_edit"), call));
  BOOST_TEST(run("dbc_edit").starts_with("Updated `u_1`"));
  BOOST_TEST(engine.calls.back() == "replace prod users u_1 {\"id\":\"u_1\"}");
  call.arguments.erase("key");
  call.arguments.erase("table");
  attach(R"([{"op":"check","table":"users","key":"a"},{"op":"check","table":"users","key":"b"}])");
  BOOST_TEST(run("dbc_txn").starts_with("Looked: 2 steps"));
}

BOOST_AUTO_TEST_SUITE_END()
