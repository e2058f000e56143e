// Threads of rows that follow by themselves, once their table is set so.

#include "database/thread_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;
using database::store_errc;

BOOST_FIXTURE_TEST_SUITE(threads_that_follow_rows, thread_fixture)

BOOST_AUTO_TEST_CASE(rows_that_change_get_threads_by_themselves_once_their_table_is_set_so) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  BOOST_REQUIRE(insert("b", "{}").has_value());
  BOOST_REQUIRE(follow().has_value());
  BOOST_TEST(status().tables == std::vector<std::string>{"users"});
  BOOST_TEST(status().waiting == 0u);
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  settle();
  BOOST_REQUIRE(active().size() == 1u);
  auto thread = active().front().id;
  BOOST_TEST(versions(thread) == "1 2");
  BOOST_REQUIRE(remove("a").has_value());
  settle();
  BOOST_TEST(versions(thread) == "1 2 3x");
  BOOST_TEST(shown("a").added == 0u);
  BOOST_REQUIRE(follow(false).has_value());
  BOOST_REQUIRE(update("b", R"({"n":2})").has_value());
  world.run_for(5min);
  BOOST_TEST(active().size() == 1u);
  BOOST_TEST(status().tables.empty());
}

BOOST_AUTO_TEST_CASE(that_threads_follow_is_remembered_by_the_log_and_by_checkpoints) {
  options.checkpoints.tail_messages = 5;
  options.checkpoints.share = 1000;
  create();
  BOOST_REQUIRE(follow().has_value());
  BOOST_REQUIRE(insert("a", "{}").has_value());
  settle();
  restart();
  BOOST_TEST(status().tables == std::vector<std::string>{"users"});
  for (int i = 0; i < 12; ++i) BOOST_REQUIRE(insert("a" + std::to_string(i), "{}").has_value());
  world.run_for(10min);
  BOOST_REQUIRE(inspect().checkpoints > 0u);
  restart();
  BOOST_REQUIRE(inspect().opened_from_lsn > 1u);
  BOOST_TEST(status().tables == std::vector<std::string>{"users"});
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  settle();
  auto a = shown("a");
  BOOST_TEST(a.added == 0u);
  BOOST_TEST(versions(a.thread) == "1 2");
  BOOST_REQUIRE(run(stack->engine->drop_table("prod", "users", context())).has_value());
  BOOST_TEST(status().tables.empty());
  world.run_for(5min);
  BOOST_TEST(active().empty());
}

BOOST_AUTO_TEST_CASE(what_discord_refuses_is_left_out_and_no_commit_waits_for_it) {
  create();
  BOOST_REQUIRE(follow().has_value());
  stack->threads.on_create = fault::refused;
  auto before = world.now();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST((world.now() - before < 5s));
  world.run_until([&] { return status().left_out == 1; }, 1min);
  BOOST_TEST(contains(status().why, "Create Public Threads"));
  BOOST_REQUIRE(insert("b", "{}").has_value());
  settle();
  BOOST_TEST(active().size() == 1u);  // of b
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  settle();
  BOOST_TEST(active().size() == 2u);
  BOOST_TEST(versions(shown("a").thread) == "1 2");  // it has caught up
}

BOOST_AUTO_TEST_CASE(a_lost_answer_is_tried_again_later) {
  create();
  BOOST_REQUIRE(follow().has_value());
  stack->threads.on_create = fault::lost_before;
  BOOST_REQUIRE(insert("a", "{}").has_value());
  settle();
  BOOST_TEST(stack->threads.creations == 2);
  BOOST_TEST(versions(shown("a").thread) == "1");
  BOOST_TEST(status().left_out == 0u);
}

