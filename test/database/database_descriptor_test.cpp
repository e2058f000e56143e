// What is declared of databases, and what becomes of those that are otherwise.

#include "database/database_descriptor.hpp"

#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::database_descriptor;
using database::errc;

namespace {

constexpr std::string_view declared = R"({"databases": {"prod": {"tables": {
  "users": {"pk": "id", "schema": {"required": ["mail"], "properties": {"mail": "str", "a": {"type": "dict", "properties": {"n": "int"}}}},
            "indexes": [{"field": "mail", "unique": true}, {"field": "a.n"}], "layout": "pages"}}}}})";

struct descriptor_fixture : database_fixture {
  void declare(std::string_view json, bool create_missing = false) {
    auto descriptor = database_descriptor::parse(json);
    BOOST_TEST_REQUIRE(descriptor.has_value(), descriptor.error().message);
    options.descriptor = std::make_shared<const database_descriptor>(std::move(*descriptor));
    options.create_missing = create_missing;
  }
  // Kill -9, a new process; what it says of databases that it has not opened.
  std::string opened_anew() {
    if (process) kill();
    start();
    auto opened = open();
    if (!opened) return opened.error().message;
    std::string all;
    for (const auto& why : stack->engine->failed()) all += why;
    return all;
  }
  void build() {
    create();
    auto& e = *stack->engine;
    BOOST_REQUIRE(run(e.set_schema("prod", "users", R"({"properties":{"a.n":"int","a":"dict","mail":{"type":"str","required":true}}})", false, context())).has_value());
    BOOST_REQUIRE(run(e.create_index("prod", "users", "mail", true, context())).has_value());
    BOOST_REQUIRE(run(e.create_index("prod", "users", "a.n", false, context())).has_value());
  }
};

std::string refusal(std::string_view json) {
  auto parsed = database_descriptor::parse(json);
  return parsed ? "accepted" : parsed.error().message;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(database_descriptors, descriptor_fixture)

BOOST_AUTO_TEST_CASE(bad_files_are_refused_in_a_sentence_that_names_the_place) {
  BOOST_TEST(refusal("{").starts_with("not valid JSON"));
  for (auto json : {"[]", "{}", R"({"database":{}})", R"({"databases":[]})"}) BOOST_TEST(refusal(json).starts_with("it must be an object like"), json);
  auto of_table = [](std::string table) { return refusal(R"({"databases":{"prod":{"tables":{"users":)" + table + "}}}}"); };
  BOOST_TEST(refusal(R"({"databases":{"a b":{"tables":{}}}})") == "databases.a b: that is not usable as a database's name");
  BOOST_TEST(refusal(R"({"databases":{"prod":{"table":{}}}})").starts_with("databases.prod: "));
  BOOST_TEST(of_table("{}") == "databases.prod.tables.users.pk: it is missing");
  BOOST_TEST(of_table(R"({"pk":5})").starts_with("databases.prod.tables.users.pk: it must be the name"));
  BOOST_TEST(of_table(R"({"pk":"id","colour":1})") == "databases.prod.tables.users.colour: known are pk, schema, indexes and layout");
  BOOST_TEST(of_table(R"({"pk":"id","layout":"wide"})") == "databases.prod.tables.users.layout: it must be auto, rows or pages");
  BOOST_TEST(of_table(R"({"pk":"id","schema":{"properties":{"n":"integer"}}})").starts_with("databases.prod.tables.users.schema: the field n has the type"));
  BOOST_TEST(of_table(R"({"pk":"id","indexes":[{"field":"a"},{"unique":true}]})") == "databases.prod.tables.users.indexes[1].field: it is missing");
  BOOST_TEST(of_table(R"({"pk":"id","indexes":[{"field":"a"},{"field":"a"}]})") == "databases.prod.tables.users.indexes[1]: the field a has two indexes");
  BOOST_TEST(of_table(R"({"pk":"id","indexes":[{"field":"a","kind":1}]})").starts_with("databases.prod.tables.users.indexes[0].kind: known are"));
}

BOOST_AUTO_TEST_CASE(a_database_describes_itself_and_is_as_it_says) {
  build();
  auto text = database_descriptor::of(inspect()).text();
  auto descriptor = database_descriptor::parse(text);
  BOOST_TEST_REQUIRE(descriptor.has_value(), descriptor.error().message);
  BOOST_TEST(descriptor->text() == text);
  BOOST_TEST(descriptor->differences(inspect()).empty());
  declare(text);
  BOOST_TEST(opened_anew() == "");
  BOOST_TEST(insert("a", R"({"mail":"x"})").has_value());
}

BOOST_AUTO_TEST_CASE(one_that_differs_is_not_opened_and_the_sentence_says_how) {
  build();
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "extra", false, context())).has_value());
  declare(R"({"databases":{"prod":{"tables":{"users":{"pk":"key","schema":{"properties":{"mail":"str","b":"int"}},"indexes":[{"field":"mail"}]},"posts":{"pk":"id"}}}}})");
  BOOST_TEST(opened_anew() ==
             "prod: it is not as its descriptor declares: table posts is missing; the primary key of table users is id, not key; table users has no rule for the "
             "column b; and 6 more");
  BOOST_TEST((insert("a", "{}").error().code == errc::unavailable));
  BOOST_TEST(get("a").find("could not be opened: it is not as its descriptor declares") != std::string::npos);
  options.descriptor = nullptr;
  BOOST_TEST(opened_anew() == "");
  BOOST_TEST(insert("a", R"({"mail":"x"})").has_value());
}

