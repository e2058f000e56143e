// Whole databases that go: all or nothing of them, whatever dies on the way; and what a restore that was interrupted leaves is taken for what it is.

#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"
#include "database/database_removal.hpp"
#include "database/row_operation.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct drop_fixture : database_fixture {
  auto drop(std::string name = "prod", base::duration patience = 5min) {
    return run(stack->engine->administration().drop_database(std::move(name), context(patience)));
  }
  auto restore(base::message_id part, std::string as) {
    return run(stack->engine->administration().restore_database("prod", part, std::move(as), context()));
  }
  // The names of the channels and categories that are not of another database.
  std::string channels(std::string_view without = {}) {
    database::call_options options{database::priority::read, world.now() + 1min};
    auto present = run(stack->rest.channels(options));
    BOOST_REQUIRE(present.has_value());
    std::string names;
    for (const auto& c : present->value) {
      bool others = !without.empty() && c.topic.find("db=" + std::string(without)) != std::string::npos;
      bool ours = c.topic.starts_with("Kept by dbcord") || c.name.starts_with("dbcord-");
      if (ours && !others) names += c.name + " ";
    }
    return names;
  }
  base::channel_id channel(std::string_view name) {
    database::call_options options{database::priority::read, world.now() + 1min};
    auto present = run(stack->rest.channels(options));
    for (const auto& c : present->value) {
      if (c.name == name) return c.id;
    }
    return {};
  }
  void fill() {
    create();
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "items", "id", context())).has_value());
    BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
    drain();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dropped_databases, drop_fixture)

