// The actor engine on real threads and real time; virtual time is tested in test/simulation.
#include "actor/actor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <future>
#include <thread>

#include "actor/async_mutex.hpp"
#include "actor/each_at_once.hpp"
#include "actor/real_time.hpp"
#include "actor/task_group.hpp"

using namespace dbcord;
using namespace std::chrono_literals;
using actor::task;

namespace {

// An environment on the machine's time with `threads` threads, joined at the end of the test.
struct machine {
  explicit machine(int threads = 2) {
    for (int i = 0; i < threads; ++i) pool.emplace_back([this] { context.run(); });
  }
  ~machine() {
    work.reset();
    timers.shut_down();
    for (auto& t : pool) t.join();
  }
  template <class T>
  T run(task<T> t) {
    return actor::asio::co_spawn(context, std::move(t), actor::asio::use_future).get();
  }
  void run(task<void> t) { actor::asio::co_spawn(context, std::move(t), actor::asio::use_future).get(); }

  actor::asio::io_context context;
  actor::asio::executor_work_guard<actor::asio::io_context::executor_type> work{context.get_executor()};
  actor::real_clock clock;
  actor::real_timers timers{context};
  base::seeded_random random{1};
  base::null_logger log;
  actor::environment env{context, clock, timers, random, log};
  std::vector<std::thread> pool;
};

class counter : public actor::actor {
 public:
  counter(const dbcord::actor::environment& env, std::size_t limit) : actor(env, limit) {}

  task<base::result<int>> add(int n) {
    return ask([this, n] { return total_ += n; }, env().after(10s));
  }
  // Reads, suspends, writes back what it read: only a strand held across nothing makes this lose updates.
  task<base::result<int>> slow_add(int n) {
    return run([](counter* self, int by) -> task<base::result<int>> {
      int before = self->total_;
      self->total_ = before + by;
      co_await dbcord::actor::sleep_for(self->env(), 1ms);
      co_return self->total_;
    }, this, n);
  }
  task<base::result<int>> stuck(base::duration patience) {
    return ask([this] { return total_; }, env().now() + patience);
  }
  void block_until(std::future<void>& release) {
    tell([&release] { release.wait(); });
  }

 private:
  int total_ = 0;
};

task<void> add_many(counter& c, int times) {
  for (int i = 0; i < times; ++i) {
    auto done = co_await c.add(1);
    if (!done) throw std::runtime_error("refused");  // reaches the test by its future: Boost.Test is for one thread
  }
}

// What each_at_once() does: the items that ended, and how many were at work at once.
struct seen_items {
  std::vector<std::size_t> ended;
  std::size_t now = 0, most = 0;
};
task<void> take_item(const actor::environment& env, seen_items& seen, std::size_t item, std::size_t bad) {
  seen.most = std::max(seen.most, ++seen.now);
  co_await actor::sleep_for(env, 1ms);
  --seen.now;
  if (item == bad) throw std::runtime_error("item 3 is bad");
  seen.ended.push_back(item);
}
task<void> take_ten(const actor::environment& env, seen_items& seen, std::size_t at_once, std::size_t bad) {
  co_await actor::each_at_once(10, at_once, [&, bad](std::size_t item) { return take_item(env, seen, item, bad); });
}
void run_on_strand(machine& m, task<void> t) {
  actor::asio::co_spawn(actor::asio::make_strand(m.context), std::move(t), actor::asio::use_future).get();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(actor_suite)

BOOST_AUTO_TEST_CASE(messages_from_many_threads_never_interleave) {
  machine m(4);
  counter c(m.env, 10000);
  std::vector<std::future<void>> all;
  for (int i = 0; i < 8; ++i) all.push_back(actor::asio::co_spawn(m.context, add_many(c, 500), actor::asio::use_future));
  for (auto& f : all) f.get();
  BOOST_TEST(*m.run(c.add(0)) == 4000);
}

BOOST_AUTO_TEST_CASE(a_waiting_message_that_owns_its_mailbox_does_not_outlive_discard) {
  dbcord::actor::asio::io_context never_run;
  auto mailbox = std::make_shared<dbcord::actor::mailbox>(dbcord::actor::asio::make_strand(never_run), 10);
  std::weak_ptr<dbcord::actor::mailbox> gone = mailbox;
  auto value = std::make_shared<int>(1);
  mailbox->push([mailbox, value] {});
  mailbox->discard();
  BOOST_TEST(value.use_count() == 1);
  BOOST_TEST(mailbox->size() == 0u);
  mailbox.reset();
  never_run.restart();
  never_run.run();  // the turn that push() had asked for finds nothing to do
  BOOST_TEST(gone.expired());
}

BOOST_AUTO_TEST_CASE(a_full_mailbox_refuses_at_once) {
  machine m;
  counter c(m.env, 3);
  std::promise<void> release;
  auto wait = release.get_future();
  c.block_until(wait);
  while (c.backlog() != 0) std::this_thread::yield();  // until the strand runs the blocking message
  std::vector<std::future<base::result<int>>> queued;
  for (int i = 0; i < 3; ++i) queued.push_back(actor::asio::co_spawn(m.context, c.add(1), actor::asio::use_future));
  while (c.backlog() != 3) std::this_thread::yield();
  auto refused = m.run(c.add(1));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == base::errc::overloaded));
  release.set_value();
  for (auto& f : queued) BOOST_TEST(f.get().has_value());
}

