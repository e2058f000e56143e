// The policy `accept`: who deletes a row's message deletes the row. Never by mistake: not for what is no row's location, not for many at once.

#include <boost/test/unit_test.hpp>

#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"
#include "database/hand_deletions.hpp"
#include "database/storage_upkeep.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::deletion_policy;

namespace {

struct policy_fixture : database_fixture {
  auto users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  base::message_id message_of(std::string key) {
    auto found = run(stack->engine->get("prod", "users", std::move(key), reading()));
    BOOST_REQUIRE(found.has_value());
    BOOST_REQUIRE((found->location.channel == users().channel));
    return found->location.message;
  }
  // As a person does it, with one event for all; until it is acted on.
  void delete_by_hand(std::vector<std::string> keys) {
    delete_unwaited(std::move(keys));
    world.run_for(15s);
  }
  void delete_unwaited(std::vector<std::string> keys) {
    std::vector<base::message_id> messages;
    for (auto& key : keys) messages.push_back(message_of(std::move(key)));
    for (auto m : messages) {
      database::call_options options{database::priority::interactive, world.now() + 1min};
      BOOST_REQUIRE(run(stack->rest.remove(users().channel, m, options)).has_value());
    }
    stack->engine->messages_deleted(users().channel, messages);
    world.run_for(100ms);
  }
  database::deletion_decision set(deletion_policy policy) {
    auto done = run(stack->engine->administration().set_deletions("prod", policy, context()));
    BOOST_REQUIRE_MESSAGE(done.has_value(), done.error().message);
    return *done;
  }
  auto status() { return *stack->engine->administration().deletions("prod"); }
  void fill(int rows) {
    create();
    for (int i = 0; i < rows; ++i) BOOST_REQUIRE(insert("r" + std::to_string(i), R"({"n":1})").has_value());
    drain();
  }
  std::vector<std::string> keys(int first, int past) {
    std::vector<std::string> all;
    for (int i = first; i < past; ++i) all.push_back("r" + std::to_string(i));
    return all;
  }
  std::string problems() {
    auto report = run(stack->engine->verify("prod", "users", reading()));
    BOOST_REQUIRE(report.has_value());
    std::string all;
    for (const auto& f : report->findings) all += f.kind + " " + f.key + ": " + f.what + "; ";
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deletion_policies, policy_fixture)

BOOST_AUTO_TEST_CASE(an_accepted_deletion_is_a_transaction_that_the_history_shows_and_a_restart_keeps) {
  fill(2);
  set(deletion_policy::accept);
  delete_by_hand({"r0"});
  BOOST_TEST(users().rows == 1u);
  BOOST_TEST(status().accepted == 1u);
  BOOST_TEST(users().deleted_by_hand == 0u);
  auto history = run(stack->engine->history("prod", "users", {"r0", 10}, reading()));
  BOOST_REQUIRE(history.has_value());
  BOOST_REQUIRE(history->changes.size() == 2u);
  BOOST_TEST(history->changes[0].deleted);
  BOOST_TEST(history->changes[0].who == "");
  BOOST_TEST(history->changes[0].command == "deleted by hand");
  BOOST_TEST(history->changes[1].json == R"({"id":"r0","n":1})");  // its message is gone, the log has it
  restart();
  BOOST_TEST((status().policy == deletion_policy::accept));
  BOOST_TEST(users().rows == 1u);
  drain();
  delete_by_hand({"r1"});
  BOOST_TEST(users().rows == 0u);
  BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(the_policy_is_kept_in_checkpoints) {
  options.checkpoints.tail_messages = 1;
  fill(1);
  set(deletion_policy::accept);
  auto accepted = inspect().lsn;
  for (int i = 0; i < 40; ++i) BOOST_REQUIRE(update("r0", "{\"n\":" + std::to_string(i) + "}").has_value());
  BOOST_REQUIRE(world.run_until([&] { return inspect().checkpoint_lsn >= accepted; }, 10min));
  BOOST_REQUIRE(inspect().checkpoints > 0u);
  restart();
  BOOST_REQUIRE(inspect().opened_from_lsn >= accepted);  // its log does not tell
  BOOST_TEST((status().policy == deletion_policy::accept));
  set(deletion_policy::restore);
  restart();
  BOOST_TEST((status().policy == deletion_policy::restore));
}

BOOST_AUTO_TEST_CASE(what_is_no_rows_present_location_deletes_nothing) {
  fill(2);
  set(deletion_policy::accept);
  auto old = message_of("r0");
  BOOST_REQUIRE(update("r0", R"({"n":2})").has_value());
  drain();
  stack->engine->messages_deleted(users().channel, {old, base::message_id{12345}});
  stack->engine->messages_deleted(base::channel_id{99}, {message_of("r0")});
  world.run_for(5s);
  BOOST_TEST(users().rows == 2u);
  BOOST_TEST(status().accepted == 0u);
}

// The gateway tells of our own deletions, too.
BOOST_AUTO_TEST_CASE(what_vacuum_and_drops_delete_is_no_hand_deletion) {
  fill(30);
  set(deletion_policy::accept);
  std::vector<base::message_id> old;
  for (const auto& key : keys(0, 30)) {
    old.push_back(message_of(key));
    BOOST_REQUIRE(update(key, R"({"n":2})").has_value());
  }
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 0, context())).has_value());
  drain();
  auto removed = run(stack->engine->storage().vacuum("prod", "users", false, reading()));
  BOOST_REQUIRE(removed.has_value());
  BOOST_TEST(removed->removed == 30u);
  stack->engine->messages_deleted(users().channel, old);
  world.run_for(5s);
  BOOST_TEST(users().rows == 30u);
  BOOST_TEST(status().held == 0u);
  auto channel = users().channel;
  auto last = message_of("r0");
  BOOST_REQUIRE(run(stack->engine->drop_table("prod", "users", context())).has_value());
  stack->engine->messages_deleted(channel, {last});
  world.run_for(5s);
  BOOST_TEST(status().accepted == 0u);
}