BOOST_AUTO_TEST_CASE(a_dropped_database_is_gone_with_all_its_channels_and_its_name_is_free) {
  fill();
  BOOST_REQUIRE(run(stack->engine->snapshot("prod", "users", reading())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_database("other", context())).has_value());
  BOOST_TEST((drop("nowhere").error().code == errc::unknown_database));
  auto used = stack->engine->administration().memory().used;
  auto done = drop();
  BOOST_REQUIRE_MESSAGE(done.has_value(), done.error().message);
  BOOST_TEST((insert("b", "{}").error().code == errc::unknown_database));
  BOOST_TEST((drop().error().code == errc::unknown_database));
  BOOST_TEST(stack->engine->databases().size() == 1u);
  world.run_for(1min);
  BOOST_TEST(channels("other") == "dbcord-other ");
  BOOST_TEST(stack->engine->administration().memory().used < used);
  BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
  BOOST_TEST(find("{}") == "");
  BOOST_REQUIRE(insert("a", R"({"n":2})").has_value());
  restart();
  BOOST_TEST(get("a") == R"({"id":"a","n":2})");
  BOOST_TEST(stack->engine->databases().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_database_made_at_once_under_the_name_shares_nothing_with_the_dropped_one) {
  fill();
  BOOST_REQUIRE(drop().has_value());
  BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
  BOOST_REQUIRE(insert("new", "{}").has_value());
  world.run_for(1min);
  BOOST_TEST(find("{}") == "new ");
  BOOST_TEST(channels() == "dbcord-prod dbc-catalog dbc-control dbc-wal-1 table-users ");
  restart();
  BOOST_TEST(find("{}") == "new ");
}

BOOST_AUTO_TEST_CASE(a_drop_that_discord_refuses_leaves_the_database_as_it_was) {
  fill();
  stack->store.fail_at = stack->store.changes;
  stack->store.kind = fault::refused;
  BOOST_TEST(!drop().has_value());
  world.run_for(1min);
  BOOST_TEST(get("a") == R"({"id":"a","n":1})");
  BOOST_REQUIRE(insert("b", "{}").has_value());
  restart();
  BOOST_TEST(find("{}") == "a b ");
}

// Found out by a later attempt to open it.
BOOST_AUTO_TEST_CASE(a_dropped_database_that_could_not_be_opened_first_is_not_counted_among_the_failed) {
  fill();
  auto catalog = channel("dbc-catalog"), control = channel("dbc-control");
  stack->store.on_post = [catalog](base::channel_id where, const database::new_message&) { return where == catalog ? fault::refused : fault::none; };
  BOOST_REQUIRE(drop("prod", 10s).has_value());
  kill();
  start();
  stack->store.on_post = [control](base::channel_id where, const database::new_message&) { return where == control ? fault::refused : fault::none; };
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(stack->engine->failed().size() == 1u);
  stack->store.on_post = {};
  world.run_for(2min);
  BOOST_TEST(stack->engine->failed().empty());
  BOOST_TEST(channels() == "");
  BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
}

// What the next start does without: the record in the catalog and the channels.
BOOST_AUTO_TEST_CASE(a_database_whose_log_says_that_it_is_dropped_is_never_opened_again) {
  fill();
  auto catalog = channel("dbc-catalog");
  stack->store.on_post = [catalog](base::channel_id where, const database::new_message&) { return where == catalog ? fault::refused : fault::none; };
  auto done = drop("prod", 10s);
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(channels() == "dbcord-prod dbc-catalog dbc-control dbc-wal-1 table-users table-items ");
  BOOST_TEST(get("a") == "database prod was dropped");
  auto taken = run(stack->engine->create_database("prod", context()));
  BOOST_TEST(taken.error().message == "database prod was dropped a moment ago, and its name is not free yet; try again in a moment");
  restart();
  BOOST_TEST(stack->engine->databases().empty());
  world.run_for(2min);
  BOOST_TEST(channels() == "");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_behind_the_drop_does_not_hide_it) {
  options.checkpoints.enabled = true;
  fill();
  for (int i = 0; i < 300; ++i) BOOST_REQUIRE(insert("k" + std::to_string(i), "{}").has_value());
  auto catalog = channel("dbc-catalog");
  stack->store.on_post = [catalog](base::channel_id where, const database::new_message&) { return where == catalog ? fault::refused : fault::none; };
  BOOST_REQUIRE(drop("prod", 10s).has_value());
  world.run_for(1min);  // the database is closed, and has written what it writes then
  restart();
  BOOST_TEST(stack->engine->databases().empty());
  world.run_for(2min);
  BOOST_TEST(channels() == "");
}

BOOST_AUTO_TEST_CASE(a_process_that_ends_in_good_order_leaves_the_rest_to_the_next_one) {
  fill();
  auto catalog = channel("dbc-catalog");
  stack->store.on_post = [catalog](base::channel_id where, const database::new_message&) { return where == catalog ? fault::refused : fault::none; };
  BOOST_REQUIRE(drop("prod", 10s).has_value());
  auto close = [](database::engine& e, base::steady_time until) -> actor::task<bool> {
    co_await e.close(until);
    co_return true;
  };
  BOOST_TEST(run(close(*stack->engine, world.now() + 1min)));
  BOOST_TEST((drop().error().code == base::errc::stopping));
  restart();
  BOOST_TEST(stack->engine->databases().empty());
  world.run_for(2min);
  BOOST_TEST(channels() == "");
}

BOOST_AUTO_TEST_CASE(a_channel_that_people_moved_or_renamed_goes_too_and_theirs_stays) {
  fill();
  database::call_options options{database::priority::read, world.now() + 1min};
  database::new_channel theirs;
  theirs.name = "chat";
  auto present = *run(stack->rest.channels(options));
  theirs.parent = present.value.front().parent;
  for (const auto& c : present.value) {
    if (c.name == "dbcord-prod") theirs.parent = c.id;
  }
  BOOST_REQUIRE(run(stack->rest.create_channel(theirs, options)).has_value());
  BOOST_REQUIRE(drop().has_value());
  world.run_for(1min);
  BOOST_TEST(channels() == "dbcord-prod ");  // it holds something of theirs
  BOOST_TEST(channel("chat").value != 0u);
}

BOOST_AUTO_TEST_CASE(writes_that_race_with_the_drop_are_before_it_or_refused) {
  create();
  std::size_t done = 0, refused = 0;
  auto write = [](database::engine& e, std::string key, database::write_context c, std::size_t& yes, std::size_t& no) -> actor::task<void> {
    database::new_row row{key, "{}"};
    auto written = co_await e.insert("prod", "users", std::move(row), std::move(c));
    ++(written ? yes : no);
  };
  for (int i = 0; i < 5; ++i) process->spawn(write(*stack->engine, "a" + std::to_string(i), context(), done, refused));
  auto dropping = [](database::engine& e, database::write_context c, std::size_t& yes) -> actor::task<void> {
    auto dropped = co_await e.administration().drop_database("prod", std::move(c));
    yes += dropped ? 1 : 0;
  };
  std::size_t dropped = 0;
  process->spawn(dropping(*stack->engine, context(), dropped));
  for (int i = 0; i < 5; ++i) process->spawn(write(*stack->engine, "b" + std::to_string(i), context(), done, refused));
  world.run_for(2min);
  BOOST_TEST(dropped == 1u);
  BOOST_TEST(done + refused == 10u);
  BOOST_TEST(done >= 5u);
  BOOST_TEST(channels() == "");
}

BOOST_AUTO_TEST_CASE(a_kill_at_any_step_leaves_the_database_whole_or_gone) {
  int whole = 0, gone = 0;
  for (int n = 1; n < 100'000; n += 2) {
    drop_fixture f;
    f.fill();
    bool dead = false, answered = false;
    f.world.set_fuse(*f.process, static_cast<std::uint64_t>(n), [&] { dead = true; });
    f.process->spawn([](database::engine& e, database::write_context c, bool& yes) -> actor::task<void> {
      auto done = co_await e.administration().drop_database("prod", std::move(c));
      yes = done.has_value();
    }(*f.stack->engine, f.context(), answered));
    f.world.run_until([&] { return dead; }, 1min);
    bool complete = !dead;
    f.restart();
    bool there = !f.stack->engine->databases().empty();
    ++(there ? whole : gone);
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      BOOST_TEST((!answered || !there));
      f.world.run_for(1min);
      if (there) BOOST_TEST(f.get("a") == R"({"id":"a","n":1})");
      if (!there) BOOST_TEST(f.channels() == "");
      if (there) BOOST_TEST(f.drop().has_value());
      BOOST_REQUIRE(f.run(f.stack->engine->create_database("prod", f.context())).has_value());
    }
    if (complete) break;
  }
  BOOST_TEST(whole > 0);
  BOOST_TEST(gone > 5);
}

