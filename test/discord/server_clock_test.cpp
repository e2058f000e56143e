// What time it is, as Discord's answers tell it.

#include <boost/test/unit_test.hpp>

#include "discord/server_clock.hpp"
#include "dbcord/base/logger.hpp"

using namespace dbcord;
using namespace std::chrono_literals;

namespace {

struct machine final : base::clock {
  base::steady_time steady{1'000s};
  base::system_time wall{1'700'000'000s};
  base::steady_time now() const override { return steady; }
  base::system_time wall_now() const override { return wall; }
};

struct counting_log final : base::logger {
  int warnings = 0;
  void write(base::severity level, std::string_view, fields) override { warnings += level == base::severity::warning; }
};

struct server_clock_fixture {
  machine clock;
  counting_log log;
  discord::server_clock server{clock, log};
  base::system_time at_first = clock.wall;
  // An answer that took that long, of a server whose time is `ahead` of the machine's when it answers at the end.
  void answer(base::duration ahead, base::duration took = 0s) {
    auto asked = clock.steady;
    clock.steady += took;
    auto server_time = at_first + (clock.steady - base::steady_time(1'000s)) + ahead;
    server.note(std::chrono::floor<std::chrono::seconds>(server_time), asked);
  }
  base::duration shown() const { return server.wall_now() - at_first - (clock.steady - base::steady_time(1'000s)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(server_clocks, server_clock_fixture)

BOOST_AUTO_TEST_CASE(a_clock_that_is_right_is_left_alone) {
  BOOST_TEST(!server.is_known());
  for (int i = 0; i < 50; ++i) {
    clock.steady += 170ms;
    answer(0s, i % 3 == 0 ? 5s : 20ms);
    BOOST_TEST((shown() == 0s));
  }
  BOOST_TEST(log.warnings == 0);
  BOOST_TEST(server.is_known());
}

BOOST_AUTO_TEST_CASE(one_that_is_wrong_either_way_is_corrected_to_a_second_and_that_is_said_once) {
  for (auto ahead : {-72h, 72h}) {
    server_clock_fixture f;
    for (int i = 0; i < 20; ++i) {
      f.clock.steady += 170ms;
      f.answer(ahead);
      BOOST_TEST((f.shown() >= ahead - 1s && f.shown() <= ahead + 1s));
    }
    BOOST_TEST(f.log.warnings == 1);
  }
}

BOOST_AUTO_TEST_CASE(somebody_who_sets_the_machines_clock_changes_nothing) {
  answer(0s);
  clock.wall += 48h;
  BOOST_TEST((shown() == 0s));
}

// Its Date was right when it was sent.
BOOST_AUTO_TEST_CASE(a_slow_answer_does_not_set_the_clock_back) {
  auto asked = clock.steady;
  auto date = std::chrono::floor<std::chrono::seconds>(clock.wall);
  clock.steady += 25s;
  server.note(date, asked);
  BOOST_TEST((shown() == 0s));
}

BOOST_AUTO_TEST_SUITE_END()
