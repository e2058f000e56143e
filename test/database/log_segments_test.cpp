// The log goes on in another channel, and channels that nothing needs any more are deleted.
#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/log_segments.hpp"
#include "support/contains.hpp"
#include "support/tried_points.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct segments_fixture : database_fixture {
  segments_fixture() {
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1000;
    options.checkpoints.segment_messages = 8;
  }
  void insert_rows(int from, int to) {
    for (int i = from; i < to; ++i) {
      BOOST_REQUIRE(insert(fmt::format("k{:03}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
      drain();
    }
  }
  void check_rows(int count) {
    for (int i = 0; i < count; ++i) BOOST_TEST(contains(get(fmt::format("k{:03}", i)), fmt::format("\"n\":{}", i)));
    BOOST_TEST(inspect().tables.at(0).rows == static_cast<std::uint64_t>(count));
  }
  std::vector<database::channel_info> channels() {
    database::call_options call{database::priority::read, world.now() + 1min};
    return std::move(run(stack->store.channels(call)).value().value);
  }
  std::vector<std::string> log_channels() {
    std::vector<std::string> names;
    for (const auto& c : channels()) {
      if (c.name.starts_with("dbc-wal-")) names.push_back(c.name);
    }
    return names;
  }
  base::channel_id channel_named(std::string_view name) {
    for (const auto& c : channels()) {
      if (c.name == name) return c.id;
    }
    return {};
  }
  void check_sound(int rows) {
    check_rows(rows);
    auto found = run(stack->engine->verify("prod", "users", reading()));
    BOOST_TEST(found->problems == 0u);
    for (const auto& f : found->findings) BOOST_TEST_MESSAGE(f.kind + ": " + f.what);
  }
  void check_written_again(std::size_t page_from) {
    options.page_from = page_from;
    create();
    insert_rows(0, 3);
    drain();
    restart();  // behind a checkpoint
    auto place = [&] { return run(stack->engine->get("prod", "users", "k001", reading()))->location.message; };
    auto lost = place();
    auto channel = inspect().tables.at(0).channel;
    BOOST_REQUIRE(run(stack->rest.remove(channel, lost, {database::priority::interactive, world.now() + 1min})).has_value());
    stack->engine->messages_deleted(channel, {lost});
    world.run_for(1s);
    drain();
    auto copy = place();
    BOOST_REQUIRE((copy != lost));
    kill();
    restart();
    world.run_for(10s);
    BOOST_TEST((place() == copy));
    check_sound(3);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(log_segments_plain)

BOOST_AUTO_TEST_CASE(a_record_is_looked_for_in_the_channel_that_held_its_lsn) {
  database::log_segments log(base::channel_id{1});
  log.add({2, base::channel_id{20}, 10});
  log.add({3, base::channel_id{30}, 25});
  BOOST_TEST(log.channel_of(1).value == 1u);
  BOOST_TEST(log.channel_of(9).value == 1u);
  BOOST_TEST(log.channel_of(10).value == 20u);
  BOOST_TEST(log.channel_of(1000).value == 30u);
  BOOST_TEST(log.previous().value == 20u);
  log.remove(base::channel_id{1});
  BOOST_TEST(log.first_lsn() == 10u);
  BOOST_TEST(log.channel_of(3).value == 20u);
  BOOST_TEST(!log.contains(base::channel_id{1}));
  BOOST_TEST(log.current().number == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(log_segments_suite, segments_fixture)

BOOST_AUTO_TEST_CASE(the_log_rolls_and_old_segments_are_deleted_when_two_checkpoints_stand_behind_them) {
  create();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
  insert_rows(0, 60);
  BOOST_REQUIRE(world.run_until([&] { return inspect().log_first_lsn > 1; }, 5min));
  world.run_for(1min);
  auto now = inspect();
  BOOST_TEST(now.log_segments <= 4u);
  auto names = log_channels();
  BOOST_TEST(names.size() == now.log_segments);
  BOOST_TEST((std::find(names.begin(), names.end(), "dbc-wal-1") == names.end()));
  check_sound(60);
  restart();
  auto then = inspect();
  BOOST_TEST(then.log_first_lsn >= now.log_first_lsn);
  BOOST_TEST((then.log_channel == now.log_channel));
  check_sound(60);
  insert_rows(60, 80);
  restart();
  check_sound(80);
}

// It has listed the channels when there was neither a checkpoint nor another segment.
BOOST_AUTO_TEST_CASE(a_start_that_has_waited_for_discord_while_the_log_went_on_elsewhere_misses_nothing) {
  options.exclusive_by_lock = false;
  create();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
  BOOST_REQUIRE((log_channels() == std::vector<std::string>{"dbc-wal-1"}));
  auto* holder = process;
  auto* its_stack = stack;
  start("successor");
  stack->store.held_reads_in = channel_named("dbc-catalog");
  std::optional<base::result<void>> opened;
  auto open_late = [](database::engine& e, base::steady_time deadline, auto& outcome) -> actor::task<void> {
    auto done = co_await e.open(deadline);
    outcome = std::move(done);
  };
  process->spawn(open_late(*stack->engine, world.now() + 30min, opened));
  BOOST_REQUIRE(world.run_until([&] { return stack->store.held_reads > 0; }));
  std::swap(process, holder);
  std::swap(stack, its_stack);
  insert_rows(0, 60);
  BOOST_REQUIRE(world.run_until([&] { return inspect().log_first_lsn > 1; }, 5min));
  world.run_for(1min);
  auto left = log_channels();
  BOOST_REQUIRE((std::find(left.begin(), left.end(), "dbc-wal-1") == left.end()));
  world.kill(*process);
  process = holder;
  stack = its_stack;
  stack->store.release.notify();
  BOOST_REQUIRE(world.run_until([&] { return opened.has_value(); }, 5min));
  BOOST_TEST_REQUIRE(opened->has_value(), opened->error().message);
  for (const auto& why : stack->engine->failed()) BOOST_TEST_ERROR(why);
  BOOST_REQUIRE(insert("last", "{}").has_value());
  BOOST_REQUIRE(run(stack->engine->remove("prod", "users", "last", context())).has_value());
  check_sound(60);
}

BOOST_AUTO_TEST_CASE(a_segment_stays_as_long_as_a_version_of_the_history_lives_only_there) {
  create();
  BOOST_REQUIRE(insert("old", R"({"n":1})").has_value());
  BOOST_REQUIRE(update("old", R"({"n":2})").has_value());  // before the first version had a message of its own
  BOOST_REQUIRE(run(stack->engine->history("prod", "users", {"old", 10}, reading()))->known >= 1u);
  auto of_log_only = inspect().tables.at(0).superseded == 0;
  insert_rows(0, 60);
  world.run_for(1min);
  if (of_log_only) BOOST_TEST(inspect().log_first_lsn == 1u);
  auto history = run(stack->engine->history("prod", "users", {"old", 10}, reading()));
  BOOST_REQUIRE(history.has_value());
  BOOST_TEST(history->changes.size() == 2u);
  BOOST_TEST(history->changes.back().json == R"({"id":"old","n":1})");
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
  insert_rows(60, 90);
  BOOST_TEST(world.run_until([&] { return inspect().log_first_lsn > 1; }, 5min));
}

BOOST_AUTO_TEST_CASE(a_message_that_was_deleted_while_nobody_listened_is_missed_before_its_log_record_goes) {
  create();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
  insert_rows(0, 3);
  auto message = run(stack->engine->get("prod", "users", "k001", reading()))->location.message;
  auto channel = inspect().tables.at(0).channel;
  BOOST_REQUIRE(run(stack->rest.remove(channel, message, {database::priority::interactive, world.now() + 1min})).has_value());
  insert_rows(3, 60);
  BOOST_REQUIRE(world.run_until([&] { return inspect().log_first_lsn > 1; }, 5min));
  drain();
  BOOST_TEST(run(stack->engine->inspect_table("prod", "users", reading()))->deleted_by_hand == 1u);
  BOOST_TEST((run(stack->engine->get("prod", "users", "k001", reading()))->location.message != message));
  check_sound(60);
}

BOOST_AUTO_TEST_CASE(a_row_that_was_written_again_lies_there_for_the_next_process_too_though_a_checkpoint_names_the_message_that_is_gone) {
  check_written_again(1'000);
}

BOOST_AUTO_TEST_CASE(so_do_rows_of_a_page) { check_written_again(2); }

BOOST_AUTO_TEST_CASE(segments_stay_while_nobody_can_look_whether_the_messages_are_there) {
  create();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
  stack->store.faults_of_reads_in = inspect().tables.at(0).channel;
  stack->store.unreadable = true;
  insert_rows(0, 60);
  world.run_for(5min);
  BOOST_TEST(inspect().log_first_lsn == 1u);
  stack->store.unreadable = false;
  insert_rows(60, 80);
  BOOST_TEST(world.run_until([&] { return inspect().log_first_lsn > 1; }, 5min));
  check_sound(80);
}

BOOST_AUTO_TEST_CASE(channels_that_look_empty_for_want_of_a_permission_do_not_make_rows_lost) {
  create();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
  stack->store.faults_of_reads_in = inspect().tables.at(0).channel;
  stack->store.hidden = true;
  insert_rows(0, 60);
  BOOST_TEST(world.run_until([&] { return inspect().log_first_lsn > 1; }, 5min));
  stack->store.hidden = false;
  BOOST_TEST(run(stack->engine->inspect_table("prod", "users", reading()))->deleted_by_hand == 0u);
  check_sound(60);
}

BOOST_AUTO_TEST_CASE(older_versions_are_read_from_the_segment_that_holds_them) {
  create();
  std::vector<std::uint64_t> lsns;
  for (int n = 0; n < 30; ++n) {
    auto done = n == 0 ? insert("a", R"({"n":0})") : update("a", fmt::format(R"({{"n":{}}})", n));
    BOOST_REQUIRE(done.has_value());
    lsns.push_back(done->lsn);
    if (n % 3 == 0) drain();
  }
  BOOST_TEST(inspect().log_segments > 1u);
  for (std::size_t n = 0; n < lsns.size(); ++n) {
    auto row = run(stack->engine->get_as_of("prod", "users", "a", {lsns[n], {}}, reading()));
    BOOST_REQUIRE(row.has_value());
    BOOST_TEST(contains(row->json, fmt::format("\"n\":{}", n)));
  }
}

BOOST_AUTO_TEST_CASE(rolling_and_truncating_survive_a_failure_or_a_crash_at_every_step) {
  auto of_interest = [](const database::new_message& m) {
    return contains(m.content, "`dbcord/1 roll ") || contains(m.content, "`dbcord/1 drop ") || contains(m.content, "`dbcord/1 barrier ");
  };
  auto points = points_to_try();
  for (auto kind : {fault::lost_before, fault::lost_after, fault::late, fault::refused}) {
    for (bool crash : {false, true}) {
      for (int nth = points.first; nth < 5; nth += points.step) {
        BOOST_TEST_CONTEXT("fault " << static_cast<int>(kind) << (crash ? ", then a crash" : "") << " at " << nth) {
          segments_fixture f;
          f.create();
          int seen = 0;
          bool hit = false;
          f.stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
            if (!of_interest(m) || seen++ != nth) return fault::none;
            hit = true;
            return kind;
          };
          int rows = 0;
          while (rows < 40 && !(crash && hit)) {
            f.insert_rows(rows, rows + 1);
            ++rows;
            f.run(f.stack->store.apply_late());
          }
          if (!crash) f.world.run_for(1min);
          f.restart();
          f.insert_rows(rows, rows + 15);
          f.check_sound(rows + 15);
          f.restart();
          f.check_sound(rows + 15);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(killed_at_any_moment_nothing_is_lost) {
  auto points = points_to_try();
  for (int n = 200 + 170 * points.first; n < 6000; n += 170 * points.step) {
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      segments_fixture f;
      f.create();
      bool dead = false;
      f.world.set_fuse(*f.process, static_cast<std::uint64_t>(n), [&] { dead = true; });
      std::set<std::string> done;
      for (int i = 0; i < 40 && !dead; ++i) {
        auto key = fmt::format("k{:03}", i);
        bool acknowledged = false;
        f.process->spawn([](database::engine& e, std::string k, database::write_context c, bool& yes) -> actor::task<void> {
          database::new_row row{k, "{}"};
          auto written = co_await e.insert("prod", "users", std::move(row), std::move(c));
          yes = written.has_value();
        }(*f.stack->engine, key, f.context(), acknowledged));
        f.world.run_until([&] { return acknowledged || dead; }, 1min);
        if (acknowledged) done.insert(key);
      }
      f.restart();
      for (const auto& key : done) BOOST_TEST(contains(f.get(key), key));
      f.drain();
      BOOST_TEST(f.run(f.stack->engine->verify("prod", "users", f.reading()))->problems == 0u);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