BOOST_AUTO_TEST_CASE(a_thread_that_is_deleted_is_made_anew_when_its_row_changes) {
  create();
  BOOST_REQUIRE(follow().has_value());
  BOOST_REQUIRE(insert("a", "{}").has_value());
  settle();
  BOOST_TEST(request("DELETE", thread_path(active().front().id)) == 200);
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  settle();
  BOOST_REQUIRE(active().size() == 1u);
  BOOST_TEST(versions(active().front().id) == "1 2");
}

BOOST_AUTO_TEST_CASE(a_row_that_is_purged_has_no_thread_even_if_threads_follow) {
  create();
  BOOST_REQUIRE(follow().has_value());
  BOOST_REQUIRE(insert("a", R"({"s":"tangerine"})").has_value());
  for (int i = 0; i < 5; ++i) BOOST_REQUIRE(update("a", fmt::format("{{\"n\":{}}}", i)).has_value());
  auto report = run(stack->engine->storage().purge("prod", "users", "a", context(1h)));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->threads == "");
  settle();
  for (const auto& t : active()) {
    for (const auto& content : messages(t.id)) BOOST_TEST(!contains(content, "tangerine"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_thread_that_people_have_locked_is_left_out_and_holds_nobody_up) {
  auto how = database_fixture::guild_options(false);
  how.bot_permissions = discord::permission::needed | discord::permission::create_public_threads | discord::permission::send_messages_in_threads;
  thread_fixture f(how);
  f.create();
  BOOST_REQUIRE(f.follow().has_value());
  BOOST_REQUIRE(f.insert("a", "{}").has_value());
  f.settle();
  auto how_owners_ask = engine_stack::scheduler_options(f.guild.credentials());
  how_owners_ask.token = f.guild.credentials().owner_token;
  auto& owner = f.process->make<discord::request_scheduler>(f.process->env(), f.stack->transport, how_owners_ask);
  BOOST_TEST(f.request("PATCH", f.thread_path(f.active().front().id), R"({"locked":true})", &owner) == 200);
  BOOST_REQUIRE(f.update("a", R"({"n":2})").has_value());
  BOOST_REQUIRE(f.insert("b", "{}").has_value());
  f.world.run_for(1min);
  BOOST_TEST(f.status().left_out == 1u);
  BOOST_TEST(f.status().why == "Writing the message failed: the thread is locked; unlock it first.");
  BOOST_TEST(f.active().size() == 2u);
  BOOST_TEST(contains(f.show("a").error().message, "the thread is locked"));
}

BOOST_AUTO_TEST_CASE(within_discords_limits_threads_fall_behind_and_catch_up) {
  thread_fixture f(true);
  f.create();
  BOOST_REQUIRE(f.follow().has_value());
  std::vector<database::new_row> rows;
  for (int i = 0; i < 120; ++i) rows.push_back({fmt::format("k{}", i), "{}"});
  BOOST_REQUIRE(f.run(f.stack->engine->import("prod", "users", std::move(rows), f.context())).has_value());
  f.world.run_for(1min);
  BOOST_TEST(f.status().waiting > 0u);
  auto before = f.world.now();
  BOOST_REQUIRE(f.insert("late", "{}").has_value());
  BOOST_TEST((f.world.now() - before < 10s));
  f.settle(2h);
  BOOST_TEST(f.status().left_out == 0u);
  BOOST_TEST(f.active().size() == 121u);
}

BOOST_AUTO_TEST_CASE(a_purge_that_may_not_delete_the_thread_names_the_permission) {
  auto how = database_fixture::guild_options(false);
  how.bot_permissions = discord::permission::needed | discord::permission::create_public_threads | discord::permission::send_messages_in_threads;
  thread_fixture f(how);
  f.create();
  BOOST_REQUIRE(f.insert("a", "{}").has_value());
  f.drain();
  BOOST_TEST(f.shown().made);
  auto report = f.run(f.stack->engine->storage().purge("prod", "users", "a", f.context(1h)));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->threads_removed == 0u);
  BOOST_TEST(contains(report->threads, "Manage Threads"));
}
