// Deltas of checkpoints: a start behind many records with a file takes few requests, and nothing rests on what deltas say.

#include "database/delta_fixture.hpp"
#include "database/delta_writer.hpp"

using namespace dbcord;
using namespace dbcord::test;

BOOST_FIXTURE_TEST_SUITE(checkpoint_deltas, delta_fixture)

BOOST_AUTO_TEST_CASE(a_start_behind_many_files_reads_a_few_deltas_and_finds_the_same_rows) {
  fill(60);
  BOOST_TEST(inspect().checkpoints == 1u);
  expect_order(7);
  BOOST_REQUIRE(update("k003", R"({"x":1})").has_value());
  kill();
  begin();
  reopen();
  BOOST_TEST(inspect().log_tail > 55u);
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  BOOST_TEST(deltas_read >= 1);
  BOOST_TEST(deltas_read + files <= 9);
  check_rows();
  BOOST_TEST(contains(get("k003"), "\"x\":1"));
  BOOST_TEST(verify().problems == 0u);
}

// The next process merges what the last one has written.
BOOST_AUTO_TEST_CASE(deltas_go_on_after_a_restart_and_do_not_pile_up_over_crashes) {
  create_small();
  for (int i = 0; i < 25; ++i) {
    insert_rows(3 + i % 4);
    if (i % 2 == 0) world.run_for(2s);
    open_again();
    BOOST_TEST(deltas_read + files <= 14);
    BOOST_TEST(deltas().size() <= 12u);
  }
  insert_rows(2);
  world.run_for(1min);
  expect_order(8);
  BOOST_TEST(inspect().checkpoints == 0u);
  open_again();
  check_rows();
}

BOOST_AUTO_TEST_CASE(none_is_written_where_checkpoints_are_due) {
  options.checkpoints.share = 1000;
  create_small();
  insert_rows(30);
  world.run_for(1min);
  BOOST_TEST(inspect().checkpoints > 3u);
  BOOST_TEST(inspect().deltas == 0u);
  BOOST_TEST(deltas().empty());
}

BOOST_AUTO_TEST_CASE(none_is_written_of_records_without_files) {
  create_small();
  stack->store.on_post = nullptr;
  insert_rows(30);
  world.run_for(1min);
  BOOST_TEST(inspect().deltas == 0u);
}

BOOST_AUTO_TEST_CASE(none_is_written_where_a_checkpoint_is_due_and_fails) {
  options.checkpoints.share = 1000;
  create_small();
  int failed = 0;
  stack->store.on_post = [&failed](base::channel_id, const database::new_message& m) {
    if (contains(m.content, "`dbcord/1 checkpoint-manifest ")) return ++failed, fault::refused;
    return is_group_in_text(m) ? fault::content : fault::none;
  };
  insert_rows(10);
  world.run_for(2min);
  BOOST_TEST(failed >= 2);
  BOOST_TEST(inspect().deltas == 0u);
}

// The state begins anew with each. That the one before is still kept keeps none of them.
BOOST_AUTO_TEST_CASE(the_next_checkpoint_takes_the_place_of_all_deltas) {
  fill(20);
  options.checkpoints.share = 1000;
  open_again();
  BOOST_REQUIRE(world.run_until([this] { return inspect().checkpoints > 0; }, 2min));
  world.run_for(10s);
  BOOST_TEST(inspect().checkpoints == 1u);
  BOOST_TEST(deltas().empty());
  BOOST_TEST(verify().problems == 0u);
  spare_checkpoints();
  open_again();
  auto before = inspect().opened_from_lsn;
  insert_rows(10);
  world.run_for(5s);
  BOOST_TEST_REQUIRE(!deltas().empty());
  BOOST_TEST(deltas().front().header.first_lsn > before);
  open_again();
  check_rows();
}

BOOST_AUTO_TEST_CASE(no_delta_is_larger_than_a_part_may_be) {
  options.checkpoints.part_bytes = 3000;
  fill(40);
  BOOST_TEST(deltas().size() > 4u);
  for (const auto& d : deltas()) {
    BOOST_TEST(d.header.bytes <= 3000u);
    BOOST_TEST(d.header.records >= 2u);
  }
  open_again();
  BOOST_TEST(files < 10);
  check_rows();
}

// So that the manifests are found at once. Behind the next checkpoint there is room again.
BOOST_AUTO_TEST_CASE(only_so_many_are_written) {
  options.checkpoints.part_bytes = 1400;
  create_small();
  constexpr auto most = database::delta_writer::deltas_max;
  insert_rows(3 * most);
  world.run_for(10s);
  BOOST_TEST(deltas().size() == most);
  BOOST_TEST(inspect().deltas == most);
  auto purged = run(stack->engine->storage().purge("prod", "users", "k000", context(1h)));
  BOOST_TEST_REQUIRE(purged.has_value());
  insert_rows(6);
  world.run_for(10s);
  BOOST_TEST(inspect().deltas > most);
  BOOST_TEST(deltas().size() < 5u);
  for (const auto& d : deltas()) BOOST_TEST(d.header.first_lsn > inspect().checkpoint_lsn);
}

// What does not fit beside another is read by itself, and holds nothing up.
BOOST_AUTO_TEST_CASE(records_that_are_too_large_are_left_out) {
  options.checkpoints.part_bytes = 900;
  create_small();
  for (int i = 0; i < 12; ++i) BOOST_REQUIRE(insert(fmt::format("big{}", i), fmt::format(R"({{"t":"{}"}})", std::string(i % 3 == 0 ? 1000 : 10, 'x'))).has_value());
  world.run_for(10s);
  BOOST_TEST(inspect().deltas > 0u);
  for (const auto& d : deltas()) BOOST_TEST(d.header.bytes <= 900u);
  open_again();
  BOOST_TEST(inspect().tables.at(0).rows == 12u + static_cast<unsigned>(rows));
}

BOOST_AUTO_TEST_CASE(a_closing_process_does_not_wait_for_deltas) {
  fill(10);
  stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    return is_delta(m) ? fault::held : is_group_in_text(m) ? fault::content : fault::none;
  };
  insert_rows(6);
  auto begun = world.now();
  run(stack->engine->close(world.now() + 30s));
  BOOST_TEST((world.now() - begun <= 31s));
  open_again();
  check_rows();
}

BOOST_AUTO_TEST_CASE(after_a_purge_no_delta_holds_the_row) {
  const std::string secret = "tangerine";
  create_small();
  BOOST_REQUIRE(insert("gone", "{\"s\":\"" + secret + "\"}").has_value());
  insert_rows(12);
  drain();
  world.run_for(10s);
  auto holding = [&] {
    int count = 0;
    for (const auto& d : deltas()) {
      for (const auto& r : records_of(d)) count += contains(r.body, secret);
    }
    return count;
  };
  BOOST_TEST(holding() == 1);
  auto purged = run(stack->engine->storage().purge("prod", "users", "gone", context(1h)));
  BOOST_TEST_REQUIRE(purged.has_value());
  BOOST_TEST(purged->checkpoints == "");
  BOOST_TEST(holding() == 0);
  insert_rows(6);
  world.run_for(10s);
  BOOST_TEST(holding() == 0);
  open_again();
  check_rows();
}

BOOST_AUTO_TEST_SUITE_END()
