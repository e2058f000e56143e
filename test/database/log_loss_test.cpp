// What people delete of the log: the database is read-only, says what is lost, and goes on when a person accepts that.
#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "simulation/owner_view.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct loss_fixture : database_fixture {
  loss_fixture() { options.checkpoints.enabled = false; }

  void insert_rows(int from, int to) {
    for (int i = from; i < to; ++i) BOOST_REQUIRE(insert(fmt::format("k{:03}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
  }
  std::vector<database::stored_message> log() {
    database::call_options call{database::priority::read, world.now() + 1min};
    return run(stack->store.history_after(inspect().log_channel, {}, 100, call)).value().value;
  }
  void remove_record(std::size_t n) {
    database::call_options call{database::priority::read, world.now() + 1min};
    BOOST_REQUIRE(run(stack->store.remove(inspect().log_channel, log().at(n).id, call)).has_value());
  }
  void remove_channel(base::channel_id channel) {
    database::call_options call{database::priority::read, world.now() + 1min};
    BOOST_REQUIRE(run(stack->store.delete_channel(channel, call)).has_value());
  }
  void remove_checkpoints() {
    for (const auto& c : simulation::channels_in(guild)) {
      if (c.name == "dbc-checkpoints") BOOST_REQUIRE(simulation::delete_channel(guild, c.id));
    }
  }
  void accept() {
    options.accept_loss = {"prod"};
    options.checkpoints.enabled = true;
    restart();
    options.accept_loss.clear();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_loss_suite, loss_fixture)

BOOST_AUTO_TEST_CASE(a_record_deleted_by_hand_makes_the_database_read_only_and_is_named) {
  create();
  insert_rows(0, 6);
  drain();
  remove_record(3);  // start, create_table, k000, k001, …
  restart();
  auto state = inspect().state;
  BOOST_TEST(contains(state, "read-only"));
  BOOST_TEST(contains(state, "log record 4 is gone"));
  BOOST_TEST(contains(state, "--accept-loss prod"));
  BOOST_TEST(find("{}") == "k000 k001 k002 k003 k004 k005 ");  // of k001 its message tells
  BOOST_TEST(run(stack->engine->caveat("prod", "users")).log_lost);
  auto refused = insert("new", "{}");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(contains(refused.error().message, "log record 4 is gone"));
  BOOST_TEST(log().size() == 7u);  // nothing was written
  restart();
  BOOST_TEST(contains(inspect().state, "read-only"));
}

// As long as nothing shows that they were there their loss cannot be known, and their LSNs are given again. Rows of theirs that Discord shows only later must not be taken
// for those of the new records.
BOOST_AUTO_TEST_CASE(rows_of_newest_records_that_are_gone_are_no_places_of_later_versions) {
  create();
  BOOST_REQUIRE(insert("k", R"({"n":1})").has_value());
  drain();
  for (int n : {2, 3}) BOOST_REQUIRE(update("k", fmt::format(R"({{"n":{}}})", n)).has_value());
  drain();
  auto of_lost = run(stack->engine->get("prod", "users", "k", reading()));
  for (int i = 0; i < 2; ++i) remove_record(log().size() - 1);
  kill();
  start();
  stack->store.hidden = true;
  stack->store.faults_of_reads_in = of_lost->location.channel;
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(contains(get("k"), "\"n\":1"));
  BOOST_REQUIRE(update("k", R"({"n":4})").has_value());
  kill();  // before it is written as a message
  restart();
  BOOST_TEST(inspect().state == "open");
  drain();
  auto row = run(stack->engine->get("prod", "users", "k", reading()));
  BOOST_REQUIRE(row.has_value());
  BOOST_TEST(contains(row->json, "\"n\":4"));
  BOOST_TEST(row->location.message.value != of_lost->location.message.value);
  database::call_options call{database::priority::read, world.now() + 1min};
  auto message = run(stack->store.fetch(row->location.channel, row->location.message, call));
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(contains(message->value.content, "\"n\":4"), message->value.content);
}

BOOST_AUTO_TEST_CASE(an_accepted_loss_is_told_and_the_next_start_is_an_ordinary_one) {
  create();
  insert_rows(0, 6);
  drain();
  remove_record(3);
  accept();
  BOOST_TEST(inspect().state == "open");
  BOOST_REQUIRE(inspect().losses.size() == 2u);
  BOOST_TEST(contains(inspect().losses[0], "log record 4 is gone"));
  BOOST_TEST(contains(inspect().losses[1], "1 version of rows from what is lost stands in messages"));
  BOOST_TEST(find("{}") == "k000 k001 k002 k003 k004 k005 ");
  BOOST_REQUIRE(insert("k006", "{}").has_value());
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(inspect().losses.empty());
  BOOST_TEST(find("{}") == "k000 k001 k002 k003 k004 k005 k006 ");
}

BOOST_AUTO_TEST_CASE(killed_while_it_accepts_it_is_read_only_or_open_and_acknowledged_writes_stay) {
  for (int n = 1; n < 400; n += 1 + n / 6) {
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      loss_fixture f;
      f.create();
      f.insert_rows(0, 6);
      f.remove_record(3);
      f.kill();
      f.options.accept_loss = {"prod"};
      f.options.checkpoints.enabled = true;
      f.start();
      bool dead = false, opened = false;
      f.world.set_fuse(*f.process, static_cast<std::uint64_t>(n), [&] { dead = true; });
      f.process->spawn([](database::engine& e, base::steady_time limit, bool& yes) -> actor::task<void> {
        yes = (co_await e.open(limit)).has_value();
      }(*f.stack->engine, f.world.now() + 5min, opened));
      f.world.run_until([&] { return opened || dead; }, 5min);
      bool acknowledged = false;
      if (opened && !dead) {
        f.process->spawn([](database::engine& e, database::write_context c, bool& yes) -> actor::task<void> {
          database::new_row row{"new", "{}"};
          auto written = co_await e.insert("prod", "users", std::move(row), std::move(c));
          yes = written.has_value();
        }(*f.stack->engine, f.context(), acknowledged));
        f.world.run_until([&] { return acknowledged || dead; }, 1min);
      }
      f.options.accept_loss.clear();
      f.restart();
      bool open = f.inspect().state == "open";
      if (acknowledged) BOOST_TEST(open);
      if (!open) f.accept();
      auto found = f.find("{}");
      BOOST_TEST(contains(found, "k000 "));
      BOOST_TEST(contains(found, "k002 k003 k004 k005 "));
      if (acknowledged) BOOST_TEST(contains(found, "new"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_whose_attachment_is_damaged_is_a_loss_of_its_own) {
  create();
  std::string big(4000, 'x');
  BOOST_REQUIRE(insert("big", "{\"x\":\"" + big + "\"}").has_value());
  insert_rows(0, 2);
  drain();
  auto record = log().at(2);
  BOOST_REQUIRE(!record.attachments.empty());
  remove_record(2);
  restart();
  BOOST_TEST(contains(inspect().state, "log record 3 is gone"));
  accept();
  BOOST_TEST(find("{}") == "big k000 k001 ");
  BOOST_TEST(contains(get("big"), big));
}

// By the catalog, or by its channel's topic.
BOOST_AUTO_TEST_CASE(a_table_whose_creation_is_lost_is_known_by_its_channel) {
  for (bool described : {true, false}) {
    BOOST_TEST_CONTEXT("described " << described) {
      loss_fixture f;
      f.create();
      BOOST_REQUIRE(f.run(f.stack->engine->create_table("prod", "other", "code", f.context())).has_value());
      BOOST_REQUIRE(f.run(f.stack->engine->insert("prod", "other", {"a", R"({"n":1})"}, f.context())).has_value());
      f.insert_rows(0, 2);
      f.drain();
      BOOST_REQUIRE(f.run(f.stack->engine->insert("prod", "other", {"b", R"({"n":2})"}, f.context())).has_value());
      f.remove_record(2);  // of table other
      if (!described) {
        for (const auto& c : simulation::channels_in(f.guild)) {
          if (c.name != "dbc-catalog") continue;
          for (const auto& m : simulation::messages_in(f.guild, c.id)) {
            if (contains(m.content, "**Table other**")) BOOST_REQUIRE(simulation::delete_message(f.guild, c.id, m.id));
          }
        }
      }
      f.restart();
      BOOST_TEST(contains(f.inspect().state, "log record 3 is gone"));
      f.accept();
      auto losses = f.inspect().losses;
      BOOST_REQUIRE(losses.size() == 2u);
      BOOST_TEST(contains(losses[1], "the creation of table other is lost"));
      BOOST_TEST(f.find("{}") == "k000 k001 ");
      for (bool again : {false, true}) {
        if (again) f.restart();
        BOOST_TEST(f.inspect().state == "open");
        for (const char* key : {"a", "b"}) BOOST_TEST(f.run(f.stack->engine->get("prod", "other", key, f.reading())).has_value());
        BOOST_REQUIRE(f.inspect().tables.size() == 2u);
        BOOST_TEST(f.inspect().tables.at(1).primary_key == (described ? "code" : ""));
        f.drain();
        BOOST_TEST(f.run(f.stack->engine->verify("prod", "other", f.reading()))->problems == 0u);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_table_whose_creation_and_channel_are_lost_takes_its_rows_along_and_says_so) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "other", "id", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->insert("prod", "other", {"a", "{}"}, context())).has_value());
  insert_rows(0, 2);
  auto channel = inspect().tables.at(1).channel;
  remove_record(2);  // of table other
  kill();
  for (const auto& c : simulation::channels_in(guild)) {
    if (c.name != "dbc-catalog" && c.id != channel) continue;
    for (const auto& m : simulation::messages_in(guild, c.id)) {
      if (contains(m.content, "other")) BOOST_REQUIRE(simulation::delete_message(guild, c.id, m.id));
    }
  }
  BOOST_REQUIRE(simulation::delete_channel(guild, channel));
  accept();
  BOOST_TEST(stack->engine->tables("prod").size() == 1u);
  BOOST_TEST(find("{}") == "k000 k001 ");
  auto losses = inspect().losses;
  BOOST_REQUIRE(losses.size() == 2u);
  BOOST_TEST(contains(losses[1], "the creation of table 2 is lost, and its 1 later change with it"));
}

struct rolled_fixture : loss_fixture {
  rolled_fixture() {
    options.checkpoints.enabled = true;
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1000;
    options.checkpoints.segment_messages = 8;
  }
  // Answers the log's channel before.
  base::channel_id write_until_it_rolls() {
    auto first = inspect().log_channel;
    for (int i = 0; inspect().log_channel == first; ++i) {
      BOOST_REQUIRE(i < 50);
      insert_rows(i, i + 1);
      world.run_for(1s);
    }
    return first;
  }
};

BOOST_FIXTURE_TEST_CASE(a_deleted_newest_segment_is_told_and_the_log_goes_on_in_a_new_one, rolled_fixture) {
  create();
  insert_rows(0, 30);
  drain();
  world.run_for(1min);
  auto newest = inspect().log_channel;
  auto lsn = inspect().lsn;
  remove_channel(newest);
  restart();
  auto state = inspect().state;
  BOOST_TEST(contains(state, "read-only"));
  BOOST_TEST(contains(state, "channel " + newest.str()));
  accept();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST((inspect().log_channel != newest));
  BOOST_TEST(inspect().lsn > lsn);
  insert_rows(100, 120);
  restart();
  BOOST_TEST(inspect().state == "open");
  for (int i = 100; i < 120; ++i) BOOST_TEST(contains(get(fmt::format("k{:03}", i)), "\"n\""));
}

BOOST_FIXTURE_TEST_CASE(after_an_accepted_loss_the_newest_checkpoint_may_be_lost_as_well, rolled_fixture) {
  create();
  insert_rows(0, 30);
  drain();
  world.run_for(1min);
  remove_channel(inspect().log_channel);
  accept();
  BOOST_REQUIRE(inspect().state == "open");
  insert_rows(100, 102);
  kill();
  base::channel_id channel;
  std::optional<base::message_id> newest;
  for (const auto& c : simulation::channels_in(guild)) {
    if (c.name == "dbc-checkpoints") channel = c.id;
  }
  for (const auto& m : simulation::messages_in(guild, channel)) {
    if (!newest && m.content.starts_with("**Checkpoint**")) newest = m.id;
  }
  BOOST_REQUIRE(newest.has_value());
  BOOST_REQUIRE(simulation::delete_message(guild, channel, *newest));
  restart();
  BOOST_TEST(inspect().state == "open");
  for (const char* key : {"k100", "k101"}) BOOST_TEST(contains(get(key), "\"n\""));
}

// No roll leads to what was written behind an accepted loss, and its first record stands on what was left. It is found nevertheless when no checkpoint tells of it.
BOOST_FIXTURE_TEST_CASE(what_was_written_behind_an_accepted_loss_is_found_without_its_checkpoints, rolled_fixture) {
  create();
  remove_channel(inspect().tables.at(0).channel);  // so that rows are in the log only, which keeps its first segment
  write_until_it_rolls();
  insert_rows(50, 51);  // too few for a checkpoint that would stand on them
  remove_channel(inspect().log_channel);
  accept();
  BOOST_REQUIRE(inspect().state == "open");
  insert_rows(100, 104);
  auto lsn = inspect().lsn;
  kill();
  remove_checkpoints();
  restart();
  BOOST_TEST(contains(inspect().state, "since that loss was accepted before"), inspect().state);
  BOOST_TEST(inspect().lsn >= lsn);
  BOOST_TEST(contains(find("{}"), "k100 k101 k102 k103 "));
  accept();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(contains(find("{}"), "k000 k001 "));
  BOOST_TEST(contains(find("{}"), "k100 k101 k102 k103 "));
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(inspect().losses.empty());
}

// Rows that were written meanwhile must not be taken for new ones.
BOOST_FIXTURE_TEST_CASE(a_loss_that_is_accepted_again_gives_no_number_twice, rolled_fixture) {
  create();
  write_until_it_rolls();
  remove_channel(inspect().log_channel);
  accept();
  for (int round = 0; round < 2; ++round) {
    insert_rows(100 + round, 101 + round);
    drain();
    auto lsn = inspect().lsn;
    auto newest = inspect().log_channel;
    kill();
    BOOST_REQUIRE(simulation::delete_channel(guild, newest));
    remove_checkpoints();
    accept();
    BOOST_REQUIRE(inspect().state == "open");
    BOOST_TEST(inspect().lsn > lsn);
  }
}

// Which segments there were before is not known then, only what the channels' topics say.
BOOST_FIXTURE_TEST_CASE(behind_a_loss_the_log_does_not_go_on_in_a_channel_that_it_has, rolled_fixture) {
  create();
  std::set<std::uint64_t> first_lsns;
  for (int i = 0; first_lsns.size() < 3; ++i) {  // two segments are dropped: numbers that are counted anew are less by one than those of the topics
    first_lsns.insert(inspect().log_first_lsn);
    BOOST_REQUIRE(i < 60);
    insert_rows(i, i + 1);
    world.run_for(1s);
  }
  kill();
  remove_checkpoints();
  accept();
  BOOST_REQUIRE(inspect().state == "open");
  auto found = inspect().tables.at(0).rows;  // in its channel
  BOOST_TEST(found > 0u);
  std::set<base::channel_id> channels{inspect().log_channel};
  for (int i = 100; i < 160; ++i) {
    insert_rows(i, i + 1);
    world.run_for(1s);
    channels.insert(inspect().log_channel);
  }
  BOOST_TEST(channels.size() > 3u);
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(inspect().tables.at(0).rows == found + 60u);
}

// It is the last record of its channel, so nothing there stands on it.
BOOST_FIXTURE_TEST_CASE(a_deleted_roll_is_missed_although_its_channel_looks_whole, rolled_fixture) {
  create();
  auto first = write_until_it_rolls();
  insert_rows(100, 102);  // too few for another checkpoint
  database::call_options call{database::priority::read, world.now() + 1min};
  auto records = run(stack->store.history_after(first, {}, 100, call)).value().value;
  BOOST_REQUIRE(contains(records.back().content, " roll"));
  BOOST_REQUIRE(run(stack->store.remove(first, records.back().id, call)).has_value());
  restart();
  BOOST_TEST(contains(inspect().state, "read-only"));
  BOOST_TEST(contains(inspect().state, "is gone"));
  BOOST_TEST(contains(find("{}"), "k100 k101 "));
  accept();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(contains(find("{}"), "k100 k101 "));
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(contains(find("{}"), "k100 k101 "));
}

// Where other processes may come, every read asks whether one has; the newest segment shows nothing, and nothing will be written to it.
BOOST_FIXTURE_TEST_CASE(a_read_only_database_whose_newest_segment_is_empty_is_read_under_the_lease, rolled_fixture) {
  options.exclusive_by_lock = false;
  options.lease = 10s;
  create();
  auto first = write_until_it_rolls();
  database::call_options call{database::priority::read, world.now() + 1min};
  auto records = run(stack->store.history_after(first, {}, 100, call)).value().value;
  BOOST_REQUIRE(contains(records.back().content, " roll"));
  BOOST_REQUIRE(run(stack->store.remove(first, records.at(records.size() - 2).id, call)).has_value());
  restart();
  BOOST_TEST(contains(inspect().state, "read-only"));
  world.run_for(1min);
  BOOST_TEST(contains(find("{}"), "k000 "));
}

BOOST_FIXTURE_TEST_CASE(a_deleted_segment_before_the_checkpoints_is_not_missed, rolled_fixture) {
  create();
  BOOST_REQUIRE(insert("pin", R"({"n":1})").has_value());
  BOOST_REQUIRE(update("pin", R"({"n":2})").has_value());
  auto first = inspect().log_channel;
  insert_rows(0, 40);
  drain();
  world.run_for(1min);
  if (inspect().log_first_lsn == 1) remove_channel(first);
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(inspect().tables.at(0).rows == 41u);
}

BOOST_AUTO_TEST_SUITE_END()