BOOST_AUTO_TEST_CASE(what_is_missing_can_be_made_and_nothing_else_is_changed) {
  start();
  BOOST_REQUIRE(open().has_value());
  BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
  declare(declared);
  BOOST_TEST(opened_anew() == "prod: it is not as its descriptor declares: table users is missing");
  declare(declared, true);
  BOOST_TEST(opened_anew() == "");
  BOOST_TEST(insert("a", R"({"mail":"x","a":{"n":1}})").has_value());
  BOOST_TEST((insert("b", R"({"mail":"x"})").error().code == errc::duplicate_value));
  BOOST_TEST(inspect().tables.at(0).layout == "pages");
  BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "a.n", context())).has_value());
  BOOST_TEST(opened_anew() == "");
  BOOST_TEST(inspect().tables.at(0).indexes.size() == 2u);
  BOOST_REQUIRE(run(stack->engine->set_schema("prod", "users", "{}", false, context())).has_value());
  BOOST_TEST(opened_anew().starts_with("prod: it is not as its descriptor declares: table users has no rule for the column a"));
  declare(R"({"databases":{"other":{"tables":{}}}})");  // of this one nothing is said
  BOOST_TEST(opened_anew() == "");
}

BOOST_AUTO_TEST_CASE(a_channel_of_an_index_may_be_declared) {
  build();
  auto with = [](std::string channel) {
    return R"({"databases":{"prod":{"tables":{"users":{"pk":"id","indexes":[{"field":"mail","unique":true)" + channel + R"(},{"field":"a.n"}]}}}}})";
  };
  auto yes = with(R"(,"channel":true)"), no = with(R"(,"channel":false)");
  BOOST_TEST(refusal(with(R"(,"channel":1)")).starts_with("databases.prod.tables.users.indexes[0].channel: known are field (a name), unique and channel"));
  declare(no);
  BOOST_TEST(opened_anew() == "");
  declare(yes);
  BOOST_TEST(opened_anew() == "prod: it is not as its descriptor declares: the index on mail of table users has no channel");
  declare(yes, true);
  BOOST_TEST(opened_anew() == "");
  BOOST_TEST(inspect().tables.at(0).indexes.at(0).channel);
  auto text = database_descriptor::of(inspect()).text();
  BOOST_TEST(text.find("\"channel\": true") != std::string::npos);
  BOOST_TEST(text.find("\"channel\"") == text.rfind("\"channel\""));  // of the one that has it
  declare(with(""));  // nothing is said
  BOOST_TEST(opened_anew() == "");
  declare(no);
  BOOST_TEST(opened_anew() == "prod: it is not as its descriptor declares: the index on mail of table users has a channel");
  declare(no, true);  // what is there is not deleted
  BOOST_TEST(opened_anew() == "prod: it is not as its descriptor declares: the index on mail of table users has a channel");
  declare(with(""));
  BOOST_TEST(opened_anew() == "");
  BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "mail", context())).has_value());
  declare(yes, true);
  BOOST_TEST(opened_anew() == "");  // index and channel
  BOOST_TEST(stack->engine->administration().index_channels_of("prod")->size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_index_that_cannot_be_made_keeps_the_database_closed) {
  create();
  for (auto key : {"a", "b"}) BOOST_REQUIRE(insert(key, R"({"n":1})").has_value());
  declare(R"({"databases":{"prod":{"tables":{"users":{"pk":"id","indexes":[{"field":"n","unique":true}]}}}}})", true);
  BOOST_TEST(opened_anew() == "prod: the field n cannot be unique in table users: rows \"a\" and \"b\" have 1");
}

BOOST_AUTO_TEST_SUITE_END()
