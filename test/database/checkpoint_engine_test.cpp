// Opening from checkpoints: what a new process reads instead of the whole log, and what it does when that cannot be used.
#include <fmt/format.h>

#include "database/checkpoint_options.hpp"
#include "database/database_fixture.hpp"
#include "support/contains.hpp"
#include "support/tried_points.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

bool is_manifest(const database::new_message& m) { return contains(m.content, "`dbcord/1 checkpoint-manifest "); }
bool is_record(const database::new_message& m) { return contains(m.content, "`dbcord/1 checkpoint a="); }

struct checkpoint_fixture : database_fixture {
  checkpoint_fixture() {
    options.checkpoints.tail_messages = 5;
    options.checkpoints.close_messages = 1;
  }

  void insert_rows(int from, int to) {
    for (int i = from; i < to; ++i) BOOST_REQUIRE(insert(fmt::format("k{:03}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
  }
  std::uint64_t written() { return inspect().checkpoints; }
  void await_checkpoints(std::uint64_t n) {
    BOOST_REQUIRE(world.run_until([&, this] { return written() >= n; }, 2min));
  }
  void check_rows(int count) {
    for (int i = 0; i < count; ++i) BOOST_TEST(contains(get(fmt::format("k{:03}", i)), fmt::format("\"n\":{}", i)));
    BOOST_TEST(inspect().tables.at(0).rows == static_cast<std::uint64_t>(count));
  }
  void close() {
    run(stack->engine->close(world.now() + 30s));
    kill();
  }
  base::channel_id checkpoint_channel() {
    database::call_options call{database::priority::read, world.now() + 1min};
    auto all = run(stack->store.channels(call));
    for (const auto& c : all.value().value) {
      if (c.name == "dbc-checkpoints") return c.id;
    }
    return {};
  }
  std::vector<database::stored_message> checkpoint_messages() {
    database::call_options call{database::priority::read, world.now() + 1min};
    return run(stack->store.history_before(checkpoint_channel(), {}, 100, call)).value().value;
  }
  void remove_message(base::channel_id channel, base::message_id message) {
    database::call_options call{database::priority::read, world.now() + 1min};
    BOOST_REQUIRE(run(stack->store.remove(channel, message, call)).has_value());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(checkpoint_engine_suite, checkpoint_fixture)

// The answer to a creation was lost and it is carried out late, behind another attempt: of two channels with one topic the newer is used.
BOOST_AUTO_TEST_CASE(of_two_checkpoint_channels_that_which_has_checkpoints_counts) {
  options.checkpoints.share = 1000;
  options.checkpoints.segment_messages = 8;
  create();
  int made = 0;
  stack->store.on_create = [&](const database::new_channel& c) { return c.name == "dbc-checkpoints" && ++made == 1 ? fault::late : fault::none; };
  insert_rows(0, 60);
  drain();
  BOOST_TEST(made == 2);
  BOOST_REQUIRE(world.run_until([this] { return inspect().log_first_lsn > 1; }, 5min));
  stack->store.on_create = nullptr;
  for (int i = 0; i < 2; ++i) {
    restart();
    check_rows(60 + i);
    insert_rows(60 + i, 61 + i);
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_waits_for_a_tail_in_proportion_to_the_base) {
  using namespace database;
  checkpoint_options o;
  BOOST_TEST(!checkpoint_due(o, {0, 0, 0}, 0, 1h));
  BOOST_TEST(!checkpoint_due(o, {1, 0, 500}, 0, 1min));
  BOOST_TEST(checkpoint_due(o, {1, 0, 500}, 0, 5min));
  BOOST_TEST(checkpoint_due(o, {1, 0, 500}, 2'000, 5min));
  BOOST_TEST(!checkpoint_due(o, {1, 0, 500}, 2'001, 5min));
  BOOST_TEST(checkpoint_due(o, {400, 0, 200'000}, 100'000, 1s));
  BOOST_TEST(checkpoint_due(o, {4, 4, 200'000}, 100'000, 1s));
  BOOST_TEST(checkpoint_due(o, {1, 1, 5'000'000}, 100'000, 1s));
  BOOST_TEST(!checkpoint_due(o, {400, 0, 200'000}, 50'000'000, 1h));
  BOOST_TEST(!checkpoint_due(o, {999, 0, 200'000}, 50'000'000, 1h));
  BOOST_TEST(checkpoint_due(o, {1'000, 0, 200'000}, 50'000'000, 1s));  // ten listings
  BOOST_TEST(!checkpoint_due(o, {1'999, 0, 400'000}, 100'000'000, 1h));
  BOOST_TEST(checkpoint_due(o, {2'000, 0, 400'000}, 100'000'000, 1s));
  BOOST_TEST(!checkpoint_due_at_close(o, {99, 0, 50'000}, 0));
  BOOST_TEST(checkpoint_due_at_close(o, {100, 0, 50'000}, 0));
  o.enabled = false;
  BOOST_TEST(!checkpoint_due(o, {400, 9, 9'000'000}, 0, 1h));
}

BOOST_AUTO_TEST_CASE(a_restart_begins_with_the_newest_checkpoint_and_reads_only_the_tail) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());
  BOOST_REQUIRE(run(stack->engine->set_schema("prod", "users", R"({"properties":{"n":"int"}})", false, context())).has_value());
  insert_rows(0, 12);
  BOOST_REQUIRE(update("k003", R"({"x":1})").has_value());
  BOOST_REQUIRE(remove("k011").has_value());
  await_checkpoints(2);
  drain();
  auto before = inspect();
  restart();
  auto after = inspect();
  BOOST_TEST(after.opened_from_lsn > 0u);
  BOOST_TEST(after.log_tail < 10u);
  check_rows(11);
  BOOST_TEST(run(stack->engine->get("prod", "users", "k003", reading()))->version == 2u);
  BOOST_TEST(after.tables.at(0).schema_json == before.tables.at(0).schema_json);
  BOOST_TEST(after.tables.at(0).indexes.at(0).entries == 11u);
  BOOST_TEST(!insert("other", R"({"n":5})").has_value());  // the unique index works
  BOOST_REQUIRE(insert("k011", R"({"n":11})").has_value());
  insert_rows(12, 20);
  drain();
  restart();
  check_rows(20);
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(access_history_and_dropped_tables_are_as_they_were_after_a_start_from_a_checkpoint) {
  create();
  protocol::access_rules rules;
  rules.write = {base::role_id{13}};
  BOOST_REQUIRE(run(stack->engine->set_access("prod", rules, context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "old", "id", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->drop_table("prod", "old", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 7, 8, context())).has_value());
  auto first = insert("a", R"({"n":1})")->lsn;
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  insert_rows(0, 12);
  await_checkpoints(2);
  insert_rows(12, 14);
  restart();
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  BOOST_TEST(stack->engine->access("prod").json() == R"({"write":["13"]})");
  BOOST_TEST(stack->engine->tables("prod").size() == 1u);
  auto users = *run(stack->engine->inspect_table("prod", "users", reading()));
  BOOST_TEST(users.history_versions == 7u);
  BOOST_TEST(users.history_days == 8u);
  auto then = run(stack->engine->get_as_of("prod", "users", "a", {first, {}}, reading()));
  BOOST_REQUIRE(then.has_value());
  BOOST_TEST(then->json == R"({"id":"a","n":1})");
  auto made = run(stack->engine->create_table("prod", "old", "id", context()));
  BOOST_TEST(made.has_value());  // with a number of its own
}

// The channel of a dropped table may still stand when the checkpoint is taken; the next process deletes it.
BOOST_AUTO_TEST_CASE(a_table_dropped_while_a_checkpoint_is_written_stays_dropped) {
  create();
  insert_rows(0, 40);
  auto dropped = run(stack->engine->drop_table("prod", "users", context()));
  BOOST_REQUIRE(dropped.has_value());
  world.run_for(2min);
  restart();
  BOOST_TEST(stack->engine->tables("prod").empty());
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
  BOOST_TEST(find("{}") == "");
  BOOST_REQUIRE(insert("k001", "{}").has_value());
}

BOOST_AUTO_TEST_CASE(a_clean_end_writes_a_checkpoint_and_the_next_start_reads_hardly_anything) {
  options.checkpoints.tail_messages = 1'000'000;
  create();
  insert_rows(0, 30);
  drain();
  close();
  start();
  auto sent_before = net.stats().requests;
  BOOST_REQUIRE(open().has_value());
  world.run_for(10s);
  BOOST_TEST_MESSAGE("requests of a start from a checkpoint: " << net.stats().requests - sent_before);
  BOOST_TEST(net.stats().requests - sent_before <= 12u);
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  check_rows(30);
}

BOOST_AUTO_TEST_CASE(a_repeated_command_answers_what_the_first_did_also_from_a_checkpoint) {
  create();
  auto first = context();
  auto done = run(stack->engine->insert("prod", "users", {"once", "{}"}, first));
  BOOST_REQUIRE(done.has_value());
  insert_rows(0, 8);
  await_checkpoints(1);
  restart();
  BOOST_REQUIRE(inspect().opened_from_lsn >= done->lsn);
  first.deadline = world.now() + 1min;
  auto again = run(stack->engine->insert("prod", "users", {"once", "{}"}, first));
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->repeated);
  BOOST_TEST(again->lsn == done->lsn);
  BOOST_TEST((again->location.message == done->location.message));
}

BOOST_AUTO_TEST_CASE(a_lost_checkpoint_is_replaced_by_the_one_before_and_then_by_the_whole_log) {
  create();
  insert_rows(0, 8);
  await_checkpoints(1);
  insert_rows(8, 16);
  await_checkpoints(2);
  options.checkpoints.enabled = false;
  restart();
  auto newest = inspect().opened_from_lsn;
  auto messages = checkpoint_messages();
  BOOST_REQUIRE(messages.size() >= 2u);
  for (const auto& m : messages) {
    if (contains(m.content, fmt::format("at LSN {}\n", newest))) remove_message(m.channel, m.id);
  }
  restart();
  auto older = inspect().opened_from_lsn;
  BOOST_TEST(older > 0u);
  BOOST_TEST(older < newest);
  check_rows(16);
  for (const auto& m : checkpoint_messages()) remove_message(m.channel, m.id);
  restart();
  BOOST_TEST(inspect().opened_from_lsn == 0u);
  check_rows(16);
}

BOOST_AUTO_TEST_CASE(a_manifest_that_no_record_names_counts_for_nothing) {
  create();
  insert_rows(0, 4);
  bool posted = false;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    posted = posted || is_manifest(m);
    return is_record(m) ? fault::refused : fault::none;
  };
  insert_rows(4, 8);
  BOOST_REQUIRE(world.run_until([&] { return posted; }, 2min));
  world.run_for(5s);
  BOOST_TEST(written() == 0u);
  restart();
  BOOST_TEST(inspect().opened_from_lsn == 0u);
  check_rows(8);
}

BOOST_AUTO_TEST_CASE(without_its_last_messages_a_checkpoint_of_many_parts_is_no_checkpoint) {
  options.checkpoints.part_bytes = 1;
  options.checkpoints.message_bytes = 2;
  create();
  BOOST_REQUIRE(insert("big", fmt::format(R"({{"t":"{}"}})", std::string(600'000, 'x'))).has_value());
  insert_rows(0, 8);
  await_checkpoints(1);
  BOOST_TEST(checkpoint_messages().size() > 1u);
  restart();
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  BOOST_TEST(get("big").size() > 600'000u);
  auto messages = checkpoint_messages();
  remove_message(messages.front().channel, messages.front().id);  // a part: the manifest stays
  restart();
  BOOST_TEST(inspect().opened_from_lsn == 0u);
  BOOST_TEST(get("big").size() > 600'000u);
}

BOOST_AUTO_TEST_CASE(commits_go_on_while_a_checkpoint_is_written) {
  create();
  insert_rows(0, 4);
  bool slow = false;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    bool fails = is_manifest(m) && !std::exchange(slow, true);
    return fails ? fault::lost_before : fault::none;
  };
  insert_rows(4, 30);
  await_checkpoints(2);
  restart();
  check_rows(30);
}

BOOST_AUTO_TEST_CASE(why_a_checkpoint_is_not_written_is_told_until_one_is) {
  create();
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) { return is_manifest(m) ? fault::refused : fault::none; };
  insert_rows(0, 30);
  BOOST_REQUIRE(world.run_until([&, this] { return !inspect().checkpoint_problem.empty(); }, 2min));
  BOOST_TEST(written() == 0u);
  stack->store.on_post = nullptr;
  await_checkpoints(1);
  BOOST_TEST(inspect().checkpoint_problem == "");
}

BOOST_AUTO_TEST_CASE(two_checkpoints_are_kept_and_older_ones_removed) {
  create();
  int rows = 0;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    insert_rows(rows, rows + 8);
    rows += 8;
    await_checkpoints(n);
  }
  BOOST_REQUIRE(world.run_until([&] { return checkpoint_messages().size() <= 3u; }, 2min));
  world.run_for(1min);
  BOOST_TEST(checkpoint_messages().size() >= 2u);
  restart();
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  check_rows(rows);
}

BOOST_AUTO_TEST_CASE(the_session_succeeds_with_a_failure_or_a_crash_at_every_step_of_checkpoints) {
  auto points = points_to_try();
  for (auto kind : {fault::lost_before, fault::lost_after, fault::late}) {
    for (bool crash : {false, true}) {
      int steps = points.first + 1;
      for (int n = points.first; n < steps; n += points.step) {
        checkpoint_fixture f;
        f.create();
        auto first = f.stack->store.changes;
        f.stack->store.fail_at = first + n;
        f.stack->store.kind = kind;
        BOOST_TEST_CONTEXT("step " << n << ", kind " << static_cast<int>(kind) << (crash ? ", crash" : "")) {
          int done = 0;
          auto session = [](checkpoint_fixture& x, int& count) -> actor::task<void> {
            for (int i = 0; i < 14; ++i) {
              database::new_row row{fmt::format("k{:03}", i), fmt::format(R"({{"n":{}}})", i)};
              auto inserted = co_await x.stack->engine->insert("prod", "users", std::move(row), x.context());
              if (inserted) ++count;
            }
          };
          f.process->spawn(session(f, done));
          f.world.run_until([&] { return done == 14 || (crash && f.stack->store.changes > first + n); }, 5min);
          if (!crash) {
            BOOST_TEST(done == 14);
            f.await_checkpoints(1);
            f.world.run_for(5s);
            steps = std::max(steps, std::min(60, f.stack->store.changes - first));
          } else if (done < 14) {
            steps = n + points.step + 1;
          }
          f.run(f.stack->store.apply_late());
          auto acknowledged = done;
          f.restart();
          auto rows = static_cast<int>(f.inspect().tables.at(0).rows);
          BOOST_TEST(rows >= acknowledged);
          BOOST_TEST(rows <= acknowledged + 1);
          f.check_rows(rows);
          f.restart();
          f.check_rows(rows);
        }
      }
      BOOST_TEST(steps > 14);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
