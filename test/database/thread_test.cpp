// Threads of rows: what they show, that they are found again, and that a purge leaves none.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "database/storage_upkeep.hpp"
#include "discord/client.hpp"
#include "protocol/row_thread.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;
using database::store_errc;

namespace {

struct thread_fixture : database_fixture {
  using database_fixture::database_fixture;
  base::result<database::thread_report> show(std::string key = "a", base::duration patience = 5min) {
    return run(stack->engine->administration().show_in_thread("prod", "users", std::move(key), {world.now() + patience}));
  }
  database::thread_report shown(std::string key = "a") {
    auto report = show(std::move(key));
    if (!report) BOOST_FAIL(report.error().message);
    return *report;
  }
  database::call_options call() { return {database::priority::read, world.now() + 10min}; }
  std::vector<std::string> messages(base::channel_id channel) {
    std::vector<std::string> all;
    auto listed = run(stack->rest.history_before(channel, {}, 100, call()));
    if (!listed) BOOST_FAIL(listed.error().message);
    for (auto& m : listed->value) all.push_back(std::move(m.content));
    return all;
  }
  // "1 2x 3": the versions, oldest first, by the messages' machine lines.
  std::string versions(base::channel_id thread) {
    std::string all;
    for (const auto& content : messages(thread)) {
      auto entry = protocol::decode_thread_entry(content);
      all += (all.empty() ? "" : " ") + (entry ? std::to_string(entry->version) + (contains(content, ": deleted") ? "x" : "") : "?");
    }
    return all;
  }
  base::channel_id table_channel() { return inspect().tables.at(0).channel; }
  std::vector<database::thread_info> active() { return *run(stack->rest_threads.active_threads(call())); }
  // A request of the bot itself, or of a person, beside the database.
  int request(std::string method, std::string path, std::string body = {}, discord::request_scheduler* as = nullptr) {
    discord::rest_request r;
    r.method = std::move(method);
    r.route = path;
    r.path = std::move(path);
    r.body = std::move(body);
    r.headers.emplace_back("Content-Type", "application/json");
    r.deadline = world.now() + 1min;
    auto answer = run((as ? *as : stack->scheduler).send(std::move(r)));
    return answer ? answer->status : 0;
  }
  std::string thread_path(base::channel_id thread) { return "/channels/" + thread.str(); }
  base::result<database::write_receipt> follow(bool on = true) {
    return run(stack->engine->administration().set_row_threads("prod", "users", on, context()));
  }
  database::row_thread_status status() { return *stack->engine->administration().row_threads_of("prod"); }
  // Until no row waits for its thread.
  void settle(base::duration limit = 10min) {
    world.run_until([&] { return status().waiting == 0; }, limit);
    world.run_for(1min);  // the last one
    BOOST_TEST(status().waiting == 0u);
  }
  std::uint64_t problems() { return run(stack->engine->verify("prod", "users", reading()))->problems; }
};

}  // namespace

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
