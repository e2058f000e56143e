// People delete all messages of a channel without which no database can be opened. Discord goes on naming its last message, so that it looks like one whose
// history may not be read; what is lost is said, and nothing else is.
#include "database/lost_channel_fixture.hpp"

namespace dbcord::database {
namespace {

using namespace dbcord::test;

struct emptied_channel_fixture : lost_channel_fixture {
  void empty_by_hand(std::string_view name) {
    auto where = channel(name);
    for (auto shown = simulation::messages_in(guild, where); !shown.empty(); shown = simulation::messages_in(guild, where)) {
      for (const auto& m : shown) BOOST_REQUIRE(simulation::delete_message(guild, where, m.id));
    }
  }
  // All of the log but its first four records, of twenty rows that checkpoints have; nobody is up then.
  void cut_the_log() {
    checkpoint_often();
    restart();
    insert_rows(5, 20);
    world.run_for(1min);
    auto log = inspect().log_channel;
    kill();
    auto messages = simulation::messages_in(guild, log);  // the newest first
    BOOST_REQUIRE(messages.size() > 12u);
    for (std::size_t i = 0; i + 4 < messages.size(); ++i) BOOST_REQUIRE(simulation::delete_message(guild, log, messages[i].id));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(emptied_channels, emptied_channel_fixture)

BOOST_AUTO_TEST_CASE(an_emptied_log_is_a_loss_that_is_named) {
  drain();
  kill();
  empty_by_hand("dbc-wal-1");
  start();
  BOOST_REQUIRE(open().has_value());
  auto state = inspect().state;
  BOOST_TEST(contains(state, "which held the log from record 1 on, is empty (somebody has deleted its messages)"), state);
  BOOST_TEST(contains(state, "--accept-loss prod"), state);
  BOOST_TEST(find("{}") == "k000 k001 k002 k003 k004 ");
  options.accept_loss = {"prod"};
  restart();
  check_rows(5);
  insert_rows(5, 6);
  options.accept_loss.clear();
  restart();
  check_rows(6);
}

BOOST_AUTO_TEST_CASE(an_emptied_segment_behind_a_checkpoint_is_named) {
  checkpoint_often();
  options.checkpoints.segment_messages = 8;
  restart();
  insert_rows(5, 20);
  world.run_for(1min);
  auto newest = inspect().log_channel;
  std::string name;
  for (const auto& c : simulation::channels_in(guild)) {
    if (c.id == newest) name = c.name;
  }
  BOOST_TEST(name != "dbc-wal-1");
  kill();
  empty_by_hand(name);
  start();
  BOOST_REQUIRE(open().has_value());
  auto state = inspect().state;
  BOOST_TEST(contains(state, "is empty (somebody has deleted its messages)"), state);
  BOOST_TEST(!contains(state, "no checkpoint is left"), state);
  options.accept_loss = {"prod"};
  restart();
  check_rows(20);
  options.accept_loss.clear();
  insert_rows(20, 22);
  restart();  // the empty channel is not missed again
  check_rows(22);
}

// No record that is left names the checkpoint, and none proves that one is gone.
BOOST_AUTO_TEST_CASE(a_checkpoint_tells_that_the_records_behind_it_were_deleted_and_what_they_said) {
  cut_the_log();
  start();
  BOOST_REQUIRE(open().has_value());
  auto state = inspect().state;
  BOOST_TEST(contains(state, "what the log held behind record "), state);
  BOOST_TEST(inspect().tables.at(0).rows == 20u);
  options.accept_loss = {"prod"};
  restart();
  check_rows(20);
  options.accept_loss.clear();
  insert_rows(20, 22);
  restart();
  check_rows(22);
}

// Nor is a checkpoint there; the one that is left cannot be read.
BOOST_AUTO_TEST_CASE(a_checkpoint_that_is_damaged_still_tells_how_far_the_log_went) {
  cut_the_log();
  start();
  stack->store.on_download = [](const attachment_info& file, std::string& bytes) {
    if (file.filename.starts_with("checkpoint")) bytes.pop_back();
  };
  BOOST_REQUIRE(open().has_value());
  auto state = inspect().state;
  BOOST_TEST(contains(state, "log records 5 to "), state);
  BOOST_TEST(contains(state, "was written when they were there"), state);
}

BOOST_AUTO_TEST_CASE(an_emptied_control_channel_harms_nobody) {
  kill();
  empty_by_hand("dbc-control");
  start();
  BOOST_REQUIRE(open().has_value());
  check_rows(5);
}

// By a person's leave only, where another process may be at work.
BOOST_AUTO_TEST_CASE(an_emptied_catalog_gets_its_record_again) {
  options.exclusive_by_lock = false;
  empty_by_hand("dbc-catalog");
  auto what = refusal();
  BOOST_TEST(contains(what, "the message in the catalog channel that makes database prod is gone"), what);
  BOOST_TEST(contains(what, "--accept-loss prod"), what);
  auto again = run(stack->engine->create_database("prod", context()));
  BOOST_REQUIRE(!again.has_value());
  BOOST_TEST(contains(again.error().message, "could not be opened"));
  options.accept_loss = {"prod"};
  restart();
  check_rows(5);
  options.accept_loss.clear();
  restart();
  check_rows(5);
}

// The other messages of the catalog stay.
BOOST_AUTO_TEST_CASE(a_lost_record_of_creation_is_written_again_where_nobody_else_can_write) {
  auto catalog = channel("dbc-catalog");
  auto messages = simulation::messages_in(guild, catalog);
  BOOST_REQUIRE(messages.size() > 1u);
  BOOST_REQUIRE(simulation::delete_message(guild, catalog, messages.back().id));
  restart();
  check_rows(5);
  insert_rows(5, 6);
  restart();
  check_rows(6);
}

BOOST_AUTO_TEST_CASE(without_checkpoints_all_of_the_log_is_read) {
  checkpoint_often();
  restart();
  insert_rows(5, 20);
  world.run_for(1min);
  BOOST_REQUIRE(inspect().checkpoints > 0u);
  kill();
  empty_by_hand("dbc-checkpoints");
  start();
  BOOST_REQUIRE(open().has_value());
  check_rows(20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