BOOST_AUTO_TEST_CASE(more_than_ten_at_once_wait_for_a_decision_and_so_do_later_ones) {
  fill(13);
  set(deletion_policy::accept);
  delete_by_hand(keys(0, 11));
  BOOST_TEST(users().rows == 13u);
  BOOST_TEST(status().held == 11u);
  drain();
  world.run_for(1min);
  delete_by_hand({"r11"});
  BOOST_TEST(users().rows == 13u);
  BOOST_TEST(status().held == 12u);
  BOOST_REQUIRE(update("r0", R"({"n":2})").has_value());  // a later version is not meant
  auto decided = set(deletion_policy::accept);
  BOOST_TEST(decided.deleted == 11u);
  BOOST_TEST(decided.kept == 1u);
  BOOST_TEST(users().rows == 2u);
  BOOST_TEST(status().held == 0u);
  drain();
  delete_by_hand({"r12"});  // they are acted on again
  BOOST_TEST(users().rows == 1u);
  BOOST_TEST(get("r0") == R"({"id":"r0","n":2})");
  drain();
  BOOST_TEST(problems() == "");
}

// By default nothing is deleted, however many messages go: it is written again at once. But it is not done silently, and a person may say that it was meant.
BOOST_AUTO_TEST_CASE(many_that_are_written_again_are_told_of_and_can_still_be_accepted) {
  fill(13);
  delete_by_hand(keys(0, 2));
  BOOST_TEST(status().held == 0u);
  world.run_for(1min);
  delete_by_hand(keys(0, 12));
  BOOST_TEST(status().held == 12u);
  BOOST_TEST(status().accepted == 0u);
  drain();
  BOOST_TEST(users().rows == 13u);
  BOOST_TEST(problems() == "");
  BOOST_REQUIRE(update("r0", R"({"n":2})").has_value());  // a later version is not meant
  auto decided = set(deletion_policy::accept);
  BOOST_TEST(decided.deleted == 11u);
  BOOST_TEST(decided.kept == 1u);
  BOOST_TEST(users().rows == 2u);
}

BOOST_AUTO_TEST_CASE(a_page_that_is_deleted_by_hand_is_many_rows_and_comes_back_as_one) {
  create();
  BOOST_REQUIRE(run(stack->engine->storage().set_layout("prod", "users", protocol::table_layout::pages, context())).has_value());
  std::vector<database::new_row> rows;
  for (int i = 0; i < 500; ++i) rows.push_back({"p" + std::to_string(i), "{}"});
  BOOST_REQUIRE(run(stack->engine->import("prod", "users", rows, context())).has_value());
  drain();
  auto page = message_of("p0");
  database::call_options options{database::priority::interactive, world.now() + 1min};
  BOOST_REQUIRE(run(stack->rest.remove(users().channel, page, options)).has_value());
  stack->engine->messages_deleted(users().channel, {page});
  world.run_for(5s);
  BOOST_TEST(status().held > 10u);
  BOOST_TEST(users().deleted_by_hand == status().held);
  drain();
  BOOST_TEST((message_of("p0") != page));
  BOOST_TEST(problems() == "");
  auto decided = set(deletion_policy::restore);  // the notice ends
  BOOST_TEST(decided.deleted == 0u);
  BOOST_TEST(status().held == 0u);
  BOOST_TEST(users().rows == 500u);
}

BOOST_AUTO_TEST_CASE(a_decision_to_restore_keeps_the_rows_that_are_written_again_meanwhile) {
  fill(12);
  set(deletion_policy::accept);
  auto first = message_of("r0");
  delete_by_hand(keys(0, 12));
  drain();
  BOOST_TEST((message_of("r0") != first));
  auto decided = set(deletion_policy::restore);
  BOOST_TEST(decided.deleted == 0u);
  BOOST_TEST(decided.kept == 12u);
  BOOST_TEST(users().rows == 12u);
  BOOST_TEST(problems() == "");
}

