// What rows were: by LSN, by time, version by version, up to the horizon.

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct history_fixture : database_fixture {
  // The row as of an LSN, or the error's sentence.
  std::string as_of(std::string key, std::uint64_t lsn) { return at(std::move(key), {lsn, {}}); }
  std::string at(std::string key, database::moment when) {
    auto found = run(stack->engine->get_as_of("prod", "users", std::move(key), when, reading()));
    return found ? found->json : found.error().message;
  }
  std::string versions(std::string key, std::size_t limit = 100) {
    auto answer = run(stack->engine->history("prod", "users", {std::move(key), limit}, reading()));
    if (!answer) return answer.error().message;
    std::string all;
    for (const auto& c : answer->changes) all += std::to_string(c.version) + (c.deleted ? "x" : c.json) + " ";
    return all + "of " + std::to_string(answer->known) + (answer->complete ? "" : "+");
  }
  auto users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  void keep(std::uint64_t versions, std::uint64_t days) {
    BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", versions, days, context())).has_value());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(history_of_rows, history_fixture)

BOOST_AUTO_TEST_CASE(a_row_is_read_as_it_was_at_every_lsn_also_after_a_kill) {
  create();
  auto first = insert("a", R"({"n":1})")->lsn;
  auto second = update("a", R"({"n":2})")->lsn;
  auto third = remove("a")->lsn;
  auto fourth = insert("a", R"({"n":4})")->lsn;
  for (bool restarted : {false, true}) {
    BOOST_TEST_CONTEXT("restarted: " << restarted) {
      if (restarted) restart();
      BOOST_TEST(as_of("a", first - 1) == "table users of database prod had no row with key \"a\" then");
      BOOST_TEST(as_of("a", first) == R"({"id":"a","n":1})");
      BOOST_TEST(as_of("a", second) == R"({"id":"a","n":2})");
      BOOST_TEST(as_of("a", third) == "table users of database prod had no row with key \"a\" then");
      BOOST_TEST(as_of("a", fourth) == R"({"id":"a","n":4})");
      BOOST_TEST(versions("a") == R"(4{"id":"a","n":4} 3x 2{"id":"a","n":2} 1{"id":"a","n":1} of 4)");
      BOOST_TEST(versions("a", 1) == R"(4{"id":"a","n":4} of 4)");
    }
  }
  BOOST_TEST(as_of("a", fourth + 100).starts_with("as_of: the newest LSN is "));
  BOOST_TEST(versions("b") == "table users of database prod has no row with key \"b\", nor any older version of it");
}

BOOST_AUTO_TEST_CASE(the_newest_lsn_is_that_of_the_logs_own_records_too) {
  create();
  auto first = insert("a", "{}")->lsn;
  drain();
  BOOST_REQUIRE(run(stack->engine->administration().move_table("prod", "users", context(1h))).has_value());
  auto newest = run(stack->engine->verify("prod", "users", reading()))->log_lsn;
  BOOST_TEST(newest > first + 1);
  BOOST_TEST(inspect().lsn == newest);
  BOOST_TEST(as_of("a", newest) == R"({"id":"a"})");
  BOOST_TEST(contains(as_of("a", newest + 1), "the newest LSN is " + std::to_string(newest)));
}

BOOST_AUTO_TEST_CASE(a_row_is_read_as_it_was_at_a_time) {
  options.lease = 1h;  // hours pass, in which Discord need not be asked every ten seconds
  create();
  auto before = world.wall_now();
  world.run_for(1h);
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  world.run_for(1h);
  auto between = world.wall_now();
  world.run_for(1h);
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  world.run_for(1h);
  BOOST_TEST(at("a", {0, before}) == "table users of database prod had no row with key \"a\" then");
  BOOST_TEST(at("a", {0, between}) == R"({"id":"a","n":1})");
  BOOST_TEST(at("a", {0, world.wall_now()}) == R"({"id":"a","n":2})");
  BOOST_TEST(at("a", {0, world.wall_now() + 1min}).starts_with("as_of: 2026-08-01T04:0"));  // the guild's clock, not the machine's
  BOOST_TEST(contains(at("a", {0, world.wall_now() + 1min}), " is yet to come; the latest moment is now, 2026-08-01T04:0"));
}

BOOST_AUTO_TEST_CASE(history_says_who_and_by_which_command) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto answer = run(stack->engine->history("prod", "users", {"a", 10}, reading()));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->changes[0].who == "1400");
  BOOST_TEST(answer->changes[0].command == "test");
}