BOOST_AUTO_TEST_CASE(an_ask_past_its_deadline_answers_timeout) {
  machine m;
  counter c(m.env, 100);
  std::promise<void> release;
  auto wait = release.get_future();
  c.block_until(wait);
  auto late = m.run(c.stuck(20ms));
  release.set_value();
  BOOST_REQUIRE(!late.has_value());
  BOOST_TEST((late.error().code == base::errc::timeout));
  BOOST_TEST(*m.run(c.add(0)) == 0);  // drains the mailbox before the counter goes
}

BOOST_AUTO_TEST_CASE(coroutines_on_the_strand_interleave_only_where_they_suspend) {
  machine m(4);
  counter c(m.env, 100);
  std::vector<std::future<base::result<int>>> all;
  for (int i = 0; i < 50; ++i) all.push_back(actor::asio::co_spawn(m.context, c.slow_add(1), actor::asio::use_future));
  for (auto& f : all) BOOST_TEST(f.get().has_value());
  BOOST_TEST(*m.run(c.add(0)) == 50);
}

// Asio's timer is armed for a second at most, since it does not know of a suspended machine.
BOOST_AUTO_TEST_CASE(a_timer_fires_when_it_is_due_and_not_whenever_it_is_looked_at) {
  machine m(1);
  auto begun = m.env.now();
  m.run(dbcord::actor::sleep_for(m.env, 1300ms));
  auto slept = m.env.now() - begun;
  BOOST_TEST((slept >= 1300ms));
}

BOOST_AUTO_TEST_CASE(a_promise_set_before_or_after_the_wait_arrives) {
  machine m;
  actor::promise<std::string> early, late;
  BOOST_TEST(early.set("a"));
  BOOST_TEST(!early.set("b"));
  BOOST_TEST(m.run(early.get()) == "a");
  auto waiting = actor::asio::co_spawn(m.context, late.get_until(m.env, m.env.after(10s)), actor::asio::use_future);
  late.set("c");
  BOOST_TEST(*waiting.get() == "c");
  actor::promise<int> never;
  BOOST_TEST(!m.run(never.get_until(m.env, m.env.after(10ms))).has_value());
}

BOOST_AUTO_TEST_CASE(notifications_before_the_wait_count_as_one) {
  machine m;
  actor::event e;
  e.notify();
  e.notify();
  BOOST_TEST(m.run(e.wait_until(m.env, m.env.after(10s))));
  BOOST_TEST(!m.run(e.wait_until(m.env, m.env.after(10ms))));
}

task<void> critical(actor::async_mutex& mutex, const actor::environment& env, int& inside, int& entered, int& crowded) {
  auto held = co_await mutex.lock();
  crowded += ++inside != 1;
  ++entered;
  co_await actor::sleep_for(env, 100us);
  --inside;
}

