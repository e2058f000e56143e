// Discord is away for long: memory is read, writes wait and are answered in time, and nothing is lost or kept waiting behind it.

#include <fmt/format.h>

#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct outage : database_fixture {
  struct told {
    int done = 0;
    int refused = 0;
    int in_doubt = 0;
    int all() const { return done + refused + in_doubt; }
  };

  void begin_writes(int from, int to, base::duration patience) {
    for (int i = from; i < to; ++i) process->spawn(write(this, i, patience));
  }
  static actor::task<void> write(outage* self, int i, base::duration patience) {
    auto c = self->context(patience);
    database::new_row row{fmt::format("k{:04}", i), "{}"};
    auto done = co_await self->stack->engine->insert("prod", "users", std::move(row), std::move(c));
    if (done) ++self->answers.done;
    else if (done.error().code == database::errc::outcome_unknown) ++self->answers.in_doubt;
    else ++self->answers.refused;
  }

  told answers;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(outages_of_discord, outage)

BOOST_AUTO_TEST_CASE(writes_are_answered_in_time_and_go_on_when_it_is_back) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  net.plan.connect_refused = 1;
  begin_writes(0, 50, 1min);
  world.run_for(61s);
  BOOST_TEST(answers.all() == 50);
  BOOST_TEST(answers.done == 0);
  BOOST_TEST(get("a") == R"({"id":"a"})");
  world.run_for(10min);
  net.plan.connect_refused = 0;
  BOOST_TEST(insert("b", "{}").has_value());
  drain();
  auto rows = find("{}");
  BOOST_TEST(rows.starts_with("a b "));  // and those in doubt that were carried out
  restart();
  BOOST_TEST(find("{}") == rows);
}

// What waits is bounded: the rest is refused at once, and says so.
BOOST_AUTO_TEST_CASE(writes_that_wait_are_no_more_than_fit) {
  options.backlog_cap = 4'096;
  create();
  net.plan.connect_refused = 1;
  begin_writes(0, 1'000, 2min);
  world.run_for(1s);
  BOOST_TEST(answers.refused > 900);
  BOOST_TEST(inspect().queued_bytes <= options.backlog_cap);
  world.run_for(2min);
  BOOST_TEST(answers.all() == 1'000);
  net.plan.connect_refused = 0;
  BOOST_TEST(insert("b", "{}").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
