#include "simulation/world.hpp"

#include <boost/test/unit_test.hpp>

#include "actor/actor.hpp"
#include "actor/event.hpp"
#include "actor/task_group.hpp"
#include "simulation/virtual_environment.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using simulation::virtual_environment;

namespace {

actor::task<int> answer_after(const actor::environment& env, base::duration d, int value) {
  co_await actor::sleep_for(env, d);
  co_return value;
}

actor::task<void> note_after(const actor::environment& env, base::duration d, std::vector<int>& notes, int value) {
  co_await actor::sleep_for(env, d);
  notes.push_back(value);
}

struct counted {
  explicit counted(int& n) : alive(n) { ++alive; }
  ~counted() { --alive; }
  int& alive;
};

actor::task<void> hold_for_ever(const actor::environment& env, int& alive, actor::event& never) {
  counted c(alive);
  co_await actor::sleep_for(env, 1s);
  co_await never.wait();
}

// An actor with a task that never ends and a call that never returns.
class sleeper : public actor::actor {
 public:
  sleeper(const dbcord::actor::environment& env, int& alive)
      : actor(env, 16), alive_(alive), tasks_(env, "sleeper") {
    tasks_.spawn(executor(), hold_for_ever(env, alive_, never_));
  }
  dbcord::actor::task<base::result<int>> never() {
    return run([this] { return wait(); });
  }

 private:
  dbcord::actor::task<base::result<int>> wait() {
    counted c(alive_);
    co_await never_too_.wait();
    co_return 1;
  }

  int& alive_;
  dbcord::actor::event never_;
  dbcord::actor::event never_too_;
  dbcord::actor::task_group tasks_;
};

actor::task<void> use(sleeper& s) { (void)co_await s.never(); }

}  // namespace

BOOST_AUTO_TEST_CASE(a_task_that_sleeps_for_hours_ends_at_its_virtual_time) {
  virtual_environment sim;
  auto start = sim.now();
  BOOST_TEST(sim.run(answer_after(sim.env(), 3h, 7), 4h) == 7);
  BOOST_TEST((sim.now() - start == 3h));
  BOOST_TEST((sim.env().clock.wall_now() == simulation::wall_origin + 3h));
}

BOOST_AUTO_TEST_CASE(a_task_past_its_limit_is_an_error_and_time_does_not_run_past_it) {
  virtual_environment sim;
  BOOST_CHECK_THROW(sim.run(answer_after(sim.env(), 10s, 1), 5s), std::runtime_error);
  BOOST_TEST((sim.now() - simulation::steady_origin <= 5s));
}

BOOST_AUTO_TEST_CASE(timers_fire_by_deadline_and_then_in_the_order_in_which_they_were_set) {
  virtual_environment sim;
  std::vector<int> notes;
  sim.spawn(note_after(sim.env(), 2s, notes, 3));
  sim.spawn(note_after(sim.env(), 1s, notes, 1));
  sim.spawn(note_after(sim.env(), 1s, notes, 2));
  sim.advance(1999ms);
  BOOST_TEST(notes == (std::vector<int>{1, 2}), boost::test_tools::per_element());
  sim.advance(1ms);
  BOOST_TEST(notes.size() == 3);
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_spawned_task_is_not_swallowed) {
  virtual_environment sim;
  sim.spawn([]() -> actor::task<void> {
    throw std::runtime_error("boom");
    co_return;
  }());
  BOOST_CHECK_THROW(sim.settle(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(killing_a_process_destroys_every_coroutine_and_object_in_it) {
  simulation::world w;
  int alive = 0;
  auto& p = w.start("victim");
  auto& s = p.make<sleeper>(p.env(), alive);
  p.spawn(use(s));
  p.make<counted>(alive);
  w.run_for(5s);
  BOOST_TEST(alive == 3);
  w.kill(p);
  BOOST_TEST(alive == 0);
  w.run_for(1h);
}

BOOST_AUTO_TEST_CASE(a_process_can_be_killed_after_any_number_of_its_handlers) {
  for (std::uint64_t steps = 1;; ++steps) {
    simulation::world w;
    int alive = 0;
    bool killed = false;
    auto& p = w.start("victim");
    auto& s = p.make<sleeper>(p.env(), alive);
    p.spawn(use(s));
    w.set_fuse(p, steps, [&] {
      w.kill(p);
      killed = true;
    });
    w.run_for(5s);
    if (!killed) {
      BOOST_TEST(steps > 3);
      break;
    }
    BOOST_TEST(alive == 0);
  }
}

BOOST_AUTO_TEST_CASE(other_processes_go_on_when_one_is_killed) {
  simulation::world w;
  std::vector<int> notes;
  auto& a = w.start("a");
  auto& b = w.start("b");
  a.spawn(note_after(a.env(), 2s, notes, 1));
  b.spawn(note_after(b.env(), 2s, notes, 2));
  w.after(1s, [&] { w.kill(a); });
  w.run_for(3s);
  BOOST_TEST(notes == (std::vector<int>{2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_stopped_process_does_nothing_and_its_timers_fire_late) {
  simulation::world w;
  std::vector<int> notes;
  auto& a = w.start("a");
  auto& b = w.start("b");
  a.spawn(note_after(a.env(), 2s, notes, 1));
  b.spawn(note_after(b.env(), 3s, notes, 2));
  w.run_for(1s);
  w.pause_until(a, w.now() + 10s);
  w.run_for(9999ms);
  BOOST_TEST(notes == (std::vector<int>{2}), boost::test_tools::per_element());
  w.run_for(1ms);
  BOOST_TEST(notes == (std::vector<int>{2, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_clocks_of_a_stopped_machine_do_not_know_of_it) {
  simulation::world w;
  std::vector<int> notes;
  auto& a = w.start("a");
  auto begun = a.env().now();
  auto wall = a.env().clock.wall_now();
  a.spawn(note_after(a.env(), 2s, notes, 1));
  w.run_for(1s);
  w.pause_until(a, w.now() + 10s, true);
  w.pause_until(a, w.now() + 15s, true);  // fifteen in all
  w.run_for(15s);
  BOOST_TEST((a.env().now() - begun == 1s));
  BOOST_TEST((a.env().clock.wall_now() - wall == 1s));
  BOOST_TEST(notes.empty());
  w.run_for(999ms);
  BOOST_TEST(notes.empty());
  w.run_for(1ms);
  BOOST_TEST(notes == (std::vector<int>{1}), boost::test_tools::per_element());
  BOOST_TEST((a.env().after(base::duration::max()) == base::steady_time::max()));
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_processes_equal_randomness) {
  simulation::world one(5), two(5), three(6);
  auto a = one.start("p").env().random.next();
  BOOST_TEST(a == two.start("p").env().random.next());
  BOOST_TEST(a != three.start("p").env().random.next());
}
