// People delete messages of the log while the process that wrote them is there: it has what they held, so checkpoints take their place, and nothing is lost.

#include <boost/test/unit_test.hpp>

#include "database/database_fixture.hpp"
#include "database/needed_records.hpp"

namespace dbcord::database {
namespace {

using namespace dbcord::test;

struct lost_log_record_fixture : database_fixture {
  std::vector<base::message_id> records;  // of each row

  void insert_ten() {
    create();
    for (int i = 0; i < 10; ++i) {
      auto put = insert("r" + std::to_string(i), R"({"n":1})");
      BOOST_REQUIRE(put.has_value());
      records.push_back(put->location.message);
    }
    drain();
    BOOST_REQUIRE(inspect().checkpoints == 0u);
  }
  void delete_unseen(base::message_id message) {
    call_options how{priority::interactive, world.now() + 1min};
    BOOST_REQUIRE(run(stack->rest.remove(inspect().log_channel, message, how)).has_value());
  }
  void delete_by_hand(base::message_id message) {
    auto channel = inspect().log_channel;
    delete_unseen(message);
    stack->engine->messages_deleted(channel, {message});
  }
  void refuse_checkpoints(int& attempts) {
    stack->store.on_create = [&attempts](const new_channel& c) {
      if (c.name != "dbc-checkpoints") return fault::none;
      ++attempts;
      return fault::refused;
    };
  }
  void end() {
    run(stack->engine->close(world.now() + 1min));
    kill();
  }
  void check_rows(std::size_t rows) {
    auto now = inspect();
    BOOST_TEST(now.state == "open");
    BOOST_TEST(now.losses.empty());
    BOOST_TEST(now.tables.at(0).rows == rows);
    for (int i = 0; i < 10; ++i) BOOST_TEST(get("r" + std::to_string(i)) == "{\"id\":\"r" + std::to_string(i) + "\",\"n\":1}");
  }
  verify_report verify() {
    auto report = run(stack->engine->verify("prod", "", reading()));
    BOOST_REQUIRE(report.has_value());
    return std::move(*report);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_log_records, lost_log_record_fixture)

BOOST_AUTO_TEST_CASE(a_record_that_is_deleted_by_hand_is_left_behind_by_two_checkpoints) {
  insert_ten();
  delete_by_hand(records[8]);
  BOOST_TEST(inspect().log_messages_deleted == 1u);
  BOOST_TEST(inspect().log_loss_mendable);
  world.run_for(30s);
  auto now = inspect();
  BOOST_TEST(now.log_messages_deleted == 0u);
  BOOST_TEST(now.checkpoints == 2u);
  BOOST_TEST(verify().problems == 0u);
  world.run_for(3min);
  BOOST_TEST(inspect().checkpoints == 2u);  // not over and over
  restart();
  check_rows(10);
}

BOOST_AUTO_TEST_CASE(so_is_the_newest_one_and_what_is_written_meanwhile) {
  insert_ten();
  delete_by_hand(records[9]);
  BOOST_REQUIRE(insert("more", "{}").has_value());
  world.run_for(30s);
  restart();
  check_rows(11);
}

// The first of two that are kept would do until it is the newest that cannot be read.
BOOST_AUTO_TEST_CASE(the_older_of_both_checkpoints_stands_behind_it_too) {
  insert_ten();
  delete_by_hand(records[3]);
  world.run_for(30s);
  base::channel_id checkpoints;
  auto present = run(stack->rest.channels({priority::interactive, world.now() + 1min}));
  BOOST_REQUIRE(present.has_value());
  for (const auto& c : present->value) {
    if (c.name == "dbc-checkpoints") checkpoints = c.id;
  }
  call_options how{priority::interactive, world.now() + 1min};
  auto all = run(stack->rest.history_before(checkpoints, {}, 100, how));
  BOOST_REQUIRE(all.has_value());
  BOOST_REQUIRE(all->value.size() >= 2u);
  auto newest = all->value.back().id;
  kill();
  start();
  call_options again{priority::interactive, world.now() + 1min};
  BOOST_REQUIRE(run(stack->rest.remove(checkpoints, newest, again)).has_value());
  restart();
  check_rows(10);
}

BOOST_AUTO_TEST_CASE(an_orderly_end_right_behind_it_writes_one) {
  insert_ten();
  int attempts = 0;
  refuse_checkpoints(attempts);
  delete_by_hand(records[8]);
  world.run_for(5s);
  BOOST_REQUIRE(inspect().log_messages_deleted == 1u);
  stack->store.on_create = nullptr;
  end();
  restart();
  check_rows(10);
  BOOST_TEST(inspect().opened_from_lsn > 0u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_told_and_tried_again_now_and_then) {
  insert_ten();
  int attempts = 0;
  refuse_checkpoints(attempts);
  delete_by_hand(records[8]);
  world.run_for(10min);
  auto now = inspect();
  BOOST_TEST(now.log_messages_deleted == 1u);
  BOOST_TEST(now.log_loss_mendable);
  BOOST_TEST(now.checkpoint_problem != "");
  BOOST_TEST(attempts >= 2);
  BOOST_TEST(attempts <= 40);
  stack->store.on_create = nullptr;
  world.run_for(2min);
  BOOST_TEST(inspect().log_messages_deleted == 0u);
  BOOST_TEST(inspect().checkpoint_problem == "");
  restart();
  check_rows(10);
}

BOOST_AUTO_TEST_CASE(verification_finds_what_nobody_has_told_and_repair_leaves_it_behind) {
  insert_ten();
  delete_unseen(records[8]);
  auto found = verify();
  BOOST_REQUIRE(found.problems == 1u);
  BOOST_TEST(found.findings[0].kind == "log");
  BOOST_TEST(!found.findings[0].beyond_repair);
  auto mended = run(stack->engine->repair("prod", "", std::move(found), reading()));
  BOOST_REQUIRE(mended.has_value());
  BOOST_TEST(mended->checkpoints == 2u);
  BOOST_TEST(mended->log_left_behind);
  BOOST_TEST(mended->beyond_repair == 0u);
  BOOST_TEST(mended->failed.empty());
  BOOST_TEST(verify().problems == 0u);
  restart();
  check_rows(10);
}

BOOST_AUTO_TEST_CASE(of_a_database_that_is_read_only_it_cannot_be_mended) {
  insert_ten();
  delete_unseen(records[8]);
  kill();
  start();
  BOOST_REQUIRE(open().has_value());
  auto now = inspect();
  BOOST_TEST(now.state.starts_with("read-only"));
  auto found = verify();
  BOOST_REQUIRE(found.problems > 0u);
  BOOST_TEST(found.findings[0].beyond_repair);
  stack->engine->messages_deleted(now.log_channel, {records[2]});
  world.run_for(2min);
  BOOST_TEST(inspect().checkpoints == 0u);
}

BOOST_AUTO_TEST_CASE(without_checkpoints_it_is_told_for_good) {
  options.checkpoints.enabled = false;
  insert_ten();
  delete_by_hand(records[8]);
  world.run_for(2min);
  BOOST_TEST(inspect().log_messages_deleted == 1u);
  BOOST_TEST(!inspect().log_loss_mendable);
}

// What people have written there themselves, and records that two checkpoints hold.
BOOST_AUTO_TEST_CASE(what_no_start_needs_is_not_counted) {
  insert_ten();
  stack->engine->messages_deleted(inspect().log_channel, {base::message_id{12345}});
  BOOST_TEST(inspect().log_messages_deleted == 0u);
  delete_by_hand(records[8]);
  world.run_for(30s);
  auto written = inspect().checkpoints;
  delete_by_hand(records[7]);
  BOOST_TEST(inspect().log_messages_deleted == 0u);
  world.run_for(1min);
  BOOST_TEST(inspect().checkpoints == written);
}

BOOST_AUTO_TEST_CASE(a_start_knows_the_records_that_it_has_read) {
  insert_ten();
  restart();
  delete_by_hand(records[8]);
  BOOST_TEST(inspect().log_messages_deleted == 1u);
  world.run_for(30s);
  BOOST_TEST(inspect().log_messages_deleted == 0u);
  restart();
  check_rows(10);
}

BOOST_AUTO_TEST_CASE(records_are_needed_until_both_checkpoints_stand_behind_them) {
  needed_records records;
  for (std::uint64_t lsn = 1; lsn <= 5; ++lsn) records.add(lsn, base::message_id{100 + lsn});
  BOOST_TEST(records.note_deleted({base::message_id{102}, base::message_id{104}, base::message_id{999}}) == 2u);
  BOOST_TEST(records.note_deleted({base::message_id{102}}) == 0u);  // the gateway tells some things twice
  BOOST_TEST(records.lost().messages == 2u);
  records.forget_to(3);
  BOOST_TEST(records.lost().messages == 1u);
  BOOST_TEST(records.note_deleted({base::message_id{103}}) == 0u);
  BOOST_TEST(!records.note_channel_deleted(1, 3));
  BOOST_TEST(records.note_channel_deleted(4, 5));
  BOOST_TEST(records.lost().channels == 1u);
  records.forget_to(5);
  BOOST_TEST(records.lost().messages + records.lost().channels == 0u);
  BOOST_TEST(records.note_channel_deleted(6, needed_records::never));  // in which the log goes on
  BOOST_TEST(!records.lost().can_be_left_behind);
}

BOOST_AUTO_TEST_CASE(of_more_records_than_are_remembered_those_between_whose_ids_it_lies_count) {
  needed_records records;
  for (std::uint64_t lsn = 1; lsn <= needed_records::records_max + 1; ++lsn) records.add(lsn, base::message_id{1000 + lsn});
  BOOST_TEST(records.note_deleted({base::message_id{1001}}) == 1u);
  BOOST_TEST(records.note_deleted({base::message_id{1000}}) == 0u);
  records.forget_to(needed_records::records_max + 1);
  BOOST_TEST(records.lost().messages == 0u);
  BOOST_TEST(records.note_deleted({base::message_id{1002}}) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
