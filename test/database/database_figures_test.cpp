// What metrics tell of a database.

#include <boost/test/unit_test.hpp>

#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct figures_fixture : database_fixture {
  figures_fixture() : database_fixture(true) {  // with rate limits there is a backlog
    options.page_from = 1'000'000;             // which pages would make short
  }
  database::database_figures figures() {
    auto f = run(stack->engine->administration().figures("prod", reading()));
    BOOST_REQUIRE(f.has_value());
    return *f;
  }
};

std::uint64_t sum_of(const database::histogram_figures& h) {
  std::uint64_t all = 0;
  for (auto n : h.counts) all += n;
  return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(figures_of_databases, figures_fixture)

BOOST_AUTO_TEST_CASE(the_backlog_ages_and_is_gone_when_every_row_has_its_message) {
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 200; ++i) rows.push_back({"k" + std::to_string(i), "{}"});
  BOOST_REQUIRE(run(stack->engine->import("prod", "users", std::move(rows), context())).has_value());
  world.run_for(5s);
  auto f = figures();
  BOOST_TEST(f.waiting_rows > 100u);
  BOOST_TEST((f.oldest_waits >= 5s && f.oldest_waits < 10s));
  world.run_for(10s);
  BOOST_TEST((figures().oldest_waits >= 15s));
  drain();
  f = figures();
  BOOST_TEST(f.waiting_rows == 0u);
  BOOST_TEST(f.set_aside_rows == 0u);
  BOOST_TEST((f.oldest_waits == base::duration::zero()));
}

BOOST_AUTO_TEST_CASE(commits_are_counted_by_time_and_groups_by_size) {
  create();
  auto before = figures();
  for (int i = 0; i < 5; ++i) BOOST_REQUIRE(insert("k" + std::to_string(i), "{}").has_value());
  auto after = figures();
  BOOST_TEST(sum_of(after.commit_seconds) - sum_of(before.commit_seconds) == 5u);
  BOOST_TEST(sum_of(after.group_transactions) - sum_of(before.group_transactions) == 5u);
  BOOST_TEST(after.group_transactions.sum - before.group_transactions.sum == 5.0);
  BOOST_TEST(after.commit_seconds.sum > before.commit_seconds.sum);
  BOOST_TEST(after.queued_bytes == 0u);
  BOOST_REQUIRE(after.lease_age.has_value());
  BOOST_TEST((*after.lease_age < options.lease));
  auto memory = stack->engine->administration().memory();
  BOOST_TEST(memory.cap == options.memory_cap);
  BOOST_TEST(memory.used > 0u);
  BOOST_TEST(memory.fixed <= memory.used);
  BOOST_TEST((run(stack->engine->administration().figures("nowhere", reading())).error().code == database::errc::unknown_database));
}

BOOST_AUTO_TEST_CASE(a_histogram_counts_each_value_under_its_bound) {
  database::histogram h({1, 10});
  for (double v : {0.5, 1.0, 1.5, 10.0, 11.0}) h.add(v);
  BOOST_TEST(h.figures().counts == (std::vector<std::uint64_t>{2, 2, 1}), boost::test_tools::per_element());
  BOOST_TEST(h.figures().sum == 24.0);
}

BOOST_AUTO_TEST_SUITE_END()