BOOST_AUTO_TEST_CASE(an_async_mutex_admits_one_at_a_time) {
  machine m(4);
  actor::async_mutex mutex;
  int inside = 0, entered = 0, crowded = 0;
  std::vector<std::future<void>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(actor::asio::co_spawn(m.context, critical(mutex, m.env, inside, entered, crowded), actor::asio::use_future));
  }
  for (auto& f : all) f.get();
  BOOST_TEST(entered == 20);
  BOOST_TEST(crowded == 0);
}

task<void> nap(const actor::environment& env, base::duration d) { co_await actor::sleep_for(env, d); }
task<void> fail() {
  throw std::runtime_error("broken");
  co_return;
}

BOOST_AUTO_TEST_CASE(a_task_group_joins_its_tasks_and_refuses_new_ones_then) {
  machine m;
  actor::task_group group(m.env, "test");
  for (int i = 0; i < 5; ++i) BOOST_TEST(group.spawn(m.context.get_executor(), nap(m.env, 5ms)));
  BOOST_TEST(group.spawn(m.context.get_executor(), fail()));  // harms nobody else
  BOOST_TEST(m.run(group.join(m.env.after(10s))));
  BOOST_TEST(group.size() == 0u);
  BOOST_TEST(!group.spawn(m.context.get_executor(), nap(m.env, 1ms)));
}

BOOST_AUTO_TEST_CASE(joining_past_the_deadline_says_so) {
  machine m;
  actor::task_group group(m.env, "test");
  group.spawn(m.context.get_executor(), nap(m.env, 100ms));
  BOOST_TEST(!m.run(group.join(m.env.after(1ms))));
  BOOST_TEST(m.run(group.join(m.env.after(10s))));
}

BOOST_AUTO_TEST_CASE(a_group_with_a_limit_refuses_more) {
  machine m;
  actor::task_group group(m.env, "test", 1);
  BOOST_TEST(group.spawn(m.context.get_executor(), nap(m.env, 20ms)));
  BOOST_TEST(!group.spawn(m.context.get_executor(), nap(m.env, 1ms)));
  BOOST_TEST(m.run(group.join(m.env.after(10s))));
}

BOOST_AUTO_TEST_CASE(each_at_once_does_all_items_several_at_a_time) {
  machine m;
  seen_items seen;
  run_on_strand(m, take_ten(m.env, seen, 4, 10));
  std::sort(seen.ended.begin(), seen.ended.end());
  BOOST_TEST(seen.ended == (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), boost::test_tools::per_element());
  BOOST_TEST(seen.most == 4u);
  seen = {};
  run_on_strand(m, take_ten(m.env, seen, 20, 10));
  BOOST_TEST(seen.ended.size() == 10u);
  run_on_strand(m, actor::each_at_once(0, 4, {}));
}

BOOST_AUTO_TEST_CASE(each_at_once_ends_what_it_began_before_it_throws) {
  machine m;
  seen_items seen;
  BOOST_CHECK_THROW(run_on_strand(m, take_ten(m.env, seen, 2, 3)), std::runtime_error);
  BOOST_TEST(seen.now == 0u);
  BOOST_TEST(seen.ended.size() < 9u);
}

BOOST_AUTO_TEST_CASE(timers_fire_in_order_and_cancelled_ones_never) {
  machine m(1);
  std::vector<int> order;
  std::promise<void> last;
  auto now = m.env.now();
  m.timers.schedule(now + 20ms, [&] { order.push_back(2); last.set_value(); });
  m.timers.schedule(now + 10ms, [&] { order.push_back(1); });
  auto gone = m.timers.schedule(now + 15ms, [&] { order.push_back(9); });
  BOOST_TEST(m.timers.cancel(gone));
  last.get_future().get();
  BOOST_TEST(order == (std::vector<int>{1, 2}), boost::test_tools::per_element());
  BOOST_TEST(!m.timers.cancel(gone));
}

BOOST_AUTO_TEST_SUITE_END()
