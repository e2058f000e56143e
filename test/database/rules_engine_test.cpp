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

BOOST_AUTO_TEST_CASE(a_schema_that_no_row_can_keep_is_refused_unless_it_is_forced) {
  create();
  for (auto bad : {R"({"properties":{"y":"str","y.z":"int"}})", R"({"properties":{"y":{"type":"int","enum":["a"]}}})", R"({"properties":{"id":"bool"}})", R"({"properties":{"id":{"type":"int","default":5}}})",
                   R"({"required":["a..b"]})", R"({"properties":{"y":{"type":"int","min":2,"max":1}}})"}) {
    auto refused = set_schema(bad);
    BOOST_TEST_REQUIRE(!refused.has_value(), bad);
    BOOST_TEST((refused.error().code == errc::invalid_json));
    BOOST_TEST(refused.error().message.starts_with("schema_json: "), refused.error().message);
  }
  BOOST_TEST(users().schema_json == "{}");
  BOOST_TEST(set_schema(R"({"properties":{"y":"str","y.z":"int"}})", true).has_value());  // as a restore does
  restart();
  BOOST_TEST(users().schema_json == R"({"properties":{"y":"str","y.z":"int"}})");
}

BOOST_AUTO_TEST_CASE(an_index_is_on_a_field_with_a_name_on_each_side_of_a_dot) {
  create();
  for (auto bad : {"a..b", ".a", "a.", "."}) {
    auto refused = create_index(bad, false);
    BOOST_TEST_REQUIRE(!refused.has_value(), bad);
    BOOST_TEST(refused.error().message.starts_with("field: "), refused.error().message);
  }
  BOOST_TEST(users().indexes.empty());
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
  BOOST_TEST(report->refused[0].reason == "the field n is unique in table users, and row \"a\" has 1 already");
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

// What is accepted is read back: a line of the log is deeper than the row in it.
BOOST_AUTO_TEST_CASE(the_deepest_rows_and_schemas_survive_a_kill) {
  create();
  auto nested = [](int levels) { return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']'); };
  BOOST_REQUIRE(insert("a", "{\"x\":" + nested(63) + "}").has_value());
  BOOST_TEST(!insert("b", "{\"x\":" + nested(64) + "}").has_value());
  BOOST_REQUIRE(set_schema("{\"properties\":{\"y\":{\"default\":" + nested(61) + "}}}").has_value());
  BOOST_REQUIRE(insert("c", "{}").has_value());
  BOOST_REQUIRE(set_schema("{\"properties\":{\"a.b.c.d.e\":{\"default\":" + nested(61) + "}}}").has_value());
  BOOST_TEST((insert("d", "{}").error().code == errc::schema_violation));
  std::string far = "a";
  for (int i = 1; i < 17; ++i) far += ".a";
  BOOST_TEST(set_schema("{\"properties\":{\"" + far + "\":\"int\"}}").error().message.find("may have 16 parts") != std::string::npos);
  BOOST_TEST(create_index(far, false).error().message.starts_with("field: "));
  restart();
  BOOST_TEST(find("{}") == "a c ");
  BOOST_TEST(users().schema_json.find("a.b.c.d.e") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(memory_of_indexes_is_counted_and_given_back) {
  create();
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(insert("k" + std::to_string(i), R"({"n":[1,2,{"x":"some text that is long"}]})").has_value());
  drain();
  auto rows = users().memory;
  std::uint64_t with_index = 0;
  for (int i = 0; i < 3; ++i) {
    BOOST_REQUIRE(create_index("n", false).has_value());
    with_index = users().memory;
    BOOST_TEST(with_index > rows + 20 * 4 * 200);
    BOOST_REQUIRE(drop_index("n").has_value());
    BOOST_TEST(users().memory == rows);
  }
  BOOST_TEST(insert("more", "{}").has_value());
}

BOOST_AUTO_TEST_CASE(an_import_past_the_memory_cap_refuses_rows_one_by_one) {
  options.memory_cap = 64 * 1024;
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 2'000; ++i) rows.push_back({"", "{\"id\":" + std::to_string(i) + ",\"x\":\"" + std::string(1'000, 'x') + "\"}"});
  auto report = run(stack->engine->import("prod", "users", rows, context()));
  BOOST_REQUIRE(report.has_value());
  auto figures = stack->engine->administration().memory();
  BOOST_TEST(figures.used <= figures.cap);
  BOOST_TEST(report->accepted > 100u);  // more than have room with their values: these are evicted once they lie in messages
  BOOST_TEST(report->accepted < 1'900u);
  BOOST_TEST(report->accepted + report->refused.size() == 2'000u);
  BOOST_TEST(report->refused.at(0).reason.find("memory for rows is nearly used up") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(neither_imports_at_once_nor_growing_rows_pass_the_memory_cap) {
  options.memory_cap = 64 * 1024;
  create();
  auto load = [](rules_fixture* self, int part, std::size_t* accepted) -> actor::task<void> {
    std::vector<database::new_row> rows;
    for (int i = 0; i < 40; ++i) rows.push_back({"", "{\"id\":\"" + std::to_string(part) + "-" + std::to_string(i) + "\",\"x\":\"" + std::string(1'000, 'x') + "\"}"});
    auto c = self->context();
    auto report = co_await self->stack->engine->import("prod", "users", rows, c);
    if (report) *accepted += report->accepted;
  };
  std::size_t accepted = 0;
  for (int part = 0; part < 4; ++part) process->spawn(load(this, part, &accepted));
  world.run_for(1min);
  BOOST_TEST(accepted > 20u);
  BOOST_TEST(users().memory <= options.memory_cap);
  int grown = 0;
  for (int i = 0; i < 40; ++i) {
    auto done = update("0-" + std::to_string(i), R"({"y":")" + std::string(3'000, 'y') + "\"}");
    if (done) ++grown;
    if (!done) BOOST_TEST((done.error().code == errc::limit_reached || done.error().code == errc::unknown_key));
  }
  BOOST_TEST(grown > 20);  // values that do not fit are evicted
  BOOST_TEST(users().memory <= options.memory_cap);
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
