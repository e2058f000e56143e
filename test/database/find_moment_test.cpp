// A find that reads values from Discord, while others write: it shows the rows as they were at one moment.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct find_moment_fixture : database_fixture {
  static constexpr int rows = 400;

  find_moment_fixture() {
    options.memory_cap = 256 * 1024;  // holds about a third of the rows
    options.page_from = 1'000'000;
  }

  static std::string row_of(int i, int group) {
    return fmt::format(R"({{"id":"k{}","group":{},"text":"{}"}})", 1'000 + i, group, std::string(1'000, static_cast<char>('a' + i % 26)));
  }
  void fill() {
    create();
    for (int begun = 0; begun < rows; begun += 40) {
      std::vector<database::new_row> some;
      for (int i = begun; i < begun + 40; ++i) some.push_back({{}, row_of(i, i % 10)});
      auto put = run(stack->engine->import("prod", "users", std::move(some), context()));
      BOOST_REQUIRE(put.has_value());
      BOOST_REQUIRE(put->refused.empty());
    }
    drain();
  }
  // Both rows in one transaction.
  bool move(int one, int other, int group) {
    std::vector<database::row_operation> steps;
    for (int i : {one, other}) {
      database::row_operation step;
      step.action = database::row_action::put;
      step.table = "users";
      step.key = fmt::format("k{}", 1'000 + i);
      step.json = row_of(i, group);
      steps.push_back(std::move(step));
    }
    return run(stack->engine->transact("prod", std::move(steps), context())).has_value();
  }
  static actor::task<void> find(database::engine& engine, database::find_request request, database::read_context context,
                                std::optional<base::result<database::find_answer>>& answer) {
    auto found = co_await engine.find("prod", "users", std::move(request), context);
    answer.emplace(std::move(found));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(find_moment, find_moment_fixture)

BOOST_AUTO_TEST_CASE(a_find_shows_both_or_neither_of_what_a_transaction_changes_while_it_reads) {
  fill();
  int before = 0, while_reading = 0;
  for (int i = 0; i < 20; ++i) {
    bool moved = i % 2 == 1;  // 3 and 393 are in the group, or in another one
    database::find_request request;
    request.where_json = R"({"group":3})";
    request.limit = rows;
    std::optional<base::result<database::find_answer>> answer;
    process->spawn(find(*stack->engine, request, reading(), answer));
    world.run_for(i * 10ms);
    while_reading += !answer;
    BOOST_REQUIRE(move(3, 393, moved ? 3 : 5));
    BOOST_REQUIRE(world.run_until([&] { return answer.has_value(); }, 5min));
    BOOST_REQUIRE(answer->has_value());
    auto has = [&](std::string_view key) {
      return std::any_of((*answer)->rows.begin(), (*answer)->rows.end(), [key](const auto& row) { return row.key == key; });
    };
    BOOST_TEST(has("k1003") == has("k1393"));
    BOOST_TEST((*answer)->rows.size() == (has("k1003") ? rows / 10u : rows / 10u - 2));
    before += has("k1003") != moved;
  }
  BOOST_TEST(while_reading >= 10);  // else nothing was written while it read
  BOOST_TEST(before >= 10);
}

BOOST_AUTO_TEST_SUITE_END()
