// Under Discord's limits a busy log sends evenly: nobody waits for most of a window. An idle one commits at once.

#include <algorithm>

#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct pace_fixture : database_fixture {
  pace_fixture() : database_fixture(true) {}
  std::vector<base::duration> latencies;

  static actor::task<void> write_on(pace_fixture* self, std::string writer, base::steady_time end) {
    for (int i = 0; self->world.now() < end; ++i) {
      auto begun = self->world.now();
      auto context = self->context();
      database::new_row row{writer + std::to_string(i), "{}"};
      auto done = co_await self->stack->engine->insert("prod", "users", std::move(row), std::move(context));
      if (done) self->latencies.push_back(self->world.now() - begun);
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_pace, pace_fixture)

BOOST_AUTO_TEST_CASE(writers_that_never_rest_wait_about_alike) {
  create();
  world.run_for(30s);
  for (auto writer : {"a", "b", "c", "d"}) process->spawn(write_on(this, writer, world.now() + 40s));
  world.run_for(1min);
  BOOST_TEST(latencies.size() > 100u);
  BOOST_TEST((*std::max_element(latencies.begin(), latencies.end()) < 2s));
}

// Two of a window's five sends go to the records of a checkpoint (that it counts, what it replaces): what is left is spread evenly all the same.
BOOST_AUTO_TEST_CASE(the_records_of_checkpoints_make_nobody_wait_for_a_whole_window) {
  options.checkpoints.tail_messages = 4;
  options.checkpoints.share = 1'000'000;
  create();
  world.run_for(30s);
  for (auto writer : {"a", "b", "c", "d"}) process->spawn(write_on(this, writer, world.now() + 2min));
  world.run_for(150s);
  BOOST_TEST(inspect().checkpoints >= 12u);
  BOOST_TEST(latencies.size() > 250u);
  BOOST_TEST((*std::max_element(latencies.begin(), latencies.end()) < 2s));
}

BOOST_AUTO_TEST_CASE(now_and_then_a_write_goes_out_at_once) {
  create();
  world.run_for(30s);
  for (int i = 0; i < 10; ++i) {
    auto begun = world.now();
    BOOST_REQUIRE(insert("k" + std::to_string(i), "{}").has_value());
    BOOST_TEST((world.now() - begun < 200ms));
    world.run_for(2s);
  }
}

BOOST_AUTO_TEST_SUITE_END()
