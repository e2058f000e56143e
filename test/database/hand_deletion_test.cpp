// People delete messages in our channels: rows come back, versions are read from the log, and strangers' channels do not matter.

#include "database/database_fixture.hpp"
#include "simulation/owner_view.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct deletion_fixture : database_fixture {
  auto users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  base::message_id message_of(std::string key) {
    auto found = run(stack->engine->get("prod", "users", std::move(key), reading()));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->location.channel.value == users().channel.value);
    return found->location.message;
  }
  // As a person does it: the message goes, and the gateway tells.
  void delete_by_hand(base::channel_id channel, base::message_id message) {
    database::call_options options{database::priority::interactive, world.now() + 1min};
    BOOST_REQUIRE(run(stack->rest.remove(channel, message, options)).has_value());
    stack->engine->messages_deleted(channel, {message});
    world.run_for(1s);
  }
  // While the bot is away, so that nobody tells.
  void delete_unseen(base::channel_id channel, base::message_id message) { BOOST_REQUIRE(simulation::delete_message(guild, channel, message)); }
  std::string problems() {
    auto report = run(stack->engine->verify("prod", "users", reading()));
    BOOST_REQUIRE(report.has_value());
    std::string all;
    for (const auto& f : report->findings) all += f.kind + " " + f.key + ": " + f.what + "; ";
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hand_deletions, deletion_fixture)

BOOST_AUTO_TEST_CASE(a_row_whose_message_was_deleted_is_written_again) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  BOOST_REQUIRE(insert("b", R"({"n":2})").has_value());
  drain();
  auto first = message_of("a");
  delete_by_hand(users().channel, first);
  BOOST_TEST(users().deleted_by_hand == 1u);
  drain();
  BOOST_TEST((message_of("a") != first));
  BOOST_TEST(get("a") == R"({"id":"a","n":1})");
  BOOST_TEST(problems() == "");
  restart();
  drain();
  BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(the_deleted_message_of_an_old_version_is_not_missed_since_the_log_has_it) {
  create();
  auto lsn = insert("a", R"({"n":1})")->lsn;
  drain();
  auto old = message_of("a");
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  drain();
  delete_by_hand(users().channel, old);
  BOOST_TEST(users().deleted_by_hand == 0u);
  BOOST_TEST(users().superseded == 0u);
  auto then = run(stack->engine->get_as_of("prod", "users", "a", {lsn, {}}, reading()));
  BOOST_REQUIRE(then.has_value());
  BOOST_TEST(then->json == R"({"id":"a","n":1})");
}

BOOST_AUTO_TEST_CASE(messages_that_are_no_rows_location_do_not_matter) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  stack->engine->messages_deleted(users().channel, {base::message_id{12345}});
  stack->engine->messages_deleted(base::channel_id{99}, {message_of("a")});
  world.run_for(1s);
  BOOST_TEST(users().deleted_by_hand == 0u);
  BOOST_TEST(users().not_materialised == 0u);
}

// The gateway begins anew, before the database is open or later.
BOOST_AUTO_TEST_CASE(what_was_deleted_while_nobody_listened_is_looked_for_and_written_again) {
  options.checkpoints.close_messages = 1;
  create();
  for (auto key : {"a", "b", "c"}) BOOST_REQUIRE(insert(key, "{}").has_value());
  drain();
  auto channel = users().channel;
  auto of_a = message_of("a"), of_b = message_of("b"), of_c = message_of("c");
  run(stack->engine->close(world.now() + 1min));  // with a checkpoint, so that the start looks for no rows
  kill();
  delete_unseen(channel, of_a);
  start();
  stack->engine->events_missed();
  BOOST_REQUIRE(open().has_value());
  world.run_for(5s);
  BOOST_TEST(users().deleted_by_hand == 1u);
  drain();
  BOOST_TEST((message_of("a") != of_a));
  delete_unseen(channel, of_b);
  world.run_for(1min);
  BOOST_TEST((message_of("b") == of_b));  // nothing is looked for without a reason
  stack->engine->events_missed();
  world.run_for(5s);
  drain();
  BOOST_TEST((message_of("b") != of_b));
  BOOST_TEST((message_of("c") == of_c));
  BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(what_was_deleted_is_looked_for_again_when_discord_did_not_answer) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto of_a = message_of("a");
  delete_unseen(users().channel, of_a);
  stack->store.unreadable = true;
  stack->engine->events_missed();
  world.run_for(5min);
  BOOST_TEST((message_of("a") == of_a));
  stack->store.unreadable = false;
  world.run_for(2min);
  drain();
  BOOST_TEST((message_of("a") != of_a));
  auto channel = users().channel;
  auto reads = stack->store.reads_of[channel];
  world.run_for(10min);
  BOOST_TEST(stack->store.reads_of[channel] == reads);
}

// Without READ_MESSAGE_HISTORY every channel looks empty.
BOOST_AUTO_TEST_CASE(a_channel_that_looks_empty_does_not_count_as_deleted) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto of_a = message_of("a");
  stack->store.hidden = true;
  stack->engine->events_missed();
  world.run_for(5min);
  BOOST_TEST((message_of("a") == of_a));
  BOOST_TEST(users().deleted_by_hand == 0u);
}

BOOST_AUTO_TEST_CASE(messages_of_a_large_table_are_not_looked_for) {
  options.looked_for_most = 2;
  create();
  for (auto key : {"a", "b", "c"}) BOOST_REQUIRE(insert(key, "{}").has_value());
  drain();
  auto of_a = message_of("a");
  auto channel = users().channel;
  delete_unseen(channel, of_a);
  auto reads = stack->store.reads_of[channel];
  stack->engine->events_missed();
  world.run_for(5min);
  BOOST_TEST(stack->store.reads_of[channel] == reads);
  BOOST_TEST((message_of("a") == of_a));
  BOOST_REQUIRE(remove("b").has_value());
  BOOST_TEST(problems().starts_with("missing a"));
}

BOOST_AUTO_TEST_CASE(a_channel_of_a_table_that_was_deleted_while_nobody_listened_is_told) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  BOOST_REQUIRE(simulation::delete_channel(guild, users().channel));
  stack->engine->events_missed();
  world.run_for(5s);
  BOOST_TEST(users().not_materialised == 1u);
  BOOST_TEST(get("a") == R"({"id":"a"})");
}

BOOST_AUTO_TEST_CASE(deleted_log_messages_are_counted) {
  create();
  auto lost = insert("a", "{}");
  stack->engine->messages_deleted(inspect().log_channel, {lost->location.message});
  BOOST_TEST(inspect().log_messages_deleted == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
