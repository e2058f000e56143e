// All that a transaction looks at is in memory at once, so it may not look at more than fits.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct little_memory_fixture : database_fixture {
  static constexpr int rows = 400;
  little_memory_fixture() {
    options.memory_cap = 256 * 1024;  // holds about a third of the rows
    options.row_cap = 20'000;
    options.page_from = 1'000'000;
    create();
    for (int begun = 0; begun < rows; begun += 40) {
      std::vector<database::new_row> some;
      for (int i = begun; i < begun + 40; ++i) some.push_back({key(i), fmt::format(R"({{"n":{},"text":"{}"}})", i, std::string(1'000, 'x'))});
      put_all(std::move(some));
    }
  }
  static std::string key(int i) { return fmt::format("k{}", 1'000 + i); }
  static std::vector<database::row_operation> updates(int count) {
    std::vector<database::row_operation> steps;
    for (int i = 0; i < count; ++i) {
      database::row_operation step;
      step.action = database::row_action::update;
      step.table = "users";
      step.key = key(i);
      step.patch = *protocol::parse_json(R"({"n":-1})");
      steps.push_back(std::move(step));
    }
    return steps;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_of_transactions, little_memory_fixture)

BOOST_AUTO_TEST_CASE(one_that_looks_at_more_than_fits_is_refused_and_memory_stays_within_its_cap) {
  auto refused = run(stack->engine->transact("prod", updates(200), context()));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::too_large));
  BOOST_TEST(contains(refused.error().message, "that are not in memory; at most 65536 at once"), refused.error().message);
  BOOST_TEST(run(stack->engine->inspect_table("prod", "users", reading()))->memory <= options.memory_cap);
  BOOST_TEST(run(stack->engine->transact("prod", updates(40), context())).has_value());
  BOOST_TEST(contains(get(key(1)), R"("n":-1)"));
}

BOOST_AUTO_TEST_SUITE_END()
