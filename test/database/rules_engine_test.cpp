// Schemas and indexes through the engine: they survive a kill, hold for imports, and are set once however often the command comes.

#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct rules_fixture : database_fixture {
  auto set_schema(std::string json, bool force = false, std::string id = {}) {
    auto c = context();
    if (!id.empty()) c.idempotency_key = id;
    return run(stack->engine->set_schema("prod", "users", std::move(json), force, c));
  }
  auto create_index(std::string field, bool unique) { return run(stack->engine->create_index("prod", "users", std::move(field), unique, context())); }
  auto drop_index(std::string field) { return run(stack->engine->drop_index("prod", "users", std::move(field), context())); }
  auto users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rules_of_tables, rules_fixture)

BOOST_AUTO_TEST_CASE(schema_and_indexes_survive_a_kill) {
  create();
  BOOST_REQUIRE(set_schema(R"({"required":["email"],"properties":{"role":{"default":"user"}}})").has_value());
  BOOST_REQUIRE(create_index("email", true).has_value());
  BOOST_REQUIRE(create_index("role", false).has_value());
  BOOST_REQUIRE(insert("a", R"({"email":"x"})").has_value());
  BOOST_REQUIRE(insert("b", R"({"email":"y"})").has_value());
  BOOST_REQUIRE(remove("b").has_value());
  BOOST_REQUIRE(drop_index("role").has_value());
  restart();
  BOOST_TEST(users().schema_json == R"({"required":["email"],"properties":{"role":{"default":"user"}}})");
  BOOST_REQUIRE(users().indexes.size() == 1u);
  BOOST_TEST(users().indexes[0].field == "email");
  BOOST_TEST(users().indexes[0].entries == 1u);
  BOOST_TEST(get("a") == R"({"id":"a","email":"x","role":"user"})");
  BOOST_TEST((insert("c", R"({"email":"x"})").error().code == errc::duplicate_value));
  BOOST_TEST((insert("c", "{}").error().code == errc::schema_violation));
  BOOST_TEST(insert("c", R"({"email":"y"})").has_value());
  BOOST_TEST(find(R"({"email":"y"})") == "c ");
  BOOST_TEST(create_index("role", false).has_value());  // its number is new
}

BOOST_AUTO_TEST_CASE(rules_hold_for_imports_also_between_rows_of_one_file) {
  create();
  BOOST_REQUIRE(set_schema(R"({"properties":{"n":"int"}})").has_value());
  BOOST_REQUIRE(create_index("n", true).has_value());
  std::vector<database::new_row> rows{{"", R"({"id":"a","n":1})"}, {"", R"({"id":"b","n":1.0})"}, {"", R"({"id":"c","n":"x"})"}, {"", R"({"id":"d","n":2})"}};
  auto report = run(stack->engine->import("prod", "users", rows, context()));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->accepted == 2u);
  BOOST_REQUIRE(report->refused.size() == 2u);
  BOOST_TEST(report->refused[0].reason == "the field n is unique in table users, and row \"a\" has 1.0 already");
  BOOST_TEST(report->refused[1].reason == "row \"c\" does not fit the schema of table users: the field n must be of type int, not \"x\"");
  restart();
  BOOST_TEST(find("{}") == "a d ");
}

BOOST_AUTO_TEST_CASE(bad_rules_change_nothing) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST(set_schema("{").error().message.starts_with("schema_json: not valid JSON"));
  BOOST_TEST((set_schema(R"({"required":["n"]})").error().code == errc::schema_violation));
  for (auto field : {"", "$a", "id", "a\nb"}) BOOST_TEST(create_index(field, true).error().message.starts_with("field: "), field);
  BOOST_TEST((run(stack->engine->create_index("prod", "nobody", "a", true, context())).error().code == errc::unknown_table));
  BOOST_TEST((run(stack->engine->set_schema("nowhere", "users", "{}", true, context())).error().code == errc::unknown_database));
  BOOST_TEST(users().schema_json == "{}");
  BOOST_TEST(users().indexes.empty());
}

BOOST_AUTO_TEST_CASE(a_schema_command_delivered_twice_acts_once) {
  create();
  auto once = context().idempotency_key;
  BOOST_REQUIRE(set_schema(R"({"required":["n"]})", true, once).has_value());
  BOOST_REQUIRE(set_schema("{}").has_value());
  auto again = set_schema(R"({"required":["n"]})", true, once);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->repeated);
  BOOST_TEST(users().schema_json == "{}");
}

BOOST_AUTO_TEST_SUITE_END()
