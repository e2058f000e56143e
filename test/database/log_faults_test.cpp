// The promises when answers are lost, requests come late, and another process competes.
#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "simulation/owner_view.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

bool is_group(const database::new_message& m) { return contains(m.content, "`dbcord/1 group "); }

// Fails the first commit group only.
faulty_store::decide_post first_group(fault kind) {
  return [kind, done = false](base::channel_id, const database::new_message& m) mutable {
    return is_group(m) && !std::exchange(done, true) ? kind : fault::none;
  };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_faults_suite, database_fixture)

BOOST_AUTO_TEST_CASE(a_lost_request_is_written_again_after_a_barrier) {
  create();
  stack->store.on_post = first_group(fault::lost_before);
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST(inspect().barriers == 1u);
  restart();
  BOOST_TEST(find("{}") == "a ");
}

BOOST_AUTO_TEST_CASE(a_lost_answer_is_found_in_the_tail) {
  create();
  stack->store.on_post = first_group(fault::lost_after);
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST(inspect().barriers == 0u);
  restart();
  BOOST_TEST(find("{}") == "a ");
}

// Its header is right, so it stands in the chain until something takes its place.
BOOST_AUTO_TEST_CASE(a_group_that_discord_has_cut_is_refused_and_the_next_process_needs_nothing_of_it) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  dbcord::guild::fault_plan cut;
  cut.upload_cut = 1;
  guild.set_faults(cut);
  auto refused = insert("big", "{\"x\":\"" + std::string(4000, 'x') + "\"}");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(contains(refused.error().message, "nothing was changed"));
  guild.set_faults({});
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(find("{}") == "a ");
  BOOST_REQUIRE(insert("b", "{}").has_value());
  restart();
  BOOST_TEST(find("{}") == "a b ");
}

BOOST_AUTO_TEST_CASE(a_group_whose_answer_is_lost_and_that_discord_has_cut_is_written_again) {
  create();
  dbcord::guild::fault_plan cut;
  cut.upload_cut = 1;
  guild.set_faults(cut);
  stack->store.on_post = [this, lose = first_group(fault::lost_after)](base::channel_id c, const database::new_message& m) mutable {
    auto what = lose(c, m);
    if (!is_group(m)) guild.set_faults({});  // the barrier, and what is written again
    return what;
  };
  BOOST_REQUIRE(insert("big", "{\"x\":\"" + std::string(4000, 'x') + "\"}").has_value());
  BOOST_TEST(inspect().barriers == 1u);
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(find("{}") == "big ");
}

BOOST_AUTO_TEST_CASE(a_request_applied_after_its_barrier_is_void) {
  create();
  stack->store.on_post = first_group(fault::late);
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  run(stack->store.apply_late());
  BOOST_REQUIRE(update("a", R"({"m":3})").has_value());
  restart();
  BOOST_TEST(get("a") == R"({"id":"a","n":2,"m":3})");
  BOOST_TEST(run(stack->engine->get("prod", "users", "a", reading()))->version == 3u);
}

BOOST_AUTO_TEST_CASE(a_request_of_a_dead_process_that_arrives_late_is_void) {
  create();
  stack->store.on_post = [](base::channel_id, const database::new_message& m) { return is_group(m) ? fault::late : fault::none; };
  auto& dying = *stack;
  process->spawn([](database::engine& e, database::write_context c) -> actor::task<void> {
    database::new_row row{"ghost", "{}"};
    auto done = co_await e.insert("prod", "users", std::move(row), std::move(c));
    BOOST_TEST(!done.has_value());
  }(*dying.engine, context(100ms)));
  // The barrier is lost as well, so that the group stays in doubt when the process dies.
  bool sent = false;
  dying.store.on_post = [&](base::channel_id, const database::new_message& m) {
    if (is_group(m)) sent = true;
    return fault::late;
  };
  world.run_until([&] { return sent; });
  world.run_for(2s);
  auto* old = process;
  start("successor");
  BOOST_REQUIRE(open().has_value());
  BOOST_REQUIRE(insert("real", "{}").has_value());
  auto* fresh = process;
  auto* fresh_stack = stack;
  process = old;
  run(dying.store.apply_late());
  world.kill(*old);
  process = fresh;
  stack = fresh_stack;
  BOOST_REQUIRE(insert("real2", "{}").has_value());
  restart();
  BOOST_TEST(find("{}") == "real real2 ");
}

