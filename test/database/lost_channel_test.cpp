// A table's channel that somebody deletes: nothing is lost, and the rows find a home when a person says so.
#include "database/move_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct lost_channel_fixture : move_fixture {
  lost_channel_fixture() {
    create();
    import(0, 5);
    for (const char* k : {"a", "b"}) BOOST_TEST_REQUIRE(insert(k, R"({"n":1})").has_value());
    drain();
    lost = users().channel;
    database::call_options call{database::priority::read, world.now() + 1min};
    BOOST_REQUIRE(run(stack->store.delete_channel(lost, call)).has_value());
  }

  base::channel_id lost;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_channel_suite, lost_channel_fixture)

BOOST_AUTO_TEST_CASE(after_a_restart_all_rows_are_there_and_wait_to_be_written) {
  auto before = everything();
  restart();
  BOOST_TEST(everything() == before);
  world.run_for(10s);
  BOOST_TEST(users().not_materialised == users().rows);
  BOOST_TEST((users().channel == lost));  // no other one is made by itself
  change("a", 2);
  restart();
  BOOST_TEST(contains(get("a"), "\"n\":2"));
}

BOOST_AUTO_TEST_CASE(full_vacuum_writes_the_table_into_a_fresh_channel) {
  restart();
  change("a", 2);
  auto before = everything();
  move();
  BOOST_TEST((users().channel != lost));
  drain();
  BOOST_TEST(users().not_materialised == 0u);
  BOOST_TEST(problems() == 0u);
  restart();
  BOOST_TEST(everything() == before);
  BOOST_TEST(problems() == 0u);
}

BOOST_AUTO_TEST_CASE(a_process_that_was_there_when_it_was_deleted_does_so_too) {
  change("a", 2);
  auto before = everything();
  move();
  drain();
  BOOST_TEST(problems() == 0u);
  restart();
  BOOST_TEST(everything() == before);
}

BOOST_AUTO_TEST_SUITE_END()

// Deleted while rows are on their way into it.
BOOST_FIXTURE_TEST_SUITE(lost_fresh_channel, move_fixture)

BOOST_AUTO_TEST_CASE(a_move_whose_fresh_channel_is_deleted_begins_anew) {
  for (bool restarted : {false, true}) {
    BOOST_TEST_CONTEXT("restarted " << restarted) {
      if (!restarted) fill();
      auto old = users().channel;
      (void)move_half(1);
      auto fresh = users().channel;
      BOOST_TEST((fresh != old && users().moving_from == old));
      auto before = everything();
      database::call_options call{database::priority::read, world.now() + 1min};
      BOOST_REQUIRE(run(stack->store.delete_channel(fresh, call)).has_value());
      if (restarted) {
        restart();
        world.run_for(10s);
      } else {
        BOOST_TEST(try_move()->stopped.has_value());  // nobody has told of the deletion: it is met
      }
      BOOST_TEST(users().channel_deleted);
      move();
      BOOST_TEST((users().channel != fresh && users().channel != old));
      drain();
      BOOST_TEST(users().not_materialised == 0u);
      BOOST_TEST(problems() == 0u);
      BOOST_TEST(everything() == before);
      restart();
      BOOST_TEST(everything() == before);
      BOOST_TEST(problems() == 0u);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
