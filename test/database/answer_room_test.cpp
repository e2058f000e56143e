// How much all finds may hold at once: who needs much waits its turn, until there is room, it is too late, or nobody wants it any more.

#include "database/answer_room.hpp"
#include "database/database_fixture.hpp"
#include "simulation/virtual_environment.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::answer_room;
using database::errc;

namespace {

constexpr std::uint64_t mib = 1024 * 1024;

struct room_fixture {
  simulation::virtual_environment sim;
  std::shared_ptr<answer_room> room = std::make_shared<answer_room>(4 * mib);

  struct asked {
    bool over = false;
    answer_room::held held;
    database::work_progress_ptr progress = std::make_shared<database::work_progress>();
  };
  static actor::task<void> enter(std::shared_ptr<answer_room> room, const actor::environment& env, std::uint64_t bytes, base::steady_time deadline, asked& a) {
    a.held = co_await room->enter(bytes, env, deadline, a.progress);
    a.over = true;
  }
  void ask(asked& a, std::uint64_t bytes, base::duration patience = std::chrono::hours(1)) {
    sim.spawn(enter(room, sim.env(), bytes, sim.env().after(patience), a));
    sim.advance(std::chrono::milliseconds(1));
  }
};

struct large_find_fixture : database_fixture {
  large_find_fixture() { options.memory_cap = 64 * mib; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(answer_rooms)

BOOST_FIXTURE_TEST_CASE(large_answers_wait_in_turn_and_small_ones_pass, room_fixture) {
  asked first, second, third, small;
  ask(first, 3 * mib);
  BOOST_TEST((first.over && first.held));
  ask(second, 100 * mib);  // takes all there is
  ask(third, mib);         // would fit beside the first one, but the second was there before
  ask(small, answer_room::small);
  BOOST_TEST((small.over && small.held));
  BOOST_TEST(!second.over);
  BOOST_TEST(!third.over);
  BOOST_TEST(std::string(second.progress->behind.load()) == "other large answers are made first");
  auto copy = first.held;
  first.held.reset();
  sim.advance(std::chrono::seconds(2));
  BOOST_TEST(!second.over);
  copy.reset();
  sim.advance(std::chrono::seconds(2));
  BOOST_TEST((second.over && second.held));
  BOOST_TEST(second.progress->behind.load() == nullptr);
  BOOST_TEST(!third.over);
  second.held.reset();
  sim.advance(std::chrono::seconds(2));
  BOOST_TEST((third.over && third.held));
}

BOOST_FIXTURE_TEST_CASE(who_gives_up_takes_no_room, room_fixture) {
  asked first, late, cancelled, last;
  ask(first, 4 * mib);
  ask(late, 4 * mib, std::chrono::seconds(5));
  ask(cancelled, 4 * mib);
  ask(last, 4 * mib);
  cancelled.progress->cancelled = true;
  sim.advance(std::chrono::seconds(6));
  BOOST_TEST((late.over && !late.held));
  BOOST_TEST((cancelled.over && !cancelled.held));
  BOOST_TEST(!last.over);
  first.held.reset();
  sim.advance(std::chrono::seconds(2));
  BOOST_TEST((last.over && last.held));
}

// A whole answer of 32 MiB at once, and the next when it is sent.
BOOST_FIXTURE_TEST_CASE(large_finds_are_carried_out_one_after_the_other, large_find_fixture) {
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 40; ++i) rows.push_back({"k" + std::to_string(i), "{\"x\":\"" + std::string(mib, 'x') + "\"}"});
  put_all(std::move(rows));
  database::find_request all;
  all.where_json = "{}";
  all.limit = 1'000;
  auto first = run(stack->engine->find("prod", "users", all, reading()));
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->rows.size() > 20u);
  auto soon = [this] { return database::read_context{world.now() + std::chrono::seconds(5)}; };
  auto second = run(stack->engine->find("prod", "users", all, soon()));
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST((second.error().code == errc::backpressure));
  BOOST_TEST(contains(second.error().message, "other large answers"));
  auto counting = all;
  counting.count_only = true;
  BOOST_TEST(run(stack->engine->find("prod", "users", counting, soon())).has_value());
  first->held.reset();
  BOOST_TEST(run(stack->engine->find("prod", "users", all, soon())).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