BOOST_AUTO_TEST_CASE(a_lost_answer_at_any_change_leaves_the_database_gone_or_whole) {
  for (auto kind : {fault::lost_before, fault::lost_after, fault::refused}) {
    for (int n = 0; n < 8; ++n) {
      drop_fixture f;
      f.fill();
      f.stack->store.fail_at = f.stack->store.changes + n;
      f.stack->store.kind = kind;
      auto done = f.drop();
      f.world.run_for(2min);
      BOOST_TEST_CONTEXT("change " << n << " failed as " << static_cast<int>(kind)) {
        if (done) BOOST_TEST(f.channels() == "");
        if (!done) BOOST_TEST(f.get("a") == R"({"id":"a","n":1})");
      }
    }
  }
}

// ---- restores that were interrupted ----

BOOST_AUTO_TEST_CASE(a_restore_that_breaks_off_leaves_nothing_that_looks_whole) {
  fill();
  auto kept = run(stack->engine->administration().snapshot_database("prod", reading()));
  BOOST_REQUIRE(kept.has_value());
  int broken = 0;
  for (int n = 1; n < 100'000; n += 5) {
    bool dead = false, answered = false;
    world.set_fuse(*process, static_cast<std::uint64_t>(n), [&] { dead = true; });
    process->spawn([](database::engine& e, base::message_id part, database::write_context c, bool& yes) -> actor::task<void> {
      auto done = co_await e.administration().restore_database("prod", part, "copy", std::move(c));
      yes = done.has_value();
    }(*stack->engine, kept->location.message, context(), answered));
    world.run_until([&] { return dead || answered; }, 1min);
    kill();
    start();
    BOOST_REQUIRE(open().has_value());
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      auto there = stack->engine->databases();
      bool whole = std::find(there.begin(), there.end(), "copy") != there.end();
      BOOST_TEST((whole || !answered));
      auto row = run(stack->engine->get("copy", "users", "a", reading()));
      if (whole) BOOST_TEST(row->json == R"({"id":"a","n":1})");
      if (!whole && !stack->engine->failed().empty()) {
        ++broken;
        BOOST_TEST(row.error().message == "database copy cannot be used: its restore was interrupted, so it is not whole: drop it with /dbc_database_drop "
                                          "database:copy, or restore it again");
        BOOST_TEST((run(stack->engine->create_database("copy", context())).error().code == errc::already_exists));
        BOOST_TEST((run(stack->engine->administration().end_restore("copy", context())).error().code == errc::unavailable));
      }
      if (whole) break;
      // Once dropped, once restored over.
      if (broken % 2 == 1 && !stack->engine->failed().empty()) BOOST_TEST(drop("copy").has_value());
      auto again = restore(kept->location.message, "copy");
      BOOST_REQUIRE_MESSAGE(again.has_value(), again.error().message);
      BOOST_TEST(run(stack->engine->get("copy", "users", "a", reading()))->json == R"({"id":"a","n":1})");
      BOOST_REQUIRE(drop("copy").has_value());
    }
  }
  BOOST_TEST(broken > 5);
}

