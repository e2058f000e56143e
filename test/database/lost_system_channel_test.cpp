// Channels without which no database can be opened, and that of its checkpoints, are deleted by people: nothing is lost, and it is said what to do.
#include "database/lost_channel_fixture.hpp"
#include "protocol/channel_topic.hpp"

namespace dbcord::database {
namespace {

using namespace dbcord::test;

struct lost_system_channel_fixture : lost_channel_fixture {
  base::channel_id delete_by_hand(std::string_view name) {
    auto doomed = channel(name);
    BOOST_REQUIRE(simulation::delete_channel(guild, doomed));
    return doomed;
  }
  // How many this process has written.
  std::uint64_t checkpoints_of_twenty_rows() {
    checkpoint_often();
    restart();
    insert_rows(5, 20);
    world.run_for(1min);
    return inspect().checkpoints;
  }
  // Nobody else can be there, or a person says so.
  void check_renewal(std::string_view name) {
    options.exclusive_by_lock = false;
    delete_by_hand(name);
    auto what = refusal();
    BOOST_TEST(contains(what, "--accept-loss prod"), what);
    BOOST_TEST(contains(what, name == "dbc-control" ? "the control channel of database prod is gone" : "the catalog channel of database prod is gone"), what);
    auto again = run(stack->engine->create_database("prod", context()));
    BOOST_REQUIRE(!again.has_value());
    BOOST_TEST(contains(again.error().message, "could not be opened"));
    options.accept_loss = {"prod"};
    restart();
    check_rows(5);
    insert_rows(5, 8);
    options.accept_loss.clear();
    restart();
    check_rows(8);
    insert_rows(8, 9);
    drain();
    BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
    delete_by_hand(name);  // once more
    options.exclusive_by_lock = true;
    restart();
    check_rows(9);
    restart();
    check_rows(9);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_system_channels, lost_system_channel_fixture)

// Its creation was asked for long ago, and carried out when the database was dropped already.
BOOST_AUTO_TEST_CASE(a_log_channel_in_which_nothing_ever_stood_is_no_database) {
  new_channel late;
  late.name = "dbc-wal-1";
  late.topic = protocol::encode_topic({protocol::channel_role::log, "abcdefgh12345678", "scratch", "1"});
  BOOST_REQUIRE(run(stack->rest.create_channel(late, {priority::interactive, world.now() + 1min})).has_value());
  kill();
  start();
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(stack->engine->failed().empty());
  check_rows(5);
  BOOST_TEST(run(stack->engine->create_database("scratch", context())).has_value());
}

BOOST_AUTO_TEST_CASE(a_control_channel_is_made_anew_where_nobody_else_can_write) { check_renewal("dbc-control"); }

BOOST_AUTO_TEST_CASE(a_catalog_is_made_anew_where_nobody_else_can_write) { check_renewal("dbc-catalog"); }

BOOST_AUTO_TEST_CASE(both_at_once) {
  delete_by_hand("dbc-control");
  delete_by_hand("dbc-catalog");
  restart();
  check_rows(5);
  insert_rows(5, 6);
  restart();
  check_rows(6);
}

// Nothing but its table is left to tell that there was a database.
BOOST_AUTO_TEST_CASE(a_database_whose_catalog_and_log_are_gone_is_missed_and_its_rows_come_back) {
  options.exclusive_by_lock = false;
  drain();
  delete_by_hand("dbc-catalog");
  delete_by_hand("dbc-wal-1");
  auto what = refusal();
  BOOST_TEST(contains(what, "the catalog channel, with all of the log, of database prod is gone"), what);
  BOOST_TEST(contains(what, "--accept-loss prod"), what);
  BOOST_TEST(!run(stack->engine->create_database("prod", context())).has_value());
  options.accept_loss = {"prod"};
  restart();
  check_rows(5);
  insert_rows(5, 8);
  options.accept_loss.clear();
  restart();
  check_rows(8);
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(the_same_where_nobody_else_can_write_and_with_checkpoints) {
  checkpoints_of_twenty_rows();
  drain();
  delete_by_hand("dbc-catalog");
  for (const auto& c : simulation::channels_in(guild)) {
    if (c.name.starts_with("dbc-wal-")) BOOST_REQUIRE(simulation::delete_channel(guild, c.id));
  }
  kill();
  start();
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(inspect().state != "open");
  options.accept_loss = {"prod"};
  restart();
  check_rows(20);
  options.accept_loss.clear();
  restart();
  check_rows(20);
}

BOOST_AUTO_TEST_CASE(a_catalog_is_made_anew_when_the_beginning_of_the_log_is_gone) {
  checkpoint_often();
  options.checkpoints.segment_messages = 8;
  restart();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
  for (int i = 5; i < 60; ++i) {
    insert_rows(i, i + 1);
    drain();
  }
  BOOST_REQUIRE(world.run_until([&] { return inspect().log_first_lsn > 1; }, 5min));
  world.run_for(1min);
  delete_by_hand("dbc-catalog");
  restart();
  check_rows(60);
  insert_rows(60, 61);
  restart();
  check_rows(61);
}

BOOST_AUTO_TEST_CASE(a_renewed_record_that_is_damaged_by_a_lost_answer_is_written_once_more) {
  delete_by_hand("dbc-control");
  kill();
  start();
  int posts = 0;
  stack->store.on_post = [&](base::channel_id, const new_message& m) {
    if (!contains(m.content, "`dbcord/1 database ")) return fault::none;
    return ++posts == 1 ? fault::lost_after : fault::none;
  };
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(posts == 2);
  check_rows(5);
  restart();
  check_rows(5);
}

BOOST_AUTO_TEST_CASE(checkpoints_are_replaced_at_once_when_their_channel_goes) {
  auto written = checkpoints_of_twenty_rows();
  BOOST_REQUIRE(written > 0u);
  auto gone = delete_by_hand("dbc-checkpoints");
  stack->engine->channel_deleted(gone);
  world.run_for(10s);
  BOOST_TEST(inspect().checkpoints == written + 2);
  BOOST_TEST((channel("dbc-checkpoints") != gone));
  restart();
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  check_rows(20);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_is_deleted_is_replaced_at_once) {
  auto written = checkpoints_of_twenty_rows();
  auto where = channel("dbc-checkpoints");
  auto newest = simulation::messages_in(guild, where).front().id;
  BOOST_REQUIRE(simulation::delete_message(guild, where, newest));
  stack->engine->messages_deleted(where, {newest});
  world.run_for(10s);
  BOOST_TEST(inspect().checkpoints == written + 2);
  restart();
  check_rows(20);
}

BOOST_AUTO_TEST_CASE(a_channel_of_checkpoints_whose_deletion_nobody_told_is_made_anew) {
  auto written = checkpoints_of_twenty_rows();
  delete_by_hand("dbc-checkpoints");
  insert_rows(20, 40);
  world.run_for(5min);
  BOOST_TEST(inspect().checkpoints > written);
  restart();
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  check_rows(40);
}

BOOST_AUTO_TEST_CASE(a_tables_channel_that_goes_while_the_database_is_used_is_told_and_its_rows_wait_for_another_one) {
  drain();
  auto lost = inspect().tables.at(0).channel;
  BOOST_REQUIRE(simulation::delete_channel(guild, lost));
  stack->engine->channel_deleted(lost);
  world.run_for(1s);
  auto now = inspect().tables.at(0);
  BOOST_TEST(now.channel_deleted);
  BOOST_TEST(now.not_materialised == 5u);
  BOOST_REQUIRE(run(stack->engine->administration().move_table("prod", "users", context())).has_value());
  drain();
  now = inspect().tables.at(0);
  BOOST_TEST(!now.channel_deleted);
  BOOST_TEST(now.not_materialised == 0u);
  check_rows(5);
}

BOOST_AUTO_TEST_CASE(a_channel_of_the_log_that_goes_is_counted) {
  stack->engine->channel_deleted(delete_by_hand("dbc-wal-1"));
  BOOST_TEST(inspect().log_channels_deleted == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
