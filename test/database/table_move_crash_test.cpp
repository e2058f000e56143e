// A table that moves into a fresh channel while processes die and answers are lost.

#include "database/move_fixture.hpp"
#include "support/contains.hpp"
#include "support/tried_points.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::move_report;

BOOST_AUTO_TEST_SUITE(table_move_crashes)

BOOST_AUTO_TEST_CASE(what_is_interrupted_is_readable_in_both_channels_and_gone_on_with) {
  for (int posts : {0, 1, 2, 3, 5}) {
    for (bool killed : {false, true}) {
      move_fixture f;
      f.fill();
      auto before = f.everything();
      BOOST_TEST_CONTEXT(posts << " messages were written" << (killed ? ", killed" : "")) {
        auto report = f.move_half(posts);
        if (killed) f.restart();
        BOOST_TEST((f.users().moving_from == report.from));
        BOOST_TEST(f.everything() == before);
        BOOST_TEST(f.problems() == 0u);
        f.change("a", 50);
        BOOST_TEST(f.insert("new", "{}").has_value());
        f.drain();
        auto changed = f.everything();
        auto rest = f.move();
        BOOST_TEST(!rest.begun);
        BOOST_TEST((rest.from == report.from));
        BOOST_TEST(f.everything() == changed);
        BOOST_TEST(f.channels_of_table().size() == 1u);
        f.restart();
        BOOST_TEST(f.everything() == changed);
        BOOST_TEST(f.problems() == 0u);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_kill_after_any_handler_loses_nothing) {
  int stayed = 0, between = 0, moved = 0;
  auto points = points_to_try();
  for (int n = 1 + points.first; n < 100'000; n += points.step) {
    move_fixture f;
    f.fill(12);
    auto before = f.everything();
    bool dead = false;
    std::optional<base::result<move_report>> told;
    f.world.set_fuse(*f.process, static_cast<std::uint64_t>(n), [&] { dead = true; });
    f.process->spawn(move_and_tell(*f.stack->engine, f.context(), told));
    f.world.run_until([&] { return dead || told; }, 10min);
    bool complete = !dead;
    if (complete) BOOST_TEST((told->has_value() && !(*told)->stopped));
    f.restart();
    auto channels = f.channels_of_table().size();
    ++(f.users().moving_from ? between : channels == 1 && complete ? moved : stayed);
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      BOOST_TEST_REQUIRE(f.everything() == before);
      BOOST_TEST_REQUIRE(f.problems() == 0u);
      f.move();
      BOOST_TEST_REQUIRE(f.everything() == before);
      f.world.run_for(10s);
      BOOST_TEST_REQUIRE(f.channels_of_table().size() == 1u);
      f.restart();
      BOOST_TEST_REQUIRE(f.everything() == before);
      BOOST_TEST_REQUIRE(f.problems() == 0u);
    }
    if (complete) break;
  }
  BOOST_TEST_MESSAGE(stayed << " stayed, " << between << " between, " << moved << " moved");
  BOOST_TEST(stayed > 0);
  BOOST_TEST(between > 5);
  BOOST_TEST(moved > 0);
}

BOOST_AUTO_TEST_CASE(a_lost_answer_at_any_change_loses_nothing) {
  for (auto kind : {fault::lost_before, fault::lost_after, fault::late, fault::refused, fault::content}) {
    auto points = points_to_try();
    int n = points.first;
    for (bool reached = true; reached && n < 60; n += points.step) {
      move_fixture f;
      f.fill(12);
      auto before = f.everything();
      auto first = f.stack->store.changes;
      f.stack->store.fail_at = first + n;
      f.stack->store.kind = kind;
      auto done = f.try_move();
      reached = f.stack->store.changes > first + n;
      BOOST_TEST_CONTEXT("change " << n << " failed as " << static_cast<int>(kind)) {
        f.run(f.stack->store.apply_late());
        BOOST_TEST(f.everything() == before);
        BOOST_TEST(f.problems() == 0u);
        if (!done || done->stopped) f.move();
        BOOST_TEST(f.everything() == before);
        f.restart();
        BOOST_TEST(f.everything() == before);
        BOOST_TEST(f.problems() == 0u);
        if (kind != fault::late) BOOST_TEST(f.channels_of_table().size() == 1u);
      }
    }
    BOOST_TEST((n > 8 && n < 60));
  }
}

BOOST_AUTO_TEST_CASE(the_table_is_written_and_read_meanwhile) {
  for (std::uint64_t kill_at : {0u, 300u, 700u, 1'500u, 3'000u}) {
    move_fixture f;
    f.fill();
    BOOST_REQUIRE(f.run(f.stack->engine->storage().set_layout("prod", "users", protocol::table_layout::rows, f.context())).has_value());
    std::optional<base::result<move_report>> told;
    bool dead = false;
    if (kill_at > 0) f.world.set_fuse(*f.process, kill_at, [&] { dead = true; });
    f.process->spawn(move_and_tell(*f.stack->engine, f.context(10min), told));
    BOOST_TEST_CONTEXT("killed after " << kill_at) {
      for (int i = 0; i < 40; ++i) {
        if (dead) f.restart();
        dead = false;
        BOOST_TEST_REQUIRE(f.stack != nullptr);
        auto k = move_fixture::key(i % 24);
        switch (i % 4) {
          case 0: BOOST_TEST(f.update(k, fmt::format(R"({{"n":{}}})", 1'000 + i)).has_value()); break;
          case 1: BOOST_TEST(f.insert(fmt::format("w{}", i), "{}").has_value()); break;
          case 2: BOOST_TEST(f.update("a", fmt::format(R"({{"n":{}}})", 1'000 + i)).has_value()); break;
          case 3: BOOST_TEST(f.find("{}") != ""); break;
        }
        if (dead) f.restart();
        dead = false;
        f.world.run_for(100ms);
      }
      f.world.run_until([&] { return told.has_value() || kill_at > 0; }, 10min);
      if (!told || !*told || (*told)->stopped) f.move();
      auto before = f.everything();
      BOOST_TEST(contains(before, "w37 "));
      BOOST_TEST(f.channels_of_table().size() == 1u);
      BOOST_TEST(f.problems() == 0u);
      f.restart();
      BOOST_TEST(f.everything() == before);
      BOOST_TEST(f.problems() == 0u);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