BOOST_AUTO_TEST_CASE(a_restore_that_discord_stops_is_named_and_can_be_begun_again) {
  fill();
  auto kept = run(stack->engine->administration().snapshot_database("prod", reading()));
  BOOST_REQUIRE(kept.has_value());
  stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    return m.content.find("\"put\"") != std::string::npos ? fault::refused : fault::none;
  };
  auto failed = restore(kept->location.message, "copy");
  BOOST_REQUIRE(!failed.has_value());
  BOOST_TEST(failed.error().message.find("database copy is not whole, there are only 0 of 2 tables of it") == 0u, failed.error().message);
  BOOST_TEST(stack->engine->administration().restoring("copy")->interrupted);
  stack->store.on_post = nullptr;
  BOOST_REQUIRE(restore(kept->location.message, "copy").has_value());
  BOOST_TEST(!stack->engine->administration().restoring("copy").has_value());
  BOOST_TEST((restore(kept->location.message, "copy").error().code == errc::already_exists));
  restart();
  BOOST_TEST(run(stack->engine->get("copy", "users", "a", reading())).has_value());
}

BOOST_AUTO_TEST_CASE(a_database_that_is_restored_step_by_step_is_not_whole_before_its_end) {
  start();
  BOOST_REQUIRE(open().has_value());
  auto& lifecycle = stack->engine->administration();
  auto begun = run(lifecycle.begin_restore("prod", context()));
  BOOST_REQUIRE(begun.has_value());
  BOOST_TEST(begun->state == "being restored");
  BOOST_TEST(lifecycle.restoring("prod")->who == "1400");
  BOOST_TEST(!lifecycle.restoring("prod")->interrupted);
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto stranger = context();
  stranger.who = "9";
  BOOST_TEST(run(lifecycle.begin_restore("prod", stranger)).error().message == "database prod is being restored by somebody else already");
  BOOST_REQUIRE(run(lifecycle.begin_restore("prod", context())).has_value());  // the same person: from the beginning
  BOOST_TEST(inspect().tables.empty());
  BOOST_REQUIRE(run(lifecycle.end_restore("prod", context())).has_value());
  BOOST_REQUIRE(run(lifecycle.end_restore("prod", context())).has_value());  // it is whole
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST((run(lifecycle.begin_restore("prod", context())).error().code == errc::already_exists));
  BOOST_TEST((run(lifecycle.end_restore("nowhere", context())).error().code == errc::unknown_database));
  restart();
  BOOST_TEST(inspect().state == "open");
}

// ---- the record in the catalog ----

BOOST_AUTO_TEST_CASE(the_record_of_a_drop_counts_when_all_of_it_is_there) {
  database::dropped_record record{"0123456789abcdef", "prod", {}};
  for (std::uint64_t i = 0; i < 500; ++i) record.channels.push_back({18'000'000'000'000'000'000u + i});
  auto texts = database::encode_dropped(record);
  BOOST_TEST(texts.size() == 9u);
  std::vector<database::stored_message> messages;
  for (const auto& text : texts) {
    BOOST_TEST(text.size() < 2'000u);
    BOOST_TEST(!database::find_dropped(messages).has_value());
    messages.push_back({{}, {}, {}, text, {}, {}});
  }
  auto found = database::find_dropped(messages);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->id == record.id);
  BOOST_TEST(found->name == "prod");
  BOOST_TEST((found->channels == record.channels));
  // Parts of another list do not complete this one.
  record.channels.pop_back();
  auto others = database::encode_dropped(record);
  messages.pop_back();
  messages.push_back({{}, {}, {}, others.back(), {}, {}});
  BOOST_TEST(!database::find_dropped(messages).has_value());
  auto bad = texts;
  for (auto& text : bad) text.replace(text.find("channels=") + 9, 1, "x");
  messages.clear();
  for (const auto& text : bad) messages.push_back({{}, {}, {}, text, {}, {}});
  BOOST_TEST(!database::find_dropped(messages).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