BOOST_AUTO_TEST_CASE(the_session_succeeds_with_a_failure_at_every_step) {
  for (auto kind : {fault::lost_before, fault::lost_after, fault::late}) {
    int steps = 1;
    for (int n = 0; n < steps; ++n) {
      database_fixture f;
      f.start();
      f.stack->store.fail_at = n;
      f.stack->store.kind = kind;
      BOOST_TEST_CONTEXT("step " << n << ", kind " << static_cast<int>(kind)) {
        BOOST_REQUIRE(f.open().has_value());
        auto& e = *f.stack->engine;
        auto created = f.run(e.create_database("prod", f.context()));
        if (!created) BOOST_FAIL(created.error().message);
        BOOST_REQUIRE(f.run(e.create_table("prod", "users", "id", f.context())).has_value());
        BOOST_REQUIRE(f.insert("a", "{}").has_value());
        BOOST_REQUIRE(f.insert("b", "{}").has_value());
        BOOST_REQUIRE(f.update("a", R"({"n":1})").has_value());
        BOOST_REQUIRE(f.remove("b").has_value());
        f.drain();
        f.run(f.stack->store.apply_late());
        steps = std::max(steps, f.stack->store.changes);
        f.restart();
        BOOST_TEST(f.find("{}") == "a ");
        BOOST_TEST(f.get("a") == R"({"id":"a","n":1})");
      }
    }
    BOOST_TEST(steps > 12);
  }
}

BOOST_AUTO_TEST_CASE(a_session_killed_at_every_step_is_taken_up_by_the_next_process) {
  for (int n = 0;; ++n) {
    database_fixture f;
    f.start();
    bool reached = false;
    f.stack->store.fail_at = n;
    f.stack->store.kind = fault::lost_after;
    auto session = [](database_fixture& x, bool& ended) -> actor::task<void> {
      auto& e = *x.stack->engine;
      auto opened = co_await e.open(x.world.now() + 5min);
      auto db = co_await e.create_database("prod", x.context());
      auto table = co_await e.create_table("prod", "users", "id", x.context());
      database::new_row row{"a", "{}"};
      auto inserted = co_await e.insert("prod", "users", std::move(row), x.context());
      ended = opened && db && table && inserted;
    };
    f.process->spawn(session(f, reached));
    f.world.run_until([&] { return reached || f.stack->store.changes > n; });
    if (reached && f.stack->store.changes <= n) break;
    f.restart();
    BOOST_TEST_CONTEXT("killed after change " << n) {
      auto& e = *f.stack->engine;
      auto db = f.run(e.create_database("prod", f.context()));
      BOOST_TEST((db || db.error().code == errc::already_exists));
      auto table = f.run(e.create_table("prod", "users", "id", f.context()));
      BOOST_TEST((table || table.error().code == errc::already_exists));
      auto row = f.insert("a", "{}");
      BOOST_TEST((row || row.error().code == errc::duplicate_key));
      BOOST_TEST(f.find("{}") == "a ");
      BOOST_TEST(f.inspect().tables.size() == 1u);
    }
    BOOST_REQUIRE(n < 50);
  }
}

BOOST_AUTO_TEST_CASE(a_refused_group_fails_all_that_stood_on_it_and_nothing_after) {
  create();
  stack->store.on_post = first_group(fault::refused);
  auto refused = insert("a", "{}");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::unavailable));
  BOOST_TEST(contains(refused.error().message, "nothing was changed"));
  BOOST_TEST(insert("a", "{}").has_value());
  restart();
  BOOST_TEST(run(stack->engine->get("prod", "users", "a", reading()))->version == 1u);
}

BOOST_AUTO_TEST_CASE(text_that_discord_refuses_goes_into_an_attachment) {
  create();
  stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    return contains(m.content, "badword") ? fault::content : fault::none;
  };
  BOOST_REQUIRE(insert("a", R"({"t":"badword"})").has_value());
  drain();
  restart();
  BOOST_TEST(get("a") == R"({"id":"a","t":"badword"})");
}

BOOST_AUTO_TEST_CASE(a_caller_whose_deadline_passes_is_told_that_the_outcome_is_not_known) {
  create();
  stack->store.on_post = [](auto, const auto&) { return fault::lost_before; };
  auto c = context(3s);
  auto doubt = run(stack->engine->insert("prod", "users", {"a", "{}"}, c));
  BOOST_REQUIRE(!doubt.has_value());
  BOOST_TEST((doubt.error().code == errc::outcome_unknown));
  BOOST_TEST(!contains(doubt.error().message, "since"), doubt.error().message);  // its answer did not come
  stack->store.on_post = nullptr;
  c.deadline = world.now() + 5min;
  auto resolved = run(stack->engine->insert("prod", "users", {"a", "{}"}, c));  // the same command tells the outcome
  BOOST_REQUIRE(resolved.has_value());
  BOOST_TEST(resolved->repeated);
  BOOST_TEST(find("{}") == "a ");
}

BOOST_AUTO_TEST_CASE(a_second_process_is_told_who_holds_the_database) {
  options.exclusive_by_lock = false;
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto* first = process;
  auto* first_stack = stack;
  start("second");
  auto refused = open();
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::fenced));
  BOOST_TEST(contains(refused.error().message, "in use"));
  process = first;
  stack = first_stack;
  BOOST_TEST(insert("b", "{}").has_value());
}

// Discord shows an empty channel then; a start on top of nothing would void the whole log.
BOOST_AUTO_TEST_CASE(a_log_that_looks_empty_for_want_of_a_permission_is_not_started_anew) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  kill();
  start("second");
  auto& store = stack->store;
  world.after(10s, [&store] { store.hidden = true; });
  world.after(40s, [&store] { store.hidden = false; });
  world.run_for(11s);
  BOOST_REQUIRE(open().has_value());
  if (!stack->engine->failed().empty() || stack->engine->databases().empty()) {
    restart();  // refused while the permission was missing: what matters is that nothing was lost
  }
  BOOST_TEST(find("{}") == "a ");
}

