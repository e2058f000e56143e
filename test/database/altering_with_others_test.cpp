// What else happens to a table while its columns are altered: it is dropped, it has unique indexes, it is copied.

#include <fmt/format.h>

#include "database/alteration_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;
using protocol::column_change;

namespace {

struct altering_fixture : alteration_fixture {
  void fill(int rows) {
    std::vector<database::new_row> some;
    for (int i = 0; i < rows; ++i) some.push_back({fmt::format("k{:04}", i), fmt::format(R"({{"n":{}}})", i)});
    put_all(std::move(some));
  }
  // Until some of the rows are altered, and not all.
  void begin(column_change change) {
    int slices = 0;
    stack->store.on_post = [&slices](base::channel_id, const database::new_message& m) {
      if (contains(m.content, "256 changes in 1 transaction")) ++slices;
      return fault::none;
    };
    process->spawn(alter(*stack->engine, std::move(change), false, context(), done));
    BOOST_REQUIRE(world.run_until([&] { return slices == 2; }, 1min));
    stack->store.on_post = {};
    BOOST_REQUIRE(!done);
  }
  auto drop(std::string table) { return run(stack->engine->drop_table("prod", std::move(table), context())); }
  std::uint64_t count(std::string table, std::string where) {
    database::find_request request;
    request.where_json = std::move(where);
    request.count_only = true;
    return run(stack->engine->find("prod", std::move(table), std::move(request), reading())).value().matched;
  }

  altered done;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(altering_with_others)

// A slice of rows that went into the log behind the drop made the whole database one that could not be opened.
BOOST_AUTO_TEST_CASE(a_table_that_is_dropped_while_it_is_altered_stands_in_nobodys_way) {
  for (int ms = 0; ms < 400; ms += 40) {
    BOOST_TEST_CONTEXT("killed " << ms << " ms behind the drop") {
      altering_fixture f;
      f.create();
      BOOST_REQUIRE(f.run(f.stack->engine->create_table("prod", "others", "id", f.context())).has_value());
      f.fill(3'000);
      f.begin(*column_change::drop("n"));
      BOOST_REQUIRE(f.drop("users").has_value());
      f.world.run_for(std::chrono::milliseconds(ms));
      f.restart();
      BOOST_TEST(f.inspect().state == "open");
      BOOST_TEST(f.inspect().tables.size() == 1u);
    }
  }
}

// It goes on when the drop is refused by Discord.
BOOST_FIXTURE_TEST_CASE(a_drop_that_fails_leaves_it_going_on, altering_fixture) {
  create();
  fill(3'000);
  begin(*column_change::drop("n"));
  stack->store.on_post = [](base::channel_id, const database::new_message& m) { return contains(m.content, "{\"drop\":\"users\"") ? fault::refused : fault::none; };
  BOOST_TEST(!drop("users").has_value());
  stack->store.on_post = {};
  BOOST_REQUIRE(world.run_until([&] { return done.has_value(); }, 2min));
  if (!*done) BOOST_TEST(alter_now(*column_change::drop("n")).has_value());  // whoever gave it was told that it is in doubt
  BOOST_TEST(count("users", R"({"n":{"$exists":true}})") == 0u);
  BOOST_TEST(count("users", "{}") == 3'000u);
}

BOOST_FIXTURE_TEST_CASE(a_default_is_not_given_to_many_rows_where_an_index_is_unique, altering_fixture) {
  create();
  for (const auto* key : {"a", "b"}) BOOST_REQUIRE(insert(key, "{}").has_value());
  for (const auto* field : {"f", "deep.g"}) BOOST_REQUIRE(create_index(field, true).has_value());
  for (const auto& change : {*column_change::add("f", R"({"type":"int","default":5})"), *column_change::add("deep", R"({"type":"dict","properties":{"g":{"type":"int","default":5}}})"),
                             *column_change::add("deep.g", R"({"default":5})")}) {
    auto refused = alter_now(change);
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST(contains(refused.error().message, "unique index"));
  }
  BOOST_TEST(alter_now(*column_change::add("f", R"("int")")).has_value());
  BOOST_TEST(alter_now(*column_change::add("other", R"({"type":"int","default":5})")).has_value());
  BOOST_TEST(count("users", R"({"other":5})") == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_copy_that_is_taken_in_the_middle_has_the_new_form, altering_fixture) {
  create();
  BOOST_REQUIRE(create_index("n", false).has_value());
  fill(3'000);
  begin(*column_change::rename("n", "number"));
  auto kept = run(stack->engine->snapshot("prod", "users", reading()));
  BOOST_REQUIRE(kept.has_value());
  auto whole = run(stack->engine->administration().snapshot_database("prod", reading()));
  BOOST_REQUIRE(whole.has_value());
  BOOST_REQUIRE(run(stack->engine->restore("prod", kept->location.message, "copy", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->administration().restore_database("prod", whole->location.message, "again", context())).has_value());
  BOOST_TEST(count("copy", R"({"number":{"$exists":true}})") == 3'000u);
  BOOST_TEST(count("copy", R"({"n":{"$exists":true}})") == 0u);
  database::find_request all;
  all.where_json = R"({"n":{"$exists":true}})";
  all.count_only = true;
  BOOST_TEST(run(stack->engine->find("again", "users", std::move(all), reading())).value().matched == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
