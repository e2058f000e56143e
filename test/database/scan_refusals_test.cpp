// What a find says that reads values from Discord while others change the rows that it is to show: too much of them, or one until nothing holds it any more.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "database/storage_upkeep.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

using found_rows = std::optional<base::result<database::find_answer>>;

struct scan_refusal_fixture : database_fixture {
  static actor::task<void> look(database::engine& engine, database::find_request request, database::read_context context, found_rows& answer) {
    auto found = co_await engine.find("prod", "users", std::move(request), context);
    answer.emplace(std::move(found));
  }
  // No row matches; memory does not tell, so every value is read.
  static database::find_request for_nothing() {
    database::find_request request;
    request.where_json = R"({"text":{"$gte":"{"}})";
    return request;
  }
  // The first listing of the table's channel waits until release().
  void begin(found_rows& answer) {
    stack->store.held_reads_in = inspect().tables.at(0).channel;
    process->spawn(look(*stack->engine, for_nothing(), reading(), answer));
    BOOST_REQUIRE(world.run_until([&] { return stack->store.held_reads > 0; }, 1min));
  }
  void release(found_rows& answer) {
    BOOST_REQUIRE(!answer.has_value());
    stack->store.release.notify();
    BOOST_REQUIRE(world.run_until([&] { return answer.has_value(); }, 10min));
  }
  void put(std::string key, std::string text) {
    auto done = insert(key, fmt::format(R"({{"text":"{}"}})", text));
    BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  }
  std::uint64_t evicted() { return run(stack->engine->administration().figures("prod", reading()))->cache.evictions; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(refusals_of_scans, scan_refusal_fixture)

// What a scan keeps as it was is capped: rows of some MiB each, all of which are replaced while the scan waits for small ones before them.
BOOST_AUTO_TEST_CASE(a_table_that_changes_faster_than_it_can_be_read_is_not_read_to_the_end) {
  constexpr int large_rows = 18;
  constexpr std::size_t large = 4 * 1024 * 1024, small = 300 * 1024;
  options.memory_cap = 100 * 1024 * 1024;  // evicts from three quarters of it on: the small ones, which come first, and no large one
  create();
  for (int i = 0; i < 4; ++i) put(fmt::format("a{}", i), std::string(small, 'x'));
  drain();
  for (int i = 0; i < large_rows; ++i) put(fmt::format("b{:02}", i), std::string(large, 'y'));
  drain();
  for (int i = 0; evicted() < 4; ++i) {
    BOOST_TEST_REQUIRE(i < 20, "the small rows stay in memory");
    put(fmt::format("c{:02}", i), std::string(small, 'z'));
    drain();
  }
  found_rows answer;
  begin(answer);
  std::vector<database::row_operation> steps;
  for (int i = 0; i < large_rows; ++i) {
    database::row_operation step;
    step.action = database::row_action::put;
    step.table = "users";
    step.key = fmt::format("b{:02}", i);
    step.json = fmt::format(R"({{"id":"{}"}})", step.key);
    steps.push_back(std::move(step));
  }
  BOOST_REQUIRE(run(stack->engine->transact("prod", std::move(steps), context())).has_value());
  release(answer);
  BOOST_REQUIRE(answer->has_error());
  BOOST_TEST((answer->error().code == errc::limit_reached));
  BOOST_TEST(answer->error().message == "table users changes faster than it can be read; ask for fewer rows, or try again later");
  // Nobody writes now.
  answer.reset();
  process->spawn(look(*stack->engine, for_nothing(), reading(), answer));
  BOOST_REQUIRE(world.run_until([&] { return answer.has_value(); }, 10min));
  BOOST_TEST_REQUIRE(answer->has_value(), answer->error().message);
  BOOST_TEST((*answer)->matched == 0u);
}

// The scan shows the rows as they were when it began, but a purge leaves nothing of one.
BOOST_AUTO_TEST_CASE(a_version_that_is_purged_while_a_scan_waits_for_it_is_named) {
  constexpr int rows = 400;
  options.memory_cap = 256 * 1024;  // holds about a third of the rows
  options.page_from = 1'000'000;
  options.checkpoints.tail_messages = 10;
  options.checkpoints.share = 1000;
  create();
  for (int begun = 0; begun < rows; begun += 40) {
    std::vector<database::new_row> some;
    for (int i = begun; i < begun + 40; ++i) some.push_back({{}, fmt::format(R"({{"id":"k{}","text":"{}"}})", 1'000 + i, std::string(1'000, 'x'))});
    put_all(std::move(some));
  }
  drain();
  world.run_for(1min);
  BOOST_REQUIRE(evicted() > 100u);
  found_rows answer;
  begin(answer);
  auto purged = run(stack->engine->storage().purge("prod", "users", "k1050", context(1h)));
  BOOST_TEST_REQUIRE(purged.has_value(), purged.error().message);
  BOOST_TEST(purged->row);
  BOOST_TEST(purged->log == "");
  release(answer);
  BOOST_REQUIRE(answer->has_error());
  BOOST_TEST((answer->error().code == errc::unavailable));
  BOOST_TEST(contains(answer->error().message, "version 1 of row \"k1050\" was superseded and removed meanwhile"), answer->error().message);
  answer.reset();
  process->spawn(look(*stack->engine, for_nothing(), reading(), answer));
  BOOST_REQUIRE(world.run_until([&] { return answer.has_value(); }, 10min));
  BOOST_TEST_REQUIRE(answer->has_value(), answer->error().message);
  BOOST_TEST((*answer)->matched == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