BOOST_AUTO_TEST_CASE(a_row_is_not_refused_by_a_process_that_cannot_know_what_the_table_holds_now) {
  options.exclusive_by_lock = false;
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  stack->store.hidden = true;  // it cannot see whether another process has claimed the database
  world.run_for(options.lease);
  auto c = context(3s);
  auto refused = run(stack->engine->insert("prod", "users", {"a", "{}"}, c));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::unavailable));
  stack->store.hidden = false;
  auto again = insert("a", "{}");
  BOOST_REQUIRE(!again.has_value());
  BOOST_TEST((again.error().code == errc::duplicate_key));
}

BOOST_AUTO_TEST_CASE(after_a_crash_the_next_process_waits_for_the_lease_and_then_writes) {
  options.exclusive_by_lock = false;
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  kill();
  auto before = world.now();
  restart();
  BOOST_TEST((world.now() - before >= options.lease + options.staleness));
  BOOST_TEST(find("{}") == "a ");
  BOOST_TEST(insert("b", "{}").has_value());
}

// Epochs are ids of claims, and ids are minted by many clocks.
BOOST_AUTO_TEST_CASE(a_process_whose_claim_has_a_lower_id_than_the_last_ones_claims_again) {
  guild::fault_plan behind;
  behind.id_behind = 0.7;
  behind.id_behind_max = 900ms;
  create();
  guild.set_faults(behind);
  constexpr int starts = 40;
  for (int i = 0; i < starts; ++i) {
    BOOST_REQUIRE(insert(fmt::format("k{:02}", i), "{}").has_value());
    kill();
    restart();
  }
  world.run_for(1min);
  BOOST_REQUIRE(insert("last", "{}").has_value());
  BOOST_TEST(inspect().tables.at(0).rows == starts + 1u);
}

// Only what is read behind the wait counts.
BOOST_AUTO_TEST_CASE(a_start_that_waits_for_a_lease_reads_everything_once) {
  options.exclusive_by_lock = false;
  options.checkpoints.tail_messages = 3;
  options.checkpoints.share = 1000;
  options.checkpoints.segment_messages = 6;
  create();
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(insert(fmt::format("k{:02}", i), "{}").has_value());
  world.run_for(1min);
  kill();
  restart();
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  base::channel_id checkpoints;
  for (const auto& c : simulation::channels_in(guild)) {
    if (c.name == "dbc-checkpoints") checkpoints = c.id;
  }
  BOOST_TEST(stack->store.reads_of[checkpoints] == 1);
  BOOST_TEST(stack->store.reads_of[inspect().log_channel] == 2);  // a glance first
  BOOST_TEST(find(R"({"id":"k19"})") == "k19 ");
}

BOOST_AUTO_TEST_CASE(after_a_clean_stop_the_next_process_need_not_wait_for_the_lease) {
  options.exclusive_by_lock = false;
  create();
  run(stack->engine->close(world.now() + 10s));
  kill();
  auto before = world.now();
  restart();
  BOOST_TEST((world.now() - before < 10s));
}

BOOST_AUTO_TEST_CASE(with_the_lock_held_reads_go_on_while_discord_is_away) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  stack->store.unreadable = true;
  world.run_for(10 * options.lease);
  BOOST_TEST(get("a") == R"({"id":"a"})");
}

BOOST_AUTO_TEST_CASE(under_discords_limits_a_busy_log_paces_itself_without_429) {
  database_fixture f(true);
  f.create();
  int done = 0;
  auto attempt = [](database::engine& e, database::write_context c, int i, int& count) -> actor::task<void> {
    database::new_row row{fmt::format("k{}", i), "{}"};
    auto result = co_await e.insert("prod", "users", std::move(row), std::move(c));
    if (result) ++count;
  };
  auto before = f.world.now();
  for (int i = 0; i < 500; ++i) f.process->spawn(attempt(*f.stack->engine, f.context(), i, done));
  f.world.run_until([&] { return done == 500; });
  BOOST_TEST((f.world.now() - before < 10s));
  BOOST_TEST(f.net.stats().limited == 0u);
}

// Where few requests are let through, a start that read everything again after each failure would never end.
BOOST_AUTO_TEST_CASE(a_start_does_not_read_the_log_again_because_another_request_failed) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto log = inspect().log_channel;
  base::channel_id control;
  auto all = run(stack->rest.channels({database::priority::read, world.now() + 1min}));
  for (const auto& c : all->value) {
    if (c.name == "dbc-control") control = c.id;
  }
  kill();
  start();
  stack->store.unreadable = true;
  stack->store.faults_of_reads_in = control;
  world.after(10s, [this] { stack->store.unreadable = false; });
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(stack->store.reads_of[control] > 10);
  BOOST_TEST(stack->store.reads_of[log] == 1);
  BOOST_TEST(find("{}") == "a ");
}

BOOST_AUTO_TEST_SUITE_END()
