#include "actor/watchdog.hpp"

#include <boost/test/unit_test.hpp>

#include "actor/timer_queue.hpp"

using namespace std::chrono_literals;
using namespace dbcord;

namespace {

// Time that passes when the test says so.
struct stepped_time final : base::clock, actor::timer_service {
  base::steady_time now() const override { return time; }
  base::system_time wall_now() const override { return {}; }
  timer_id schedule(base::steady_time when, callback fire) override {
    ++scheduled;
    return queue.push(when, std::move(fire));
  }
  bool cancel(timer_id id) override { return queue.erase(id); }

  base::steady_time time{};
  actor::timer_queue queue;
  int scheduled = 0;
};

struct watchdog_fixture {
  void pass(base::duration d) {
    auto end = time.time + d;
    while (auto next = time.queue.next()) {
      if (*next > end) break;
      time.time = std::max(time.time, *next);
      time.queue.pop_due(time.time)();
      context.restart();
      context.poll();
    }
    time.time = end;
  }

  boost::asio::io_context context;
  stepped_time time;
  base::seeded_random random{1};
  base::null_logger log;
  actor::environment env{context, time, time, random, log};
  int barks = 0;
  std::shared_ptr<actor::watchdog> dog =
      std::make_shared<actor::watchdog>(env, env.make_strand(), [this] { ++barks; });
};

}  // namespace

BOOST_AUTO_TEST_SUITE(watchdog)

BOOST_FIXTURE_TEST_CASE(barks_once_when_the_deadline_has_passed, watchdog_fixture) {
  dog->set(env.after(10s));
  pass(9s);
  BOOST_TEST(barks == 0);
  pass(2s);
  BOOST_TEST(barks == 1);
  pass(100s);
  BOOST_TEST(barks == 1);
}

BOOST_FIXTURE_TEST_CASE(a_deadline_moved_on_and_on_costs_few_timers, watchdog_fixture) {
  for (int i = 0; i < 1000; ++i) {
    dog->set(env.after(10s));
    pass(100ms);
  }
  BOOST_TEST(barks == 0);
  BOOST_TEST(time.scheduled < 20);
  pass(10s);
  BOOST_TEST(barks == 1);
}

BOOST_FIXTURE_TEST_CASE(an_earlier_deadline_is_kept, watchdog_fixture) {
  dog->set(env.after(100s));
  dog->set(env.after(1s));
  pass(2s);
  BOOST_TEST(barks == 1);
}

BOOST_FIXTURE_TEST_CASE(a_cleared_or_stopped_or_destroyed_one_is_silent, watchdog_fixture) {
  dog->set(env.after(1s));
  dog->clear();
  pass(2s);
  dog->set(env.after(1s));
  dog->stop();
  dog->set(env.after(1s));
  pass(2s);
  dog = std::make_shared<actor::watchdog>(env, env.make_strand(), [this] { ++barks; });
  dog->set(env.after(1s));
  dog.reset();
  pass(2s);
  BOOST_TEST(barks == 0);
}

BOOST_FIXTURE_TEST_CASE(its_callback_may_set_stop_or_destroy_it, watchdog_fixture) {
  dog = std::make_shared<actor::watchdog>(env, env.make_strand(), [this] {
    if (++barks == 1) return dog->set(env.after(1s));
    dog->stop();
    dog.reset();
  });
  dog->set(env.after(1s));
  pass(10s);
  BOOST_TEST(barks == 2);
}

BOOST_AUTO_TEST_SUITE_END()
