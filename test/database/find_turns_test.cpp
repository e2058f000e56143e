// A find that looks at much in memory does not hold its table: others have their turn between, and what it finds is as if it had been done at once.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct find_turns : database_fixture {
  static constexpr int rows = 1'500;

  find_turns() {
    create();
    std::vector<database::new_row> some;
    for (int i = 0; i < rows; ++i) some.push_back({{}, fmt::format(R"({{"id":"k{}","n":{},"l":[{},{}]}})", 10'000 + i, i, i % 97, i % 13)});
    put_all(std::move(some));
  }
  // Of rows whose n is one of `from`, `from` + 10, ...
  static database::find_request costly(int from = 0) {
    std::vector<std::string> branches;
    for (int i = from; i < from + 2'000; i += 10) branches.push_back(fmt::format(R"({{"n":{{"$gte":{},"$lt":{}}}}})", i, i + 1));
    database::find_request request;
    request.where_json = fmt::format(R"({{"$or":[{}]}})", fmt::join(branches, ","));
    request.limit = 25;
    return request;
  }
  static actor::task<void> find(database::engine& e, database::find_request request, database::read_context c, std::vector<std::string>& order) {
    auto found = co_await e.find("prod", "users", std::move(request), std::move(c));
    order.push_back(found ? fmt::format("find {}", found->matched) : found.error().message);
  }
  static actor::task<void> get_one(database::engine& e, database::read_context c, std::vector<std::string>& order) {
    auto row = co_await e.get("prod", "users", "k10001", std::move(c));
    order.push_back(row ? "get" : row.error().message);
  }
  auto answer_to(database::find_request request) {
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    BOOST_TEST_REQUIRE(found.has_value(), found.error().message);
    return *found;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(turns_of_finds, find_turns)

BOOST_AUTO_TEST_CASE(who_asks_for_a_row_does_not_wait_for_a_find_that_looks_at_many) {
  std::vector<std::string> order;
  process->spawn(find(*stack->engine, costly(), reading(), order));
  process->spawn(get_one(*stack->engine, reading(), order));
  BOOST_REQUIRE(world.run_until([&] { return order.size() == 2; }, 1min));
  BOOST_TEST(fmt::format("{}", fmt::join(order, ", ")) == "get, find 150");
}

BOOST_AUTO_TEST_CASE(it_answers_the_same_as_one_that_is_done_at_once) {
  auto found = answer_to(costly(3));
  BOOST_TEST(found.matched == 150u);
  BOOST_TEST(!found.not_all_seen);
  BOOST_TEST(found.plan == "scan of 1500 rows in memory, 0 requests");
  BOOST_REQUIRE(found.rows.size() == 25u);
  BOOST_TEST(found.rows[1].key == "k10013");
  auto sorted = costly(3);
  sorted.sort = "n desc";
  sorted.skip = 1;
  auto last = answer_to(sorted);
  BOOST_TEST(last.matched == 150u);
  BOOST_REQUIRE(last.rows.size() == 25u);
  BOOST_TEST(last.rows[0].key == "k11483");
  BOOST_TEST(last.plan == "scan of 1500 rows in memory, 0 requests, sorted in memory");
  auto before = costly(3);
  before.before = "k11000";
  auto back = answer_to(before);
  BOOST_REQUIRE(back.rows.size() == 25u);
  BOOST_TEST(back.rows.back().key == "k10993");
  BOOST_TEST(back.rows.front().key == "k10753");
  auto count = costly(3);
  count.count_only = true;
  BOOST_TEST(answer_to(count).matched == 150u);
}

BOOST_AUTO_TEST_SUITE_END()
