// Columns are altered, databases described: what is told and what is asked of the engine.
#include "commands/handlers_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

BOOST_FIXTURE_TEST_SUITE(schema_commands, handlers_fixture)

BOOST_AUTO_TEST_CASE(columns_are_added_dropped_and_renamed) {
  in_users().with("add", "age").with("rule_json", R"({"type":"int","default":0})").with("force", true);
  BOOST_TEST(run("dbc_schema_alter").starts_with("`prod.users` has a field `age` now, in its schema and in every row. "));
  BOOST_TEST(engine.calls.back() == R"(alter_columns prod users {"add":"age","rule":{"type":"int","default":0}} force)");
  BOOST_TEST(last.rows == std::vector<std::string>{"{}"}, boost::test_tools::per_element());
  with("drop", "name");
  BOOST_TEST(run("dbc_schema_alter") == "! add, drop, rename: give one of them, with the name of a field.");
  call.arguments.erase("add");
  BOOST_TEST(run("dbc_schema_alter").starts_with("! rule_json: "));
  call.arguments.erase("rule_json");
  BOOST_TEST(run("dbc_schema_alter").starts_with("! force: "));
  call.arguments.erase("force");
  BOOST_TEST(run("dbc_schema_alter").starts_with("`prod.users` has no field `name` any more, in its schema and in any row. "));
  BOOST_TEST(engine.calls.back() == R"(alter_columns prod users {"drop":"name"})");
  with("to", "label");
  BOOST_TEST(run("dbc_schema_alter").starts_with("! to: "));
  call.arguments.erase("drop");
  with("rename", "name");
  BOOST_TEST(run("dbc_schema_alter").starts_with("`prod.users` calls its field `name` `label` now, in its schema and in every row. "));
  BOOST_TEST(engine.calls.back() == R"(alter_columns prod users {"rename":"name","to":"label"})");
  with("to", "name.first");
  BOOST_TEST(run("dbc_schema_alter") == "! rename: name and name.first lie in each other; rename in two steps.");
  call.arguments.erase("to");
  BOOST_TEST(run("dbc_schema_alter") == "! to: give the field's new name.");
  call.arguments.erase("rename");
  with("add", "$x");
  BOOST_TEST(run("dbc_schema_alter").starts_with("! add: \"$x\" is not usable as a field"));
  with("add", "x").with("rule_json", R"({"type":"integer"})");
  BOOST_TEST(run("dbc_schema_alter").starts_with("! rule_json: the field x has the type"));
}

BOOST_AUTO_TEST_CASE(an_added_field_without_a_default_is_not_said_to_be_in_every_row) {
  in_users().with("add", "age");
  BOOST_TEST(run("dbc_schema_alter").starts_with("`prod.users` has a field `age` in its schema now; rows that lack it stay without it, since it has no default. "));
  with("rule_json", R"({"type":"int"})");
  BOOST_TEST(run("dbc_schema_alter").find("every row") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_field_that_nobody_has_gets_a_suggestion) {
  engine.suggestions = {"id", "name"};
  engine.write_answer = base::error(database::errc::invalid_query, "no row of table users has a field \"nmae\", and its schema names none");
  in_users().with("drop", "nmae");
  BOOST_TEST(run("dbc_schema_alter") == "! No row of table users has a field \"nmae\", and its schema names none. Did you mean `name`?");
  with("drop", "zebra");
  BOOST_TEST(run("dbc_schema_alter").ends_with("names none."));
  engine.write_answer = base::error(database::errc::invalid_query, "the field id is the primary key of table users, which cannot be altered");
  with("drop", "id");
  BOOST_TEST(run("dbc_schema_alter").ends_with("cannot be altered."));
}

BOOST_AUTO_TEST_CASE(a_field_is_not_renamed_to_what_it_is_called) {
  in_users().with("rename", "n").with("to", "n");
  BOOST_TEST(run("dbc_schema_alter") == "! to: the field is called `n` already; give another name.");
  BOOST_TEST(engine.calls.empty());
}

BOOST_AUTO_TEST_CASE(a_database_is_described_in_a_file) {
  database::database_summary summary;
  summary.name = "prod";
  database::table_summary users;
  users.name = "users";
  users.primary_key = "id";
  users.indexes.push_back({"email", true, 3, "ready", {}});
  users.indexes.push_back({"n", true, 0, "failed", "rows share a value"});
  summary.tables.push_back(users);
  engine.database_answer = summary;
  with("database", "prod");
  BOOST_TEST(run("dbc_describe").starts_with("What `prod` has: 1 table."));
  BOOST_REQUIRE(last.files.size() == 1u);
  BOOST_TEST(last.files[0].name == "descriptor.json");
  BOOST_TEST(last.files[0].bytes == R"({
  "databases": {
    "prod": {
      "tables": {
        "users": {
          "pk": "id",
          "schema": {},
          "indexes": [
            {
              "field": "email",
              "unique": true
            }
          ],
          "layout": "auto"
        }
      }
    }
  }
}
)");
}

BOOST_AUTO_TEST_SUITE_END()
