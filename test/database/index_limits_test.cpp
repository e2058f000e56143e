// What an index may hold: a bounded number of values of one row, and never more than there is memory for.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cinttypes>
#include <cstdio>
#include <numeric>

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct index_limits : database_fixture {
  // A list of so many values, each another than those of a list from elsewhere.
  static std::string row_of(std::string_view key, int values, int from = 0) {
    std::vector<int> all(static_cast<std::size_t>(values));
    std::iota(all.begin(), all.end(), from);
    return fmt::format(R"({{"id":"{}","tags":[{}]}})", key, fmt::join(all, ","));
  }
  auto create_index(std::string field, bool unique = false) {
    return run(stack->engine->create_index("prod", "users", std::move(field), unique, context()));
  }
  static std::string said(const auto& done) { return done ? "done" : done.error().message; }
  std::uint64_t held() { return inspect().tables.at(0).memory; }
  std::string state_of_index() {
    auto index = inspect().tables.at(0).indexes.at(0);
    return index.state + (index.why.empty() ? "" : ": " + index.why);
  }
  std::uint64_t fixed() { return run(stack->engine->administration().figures("prod", reading()))->memory.fixed; }
  void import_texts(int rows, std::size_t bytes) {
    for (int i = 0; i < rows; i += 20) {
      std::vector<database::new_row> some;
      for (int k = i; k < i + 20; ++k) some.push_back({{}, fmt::format(R"({{"id":"k{}","x":"{}{}"}})", 10'000 + k, std::string(bytes, 'x'), k)});
      put_all(std::move(some));
    }
    drain();
  }

  static constexpr std::string_view too_many = "has 10001 values in the field tags; a row may have 10000 in an index, where a list counts with each of its items";
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(limits_of_indexes, index_limits)

BOOST_AUTO_TEST_CASE(a_row_with_too_many_values_for_an_index_is_refused_however_it_comes) {
  create();
  for (bool unique : {false, true}) {
    BOOST_TEST_REQUIRE(create_index("tags", unique).has_value());
    auto refused = insert("a", row_of("a", 10'000));
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().code == errc::too_large));
    BOOST_TEST(refused.error().message == fmt::format("row \"a\" {}", too_many));
    BOOST_TEST(said(insert("a", row_of("a", 9'999))) == "done");
    BOOST_TEST(said(insert("b", R"({"id":"b","other":[1,2,3]})")) == "done");
    auto patch = row_of("b", 10'000, 50'000);
    BOOST_TEST(said(update("b", patch)) == fmt::format("row \"b\" {}", too_many));
    std::vector<database::new_row> some{{{}, row_of("c", 10'000, 100'000)}, {{}, row_of("d", 10, 200'000)}};
    auto imported = run(stack->engine->import("prod", "users", std::move(some), context()));
    BOOST_REQUIRE(imported.has_value());
    BOOST_REQUIRE(imported->refused.size() == 1u);
    BOOST_TEST(imported->refused[0].reason == fmt::format("row \"c\" {}", too_many));
    BOOST_TEST(get("d") != "");
    BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "tags", context())).has_value());
    for (auto key : {"a", "b", "d"}) BOOST_REQUIRE(remove(key).has_value());
  }
}

BOOST_AUTO_TEST_CASE(an_index_on_a_table_that_has_a_row_with_too_many_values_is_refused_or_fails) {
  create();
  BOOST_REQUIRE(insert("a", row_of("a", 10'000)).has_value());
  auto sentence = fmt::format("the field tags of table users cannot have an index: row \"a\" {}", too_many);
  for (bool unique : {false, true}) BOOST_TEST(said(create_index("tags", unique)) == sentence);
  options.index_at_once = 0;
  restart();
  for (bool unique : {false, true}) {
    (void)create_index("tags", unique);
    BOOST_TEST(state_of_index() == "failed: " + sentence);
  }
  BOOST_TEST(said(insert("b", row_of("b", 10'000))) == "done");
}

BOOST_AUTO_TEST_CASE(a_row_is_refused_for_the_memory_that_its_values_take_in_indexes) {
  options.memory_cap = 256 * 1024;
  create();
  BOOST_REQUIRE(create_index("tags").has_value());
  auto refused = insert("a", row_of("a", 2'000));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::limit_reached));
  BOOST_TEST(contains(refused.error().message, "no new rows are taken"), refused.error().message);
  int taken = 0;
  for (; taken < 100 && insert(fmt::format("k{}", taken), row_of(fmt::format("k{}", taken), 100, 1'000 * taken)).has_value(); ++taken) BOOST_TEST_REQUIRE(held() <= options.memory_cap);
  BOOST_TEST(taken > 3);
  BOOST_TEST(taken < 12);
  std::vector<database::new_row> some;
  for (int i = 0; i < 20; ++i) some.push_back({{}, row_of(fmt::format("i{}", i), 100, 1'000'000 + 1'000 * i)});
  auto imported = run(stack->engine->import("prod", "users", std::move(some), context()));
  BOOST_REQUIRE(imported.has_value());
  BOOST_TEST(imported->refused.size() >= 18u);
  BOOST_TEST(held() <= options.memory_cap);
  database::row_operation step;
  step.action = database::row_action::insert;
  step.table = "users";
  step.key = "t";
  step.json = row_of("t", 500, 9'000'000);
  auto done = run(stack->engine->transact("prod", {step}, context()));
  BOOST_TEST(contains(said(done), "no new rows are taken"), said(done));
  BOOST_TEST(said(update("k1", R"({"n":1})")) == "done");  // it does not grow
  BOOST_TEST(held() <= options.memory_cap);
}

BOOST_AUTO_TEST_CASE(an_index_for_which_there_is_no_memory_is_refused_at_once) {
  options.memory_cap = 256 * 1024;
  create();
  BOOST_REQUIRE(insert("a", row_of("a", 2'000)).has_value());
  auto refused = create_index("tags");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::limit_reached));
  BOOST_TEST(contains(refused.error().message, "there is no room for that index"), refused.error().message);
  BOOST_TEST(held() <= options.memory_cap);
}

BOOST_AUTO_TEST_CASE(an_index_that_is_built_fails_when_memory_is_full_and_leaves_room_again) {
  options.memory_cap = 512 * 1024;
  create();
  import_texts(400, 2'000);
  auto before = fixed();
  (void)create_index("x");
  BOOST_TEST(contains(state_of_index(), "failed: the memory for rows is nearly used up"), state_of_index());
  std::uint64_t at_most = 0;
  BOOST_TEST(std::sscanf(state_of_index().c_str(), "failed: the memory for rows is nearly used up (%" SCNu64, &at_most) == 1);
  // Less than a slice of 512 KiB above the cap, which is that small here: what is read for it stays, and so do values in memory that it looks at.
  BOOST_TEST(at_most <= options.memory_cap + 512 * 1024);
  world.run_for(1min);
  BOOST_TEST(held() <= options.memory_cap);
  BOOST_TEST(fixed() <= before + options.memory_cap / 10);
  BOOST_TEST(said(insert("new", R"({"id":"new"})")) == "done");
  BOOST_TEST(get("k10399").size() > 2'000u);
}

// It holds nothing, so it binds nobody.
BOOST_AUTO_TEST_CASE(a_unique_index_that_failed_for_want_of_memory_says_so_and_refuses_no_write) {
  options.memory_cap = 512 * 1024;
  create();
  import_texts(400, 2'000);
  auto refused = create_index("x", true);
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::unavailable));
  BOOST_TEST(refused.error().message.starts_with("the index on x of table users could not be built: the memory for rows is nearly used up ("), refused.error().message);
  BOOST_TEST(contains(state_of_index(), "failed: the memory for rows is nearly used up"), state_of_index());
  world.run_for(1min);
  BOOST_TEST(said(insert("a", R"({"id":"a","x":"twin"})")) == "done");
  BOOST_TEST(said(insert("b", R"({"id":"b","x":"twin"})")) == "done");
  BOOST_TEST(said(update("k10001", R"({"x":"twin"})")) == "done");
  restart();
  BOOST_TEST(said(insert("c", R"({"id":"c","x":"twin"})")) == "done");
}

BOOST_AUTO_TEST_CASE(an_index_over_rows_that_were_evicted_has_them_all) {
  options.memory_cap = 512 * 1024;
  create();
  for (int i = 0; i < 400; i += 20) {
    std::vector<database::new_row> some;
    for (int k = i; k < i + 20; ++k) some.push_back({{}, fmt::format(R"({{"id":"k{}","n":{},"x":"{}"}})", 10'000 + k, k, std::string(2'000, 'x'))});
    put_all(std::move(some));
  }
  drain();
  BOOST_TEST(said(create_index("n")) == "done");
  BOOST_TEST(state_of_index() == "ready");
  BOOST_TEST(inspect().tables.at(0).indexes.at(0).entries == 400u);
  BOOST_TEST(held() <= options.memory_cap);
}

BOOST_AUTO_TEST_SUITE_END()
