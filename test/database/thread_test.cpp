// Threads of rows: what they show, that they are found again, and that a purge leaves none.

#include "database/row_operation.hpp"
#include "database/thread_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;
using database::store_errc;

BOOST_FIXTURE_TEST_SUITE(threads_of_rows, thread_fixture)

BOOST_AUTO_TEST_CASE(a_thread_shows_every_version_oldest_first_and_later_only_what_is_new) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  auto first = shown();
  BOOST_TEST(first.made);
  BOOST_TEST(first.added == 2u);
  BOOST_TEST(first.left == 0u);
  BOOST_TEST(versions(first.thread) == "1 2");
  auto text = messages(first.thread).front();
  BOOST_TEST(contains(text, "**Version 1**"));
  BOOST_TEST(contains(text, "written by <@1400> with `/test`"));
  BOOST_TEST(contains(text, "```json\n{\"id\":\"a\",\"n\":1}\n```"));
  auto again = shown();
  BOOST_TEST(!again.made);
  BOOST_TEST(again.added == 0u);
  BOOST_TEST((again.thread == first.thread));
  BOOST_REQUIRE(remove("a").has_value());
  BOOST_REQUIRE(insert("a", R"({"n":3})").has_value());
  BOOST_TEST(shown().added == 2u);
  BOOST_TEST(versions(first.thread) == "1 2 3x 4");
  BOOST_TEST(active().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_thread_is_found_again_after_a_kill_also_when_people_have_renamed_it) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_REQUIRE(insert("b", "{}").has_value());
  auto a = shown("a").thread, b = shown("b").thread;
  BOOST_TEST((a != b));
  BOOST_TEST(request("PATCH", thread_path(b), R"({"name":"our little friend"})") == 200);
  restart();
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  auto report = shown("a");
  BOOST_TEST((report.thread == a));
  BOOST_TEST(report.added == 1u);
  BOOST_TEST((shown("b").thread == b));
  BOOST_TEST(stack->threads.creations == 0);
  auto listings = stack->threads.listings;
  BOOST_TEST((shown("a").thread == a));
  BOOST_TEST(stack->threads.listings == listings);  // remembered
}

BOOST_AUTO_TEST_CASE(an_archived_thread_is_reopened) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto thread = shown().thread;
  BOOST_TEST(request("PATCH", thread_path(thread), R"({"archived":true})") == 200);
  BOOST_TEST(active().empty());
  restart();
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  auto reopened = shown();
  BOOST_TEST((reopened.thread == thread));
  BOOST_TEST(versions(thread) == "1 2");
  BOOST_TEST(active().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_thread_that_people_delete_is_made_anew) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto before = shown().thread;
  BOOST_TEST(request("DELETE", thread_path(before)) == 200);
  auto anew = shown();
  BOOST_TEST(anew.made);
  BOOST_TEST((anew.thread != before));
  BOOST_TEST(versions(anew.thread) == "1");
}

BOOST_AUTO_TEST_CASE(after_a_lost_answer_a_thread_is_looked_for_and_not_made_twice) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  stack->threads.on_create = fault::lost_after;
  BOOST_TEST(shown().added == 1u);
  BOOST_TEST(active().size() == 1u);
  BOOST_REQUIRE(insert("b", "{}").has_value());
  stack->threads.on_create = fault::lost_before;
  auto lost = show("b");
  BOOST_REQUIRE(!lost);
  BOOST_TEST((lost.error().code == store_errc::unknown));
  BOOST_TEST(shown("b").made);
  BOOST_TEST(active().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_version_whose_answer_was_lost_is_not_shown_twice) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto lose = fault::lost_after;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    return protocol::decode_thread_entry(m.content) ? std::exchange(lose, fault::none) : fault::none;
  };
  BOOST_TEST((show().error().code == store_errc::unknown));
  auto next = shown();
  BOOST_TEST(next.added == 0u);
  BOOST_TEST(versions(next.thread) == "1");
}

BOOST_AUTO_TEST_CASE(of_two_versions_of_one_transaction_the_later_is_shown_too_when_a_show_ended_between_them) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  auto twice = database::parse_row_operations(R"([{"op":"update","table":"users","key":"a","patch":{"n":2}},{"op":"update","table":"users","key":"a","patch":{"n":3}}])", 1'000);
  BOOST_REQUIRE(run(stack->engine->transact("prod", *twice, context())).has_value());
  drain();
  int posts = 0;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    return protocol::decode_thread_entry(m.content) && ++posts == 3 ? fault::lost_before : fault::none;
  };
  BOOST_TEST((show().error().code == store_errc::unknown));
  auto next = shown();
  BOOST_TEST(next.added == 1u);
  BOOST_TEST(versions(next.thread) == "1 2 3");
}

BOOST_AUTO_TEST_CASE(refusals_are_sentences_and_name_what_is_missing) {
  create();
  BOOST_TEST((show("nobody").error().code == errc::unknown_key));
  BOOST_TEST(stack->threads.creations == 0);
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  stack->threads.on_create = fault::refused;
  BOOST_TEST(contains(show().error().message, "Create Public Threads"));
  stack->store.on_post = [](base::channel_id, const database::new_message&) { return fault::refused; };
  BOOST_TEST(contains(show().error().message, "Send Messages in Threads"));
  stack->store.on_post = nullptr;
  BOOST_TEST(shown().added == 1u);
}