// Ten of them would be gone before the eleventh is told of, if nobody waited.
BOOST_AUTO_TEST_CASE(of_many_that_go_one_by_one_none_is_deleted_before_a_decision) {
  fill(20);
  set(deletion_policy::accept);
  for (const auto& key : keys(0, 15)) delete_unwaited({key});  // within two seconds
  BOOST_TEST(status().held == 15u);
  BOOST_TEST(status().waiting == 0u);
  world.run_for(1min);
  BOOST_TEST(users().rows == 20u);
  BOOST_TEST(status().accepted == 0u);
  drain();
  BOOST_TEST(problems() == "");
  auto decided = set(deletion_policy::accept);
  BOOST_TEST(decided.deleted == 15u);
  BOOST_TEST(users().rows == 5u);
}

BOOST_AUTO_TEST_CASE(a_row_that_waits_to_be_deleted_is_readable_and_not_written_again) {
  fill(3);
  set(deletion_policy::accept);
  auto channel = users().channel;
  auto before = message_of("r0");
  delete_unwaited({"r0", "r1"});
  world.run_for(8s);
  BOOST_TEST(users().rows == 3u);
  BOOST_TEST(status().waiting == 2u);
  BOOST_TEST(status().held == 0u);
  BOOST_TEST(get("r0") == R"({"id":"r0","n":1})");
  BOOST_TEST((message_of("r0") == before));
  BOOST_REQUIRE(update("r1", R"({"n":2})").has_value());  // a later version is not meant
  stack->engine->messages_deleted(channel, {before});     // the gateway tells some things twice
  world.run_for(8s);
  BOOST_TEST(users().rows == 2u);
  BOOST_TEST(status().waiting == 0u);
  BOOST_TEST(status().accepted == 1u);
  BOOST_TEST(get("r1") == R"({"id":"r1","n":2})");
}

BOOST_AUTO_TEST_CASE(a_decision_settles_what_waits_too) {
  fill(4);
  set(deletion_policy::accept);
  delete_unwaited({"r0"});
  auto kept = set(deletion_policy::restore);
  BOOST_TEST(kept.kept == 1u);
  world.run_for(1min);
  BOOST_TEST(users().rows == 4u);
  drain();
  set(deletion_policy::accept);
  delete_unwaited({"r1"});
  auto decided = set(deletion_policy::accept);
  BOOST_TEST(decided.deleted == 1u);
  BOOST_TEST(users().rows == 3u);
  BOOST_TEST(problems() == "");
}

// What was not acted on is found missing by the next process, and that is no wish.
BOOST_AUTO_TEST_CASE(what_waits_when_the_process_ends_is_written_again) {
  fill(2);
  set(deletion_policy::accept);
  auto before = message_of("r0");
  delete_unwaited({"r0"});
  auto asked = world.now();
  run(stack->engine->close(world.now() + 1min));
  BOOST_TEST((world.now() - asked < 9s));  // nobody waits for it
  restart();
  stack->engine->events_missed();
  world.run_for(1min);
  drain();
  BOOST_TEST(users().rows == 2u);
  BOOST_TEST((message_of("r0") != before));
  BOOST_TEST(problems() == "");
}

BOOST_AUTO_TEST_CASE(eleven_one_after_the_other_within_seconds_are_too_many_too) {
  using fate = database::hand_deletions::fate;
  for (auto policy : {deletion_policy::restore, deletion_policy::accept}) {
    database::hand_deletions guard;
    guard.set(policy);
    bool accept = policy == deletion_policy::accept;
    auto few = accept ? fate::waits : fate::kept;
    auto now = base::steady_time{} + 1h;
    std::uint64_t version = 0;
    auto note = [&](base::steady_time when) { return guard.note({{1, "k", ++version}}, when); };
    for (int i = 0; i < 10; ++i) BOOST_TEST((note(now + i * 900ms).what == few));
    BOOST_TEST(guard.status().waiting == (accept ? 10u : 0u));
    BOOST_TEST((note(now + 9500ms).what == fate::held));
    BOOST_TEST(guard.status().waiting == 0u);
    BOOST_TEST((note(now + 1h).what == fate::held));  // until somebody decides
    BOOST_TEST(guard.take_held().size() == (accept ? 12u : 2u));
    for (int i = 0; i < 10; ++i) BOOST_TEST((note(now + 1h).what == few));
    auto later = note(now + 1h + 10s);
    BOOST_TEST((later.what == few));
    BOOST_TEST(guard.take_waiting(later.number).size() == (accept ? 1u : 0u));
    BOOST_TEST(guard.take_waiting(later.number).empty());
    std::vector<database::held_row> many(database::hand_deletions::held_max + 5, {1, "k", 0});
    BOOST_TEST((guard.note(many, now + 2h).what == fate::held));
    BOOST_TEST(guard.status().held == database::hand_deletions::held_max);
    BOOST_TEST((note(now + 2h).what == fate::held));
    BOOST_TEST(guard.status().held == database::hand_deletions::held_max);
  }
}

BOOST_AUTO_TEST_CASE(a_policy_of_no_database_is_refused) {
  create();
  BOOST_TEST((run(stack->engine->administration().set_deletions("nowhere", deletion_policy::accept, context())).error().code ==
              database::errc::unknown_database));
  BOOST_TEST((stack->engine->administration().deletions("nowhere").error().code == database::errc::unknown_database));
}

BOOST_AUTO_TEST_SUITE_END()