BOOST_AUTO_TEST_CASE(versions_behind_the_horizon_are_refused_and_their_messages_are_garbage) {
  create();
  keep(2, 30);
  std::vector<std::uint64_t> lsns{insert("a", R"({"n":0})")->lsn};
  for (int i = 1; i < 5; ++i) {
    drain();
    lsns.push_back(update("a", R"({"n":)" + std::to_string(i) + "}")->lsn);
  }
  BOOST_TEST(versions("a") == R"(5{"id":"a","n":4} 4{"id":"a","n":3} 3{"id":"a","n":2} of 3+)");
  BOOST_TEST(as_of("a", lsns[2]) == R"({"id":"a","n":2})");
  BOOST_TEST(as_of("a", lsns[1]) == "as_of: table users keeps no versions of this row from so long ago; the first LSN of which all is known is " +
                                        std::to_string(lsns[2]));
  BOOST_TEST(users().past_versions == 2u);
  keep(0, 30);
  BOOST_TEST(users().past_versions == 0u);
  BOOST_TEST(as_of("a", lsns[2]).starts_with("as_of: table users keeps no versions"));
  BOOST_TEST(as_of("a", lsns[4]) == R"({"id":"a","n":4})");
  restart();
  BOOST_TEST(users().history_versions == 0u);
  BOOST_TEST(users().past_versions == 0u);
}

// Whoever expects the version of a row that was deleted does not get another one of the same key.
BOOST_AUTO_TEST_CASE(no_row_gets_the_number_of_a_version_that_was_deleted_and_is_forgotten) {
  create();
  keep(0, 0);
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE((i == 0 ? insert("a", "{}") : update("a", fmt::format(R"({{"n":{}}})", i))).has_value());
  auto seen = run(stack->engine->get("prod", "users", "a", reading()))->version;
  BOOST_REQUIRE(remove("a").has_value());
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(users().past_versions == 0u);
    auto again = insert("a", R"({"n":77})");
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST(again->version > seen);
    auto stale = context();
    stale.expected_version = seen;
    BOOST_TEST((run(stack->engine->update("prod", "users", "a", R"({"n":0})", stale)).error().code == errc::conflict));
    seen = again->version;
    BOOST_REQUIRE(remove("a").has_value());
    run(stack->engine->close(world.now() + 10s));  // with a checkpoint, which must know it, too
    restart();
  }
}

BOOST_AUTO_TEST_CASE(versions_that_were_superseded_longer_ago_are_not_read_any_more) {
  options.lease = 1h;  // hours pass, in which Discord need not be asked every ten seconds
  create();
  keep(100, 1);
  auto first = insert("a", R"({"n":0})")->lsn;
  drain();
  BOOST_REQUIRE(update("a", R"({"n":1})").has_value());
  drain();
  world.run_for(23h);
  BOOST_TEST(versions("a") == R"(2{"id":"a","n":1} 1{"id":"a","n":0} of 2)");
  world.run_for(2h);
  BOOST_TEST(versions("a") == R"(2{"id":"a","n":1} of 1+)");
  BOOST_TEST(as_of("a", first).starts_with("as_of: table users keeps no versions"));
  BOOST_TEST(users().past_versions == 0u);
  BOOST_TEST(run(stack->engine->storage().vacuum("prod", "users", false, reading()))->removed == 1u);
}

BOOST_AUTO_TEST_CASE(vacuum_forgets_what_is_behind_the_horizon_by_its_age_and_so_do_commits) {
  options.lease = 1h;  // hours pass, in which Discord need not be asked every ten seconds
  create();
  keep(100, 1);
  for (const char* key : {"a", "b"}) {
    BOOST_REQUIRE(insert(key, "{}").has_value());
    drain();
    BOOST_REQUIRE(update(key, R"({"n":1})").has_value());
    drain();
  }
  world.run_for(25h);
  BOOST_TEST(users().past_versions == 2u);
  BOOST_TEST(run(stack->engine->storage().vacuum("prod", "users", false, reading()))->removed == 2u);
  BOOST_TEST(users().past_versions == 0u);
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  world.run_for(25h);
  BOOST_TEST(users().past_versions == 1u);
  BOOST_REQUIRE(insert("c", "{}").has_value());
  BOOST_TEST(users().past_versions == 0u);
}

BOOST_AUTO_TEST_CASE(a_large_version_comes_from_its_file) {
  create();
  auto big = std::string(20'000, 'x');
  auto first = insert("a", R"({"t":")" + big + "\"}")->lsn;
  drain();
  BOOST_REQUIRE(update("a", R"({"t":1})").has_value());
  BOOST_TEST(as_of("a", first) == R"({"id":"a","t":")" + big + "\"}");
}

BOOST_AUTO_TEST_SUITE_END()