BOOST_AUTO_TEST_CASE(a_value_that_is_too_long_is_cut_and_one_that_discord_refuses_is_left_out) {
  create();
  BOOST_REQUIRE(insert("a", R"({"t":")" + std::string(5000, 'x') + "\"}").has_value());
  drain();
  auto thread = shown().thread;
  auto text = messages(thread).front();
  BOOST_TEST(text.size() <= 2000u);
  BOOST_TEST(contains(text, "all 5017 bytes"));
  BOOST_REQUIRE(update("a", R"({"t":"forbidden word"})").has_value());
  drain();
  stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    return contains(m.content, "forbidden word") ? fault::content : fault::none;
  };
  BOOST_TEST(shown().added == 1u);
  BOOST_TEST(contains(messages(thread).back(), "does not take the value"));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_into_a_call_is_added_by_the_next_one) {
  create();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 200, 30, context())).has_value());
  BOOST_REQUIRE(insert("a", "{}").has_value());
  for (int i = 1; i < 103; ++i) BOOST_REQUIRE(update("a", fmt::format("{{\"n\":{}}}", i)).has_value());
  auto first = shown();
  BOOST_TEST(first.added == 100u);
  BOOST_TEST(first.left == 3u);
  auto rest = shown();
  BOOST_TEST(rest.added == 3u);
  BOOST_TEST(rest.left == 0u);
  BOOST_REQUIRE(update("a", R"({"n":0})").has_value());
  BOOST_TEST(show("a", 5s)->left == 1u);  // no time is left for a message
}

BOOST_AUTO_TEST_CASE(threads_are_neither_rows_nor_problems_nor_channels) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto thread = shown().thread;
  BOOST_TEST(messages(table_channel()).size() == 2u);  // the row, and what Discord tells of the thread
  BOOST_TEST(problems() == 0u);
  restart();
  BOOST_TEST(inspect().tables.size() == 1u);
  BOOST_TEST(inspect().tables.at(0).rows == 1u);
  BOOST_TEST(inspect().tables.at(0).superseded == 0u);
  auto scanned = run(stack->engine->storage().vacuum("prod", "users", true, reading()));
  BOOST_TEST(scanned->found == 0u);
  BOOST_TEST(get("a") == R"({"id":"a"})");
  auto listed = run(stack->rest.history_before(thread, {}, 1, call()));
  stack->engine->messages_deleted(thread, {listed->value.front().id});
  world.run_for(1min);
  BOOST_TEST(inspect().tables.at(0).deleted_by_hand == 0u);
  BOOST_TEST(problems() == 0u);
}

BOOST_AUTO_TEST_CASE(a_purge_deletes_the_thread_and_what_discord_tells_of_it) {
  create();
  for (auto key : {"keep", "gone"}) BOOST_REQUIRE(insert(key, "{}").has_value());
  drain();
  auto kept = shown("keep").thread, gone = shown("gone").thread;
  BOOST_TEST(request("PATCH", thread_path(gone), R"({"name":"renamed","archived":true})") == 200);
  restart();
  auto report = run(stack->engine->storage().purge("prod", "users", "gone", context(1h)));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->threads == "");
  BOOST_TEST(report->threads_removed == 1u);
  BOOST_TEST(report->messages_removed == 2u);
  BOOST_TEST(request("GET", thread_path(gone)) == 404);
  BOOST_TEST(versions(kept) == "1");
  for (const auto& content : messages(table_channel())) BOOST_TEST(!contains(content, "gone"));
  BOOST_REQUIRE(insert("gone", R"({"new":true})").has_value());
  auto anew = shown("gone");
  BOOST_TEST(anew.made);
  BOOST_TEST(contains(messages(anew.thread).back(), "new"));
}

BOOST_AUTO_TEST_CASE(a_purge_that_may_not_list_the_threads_says_so) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  stack->threads.unlistable = true;
  auto report = run(stack->engine->storage().purge("prod", "users", "a", context(1h)));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->threads == "Listing the threads failed.");
}

BOOST_AUTO_TEST_CASE(a_row_that_is_erased_while_its_thread_is_written_leaves_no_thread) {
  create();
  BOOST_REQUIRE(insert("a", R"({"s":"tangerine"})").has_value());
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(update("a", fmt::format("{{\"n\":{}}}", i)).has_value());
  drain();
  bool ended = false;
  process->spawn([](database::engine& e, base::steady_time until, bool& yes) -> actor::task<void> {
    database::read_context context{until};
    auto report = co_await e.administration().show_in_thread("prod", "users", "a", context);
    yes = true;
    (void)report;
  }(*stack->engine, world.now() + 5min, ended));
  world.run_until([&] { return !active().empty(); }, 1min);
  auto report = run(stack->engine->storage().purge("prod", "users", "a", context(1h)));
  BOOST_REQUIRE(report.has_value());
  world.run_until([&] { return ended; }, 10min);
  BOOST_TEST(ended);
  for (const auto& t : active()) {
    for (const auto& content : messages(t.id)) BOOST_TEST(!contains(content, "tangerine"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
