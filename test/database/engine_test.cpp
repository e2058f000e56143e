// What users of the database are promised when nothing goes wrong.
#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

BOOST_FIXTURE_TEST_SUITE(engine_suite, database_fixture)

BOOST_AUTO_TEST_CASE(a_row_lives_through_insert_update_find_and_delete) {
  create();
  auto inserted = insert("u_1", R"({"id":"u_1","role":"student","n":1.50})");
  BOOST_REQUIRE(inserted.has_value());
  BOOST_TEST(inserted->version == 1u);
  BOOST_TEST(get("u_1") == R"({"id":"u_1","role":"student","n":1.50})");
  BOOST_TEST(update("u_1", R"({"role":"admin","n":null})")->version == 2u);
  BOOST_TEST(find(R"({"role":"admin"})") == "u_1 ");
  BOOST_TEST(find(R"({"role":"student"})") == "");
  BOOST_TEST(remove("u_1")->version == 3u);
  BOOST_TEST(contains(get("u_1"), "no row with key \"u_1\""));
  BOOST_TEST(insert("u_1", "{}").has_value());
}

BOOST_AUTO_TEST_CASE(everything_acknowledged_survives_a_kill) {
  create();
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(insert(fmt::format("u_{}", i), fmt::format("{{\"n\":{}}}", i)).has_value());
  BOOST_REQUIRE(update("u_3", R"({"n":"three"})").has_value());
  BOOST_REQUIRE(remove("u_4").has_value());
  restart();
  BOOST_TEST(get("u_3") == R"({"id":"u_3","n":"three"})");
  BOOST_TEST(contains(get("u_4"), "no row"));
  BOOST_TEST(inspect().tables.at(0).rows == 19u);
  BOOST_TEST((insert("u_5", "{}").error().code == errc::duplicate_key));
  BOOST_TEST((run(stack->engine->create_table("prod", "users", "id", context())).error().code == errc::already_exists));
}

BOOST_AUTO_TEST_CASE(a_clean_stop_releases_the_log_and_loses_nothing) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  run(stack->engine->close(world.now() + 10s));
  auto after = insert("b", "{}");
  BOOST_TEST((after.error().code == base::errc::stopping));
  restart();
  BOOST_TEST(get("a") == R"({"id":"a"})");
}

BOOST_AUTO_TEST_CASE(one_of_two_concurrent_inserts_of_a_key_wins) {
  create();
  int done = 0, duplicates = 0;
  auto attempt = [](database::engine& e, database::write_context c, int& won, int& lost) -> actor::task<void> {
    database::new_row row{"k", "{}"};
    auto result = co_await e.insert("prod", "users", std::move(row), std::move(c));
    if (result) ++won;
    if (!result && result.error().code == errc::duplicate_key) ++lost;
  };
  for (int i = 0; i < 10; ++i) process->spawn(attempt(*stack->engine, context(), done, duplicates));
  world.run_until([&] { return done + duplicates == 10; });
  BOOST_TEST(done == 1);
  BOOST_TEST(duplicates == 9);
}

BOOST_AUTO_TEST_CASE(concurrent_updates_of_one_row_are_all_applied_in_some_order) {
  create();
  BOOST_REQUIRE(insert("k", "{}").has_value());
  int done = 0;
  auto attempt = [](database::engine& e, database::write_context c, int i, int& count) -> actor::task<void> {
    auto result = co_await e.update("prod", "users", "k", fmt::format("{{\"f{}\":1}}", i), std::move(c));
    if (result) ++count;
  };
  for (int i = 0; i < 20; ++i) process->spawn(attempt(*stack->engine, context(), i, done));
  world.run_until([&] { return done == 20; });
  auto row = run(stack->engine->get("prod", "users", "k", reading()));
  BOOST_TEST(row->version == 21u);
  for (int i = 0; i < 20; ++i) BOOST_TEST(contains(row->json, fmt::format("\"f{}\":1", i)));
  BOOST_TEST(inspect().groups < 20u);  // they shared commit groups
}

BOOST_AUTO_TEST_CASE(rows_become_messages_and_are_adopted_after_a_restart) {
  create();
  for (int i = 0; i < 5; ++i) BOOST_REQUIRE(insert(fmt::format("u_{}", i), "{}").has_value());
  drain();
  BOOST_TEST(inspect().tables.at(0).not_materialised == 0u);
  auto channel = inspect().tables.at(0).channel;
  BOOST_TEST((run(stack->engine->get("prod", "users", "u_1", reading()))->location.channel == channel));
  restart();
  drain();
  world.run_for(10s);
  auto messages = run(stack->rest.history_after(channel, {}, 100, {database::priority::read, world.now() + 1min}));
  BOOST_TEST(messages->value.size() == 5u);  // none was written twice
  BOOST_TEST(inspect().tables.at(0).superseded == 0u);
}

BOOST_AUTO_TEST_CASE(large_rows_go_through_attachments_unchanged) {
  create();
  std::string json = "{\"id\":\"big\",\"text\":\"" + std::string(100000, 'x') + "é\"}";
  BOOST_REQUIRE(insert("big", json).has_value());
  drain();
  restart();
  BOOST_TEST(get("big") == json);
}

BOOST_AUTO_TEST_CASE(an_import_accepts_or_refuses_each_row_by_itself) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  std::vector<database::new_row> rows{{"", R"({"id":"a"})"}, {"", R"({"id":"b"})"}, {"", "{"}, {"", R"({"id":"b"})"}, {"", R"({"n":1})"}, {"", R"({"id":"c"})"}};
  auto report = run(stack->engine->import("prod", "users", rows, context()));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->accepted == 2u);
  BOOST_REQUIRE(report->refused.size() == 4u);
  BOOST_TEST(report->refused[0].index == 0u);
  BOOST_TEST(contains(report->refused[0].reason, "already"));
  BOOST_TEST(contains(report->refused[2].reason, "stands twice"));
  restart();
  BOOST_TEST(find("{}") == "a b c ");
}

BOOST_AUTO_TEST_CASE(an_import_replaces_rows_that_are_there_if_it_is_told_to) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1,"old":true})").has_value());
  BOOST_REQUIRE(insert("gone", R"({"n":2})").has_value());
  BOOST_REQUIRE(remove("gone").has_value());
  BOOST_REQUIRE(insert("u", R"({"n":3})").has_value());
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());
  std::vector<database::new_row> rows{{"", R"({"id":"a","n":10})"}, {"", R"({"id":"gone","n":20})"}, {"", R"({"id":"b","n":3})"}, {"", R"({"id":"a","n":11})"}, {"", R"({"id":"c","n":1})"}, {"", "{"}};
  auto once = context();
  once.replace_rows = true;
  auto report = run(stack->engine->import("prod", "users", rows, once));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->accepted == 2u);
  BOOST_TEST((report->replaced == std::optional<std::size_t>(1)));  // gone is not there
  BOOST_REQUIRE(report->refused.size() == 4u);
  BOOST_TEST(contains(report->refused[0].reason, "unique"));  // u has 3
  BOOST_TEST(contains(report->refused[1].reason, "stands twice"));
  BOOST_TEST(contains(report->refused[2].reason, "unique"));  // a has 1 until this is committed
  for (bool again : {false, true}) {
    if (again) restart();
    BOOST_TEST(get("a") == R"({"id":"a","n":10})");
    BOOST_TEST(get("gone") == R"({"id":"gone","n":20})");
    BOOST_TEST(find(R"({"n":10})") == "a ");
    BOOST_TEST(find(R"({"n":1})") == "");
    BOOST_TEST(inspect().tables.at(0).rows == 3u);
    BOOST_TEST(run(stack->engine->get("prod", "users", "a", reading()))->version == 2u);
  }
  auto repeated = run(stack->engine->import("prod", "users", rows, once));
  BOOST_REQUIRE(repeated.has_value());
  BOOST_TEST((repeated->accepted == 2u && !repeated->replaced));
  drain();
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(an_import_of_many_rows_takes_few_requests) {
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({"", fmt::format("{{\"id\":{},\"text\":\"{}\"}}", i, std::string(180, 'x'))});
  auto before = inspect().groups;
  auto report = run(stack->engine->import("prod", "users", rows, context()));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->accepted == 5000u);
  BOOST_TEST(inspect().groups - before <= 2u);
  restart();
  BOOST_TEST(inspect().tables.at(0).rows == 5000u);
}

BOOST_AUTO_TEST_CASE(a_command_delivered_twice_acts_once_also_after_a_restart) {
  create();
  auto once = context();
  auto first = run(stack->engine->insert("prod", "users", {"a", R"({"n":1})"}, once));
  auto second = run(stack->engine->insert("prod", "users", {"a", R"({"n":1})"}, once));
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(second->repeated);
  BOOST_TEST(second->lsn == first->lsn);
  restart();
  auto third = run(stack->engine->insert("prod", "users", {"a", R"({"n":1})"}, once));
  BOOST_REQUIRE(third.has_value());
  BOOST_TEST((third->repeated && third->lsn == first->lsn && third->version == 1u));
  auto old = once;
  old.idempotency_key = "1403000000000000500";  // long before the simulation's time
  BOOST_TEST(contains(run(stack->engine->insert("prod", "users", {"z", "{}"}, old)).error().message, "too long ago"));
}

BOOST_AUTO_TEST_CASE(a_command_that_newer_ones_have_pushed_out_of_memory_is_refused_and_not_carried_out_again) {
  options.commands_kept = 3;
  create();
  auto once = context();
  BOOST_REQUIRE(run(stack->engine->insert("prod", "users", {"a", "{}"}, once)).has_value());
  world.run_for(1min);
  BOOST_REQUIRE(remove("a").has_value());
  for (const auto* key : {"b", "c"}) BOOST_REQUIRE(insert(key, "{}").has_value());
  for (int i = 0; i < 2; ++i) {
    auto again = run(stack->engine->insert("prod", "users", {"a", "{}"}, once));
    BOOST_REQUIRE(!again.has_value());
    BOOST_TEST(contains(again.error().message, "too long ago"));
    BOOST_TEST(find("{}") == "b c ");
    restart();
  }
  world.run_for(1min);  // three commands would be forgotten within seconds otherwise, and their age cannot be told that well
  BOOST_TEST(insert("d", "{}").has_value());
}

BOOST_AUTO_TEST_CASE(an_import_delivered_twice_answers_the_same) {
  create();
  std::vector<database::new_row> rows{{"", R"({"id":"a"})"}, {"", "{"}};
  auto once = context();
  run(stack->engine->import("prod", "users", rows, once));
  restart();
  auto again = run(stack->engine->import("prod", "users", rows, once));
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->accepted == 1u);
  BOOST_REQUIRE(again->refused.size() == 1u);
  BOOST_TEST(contains(again->refused[0].reason, "not valid JSON"));
}

BOOST_AUTO_TEST_CASE(mistakes_get_sentences_that_help) {
  create();
  auto& e = *stack->engine;
  BOOST_TEST(contains(run(e.get("nope", "users", "a", reading())).error().message, "there are: prod"));
  BOOST_TEST(contains(run(e.get("prod", "nope", "a", reading())).error().message, "it has: users"));
  BOOST_TEST(contains(run(e.create_database("Bad Name", context())).error().message, "not usable as a name"));
  BOOST_TEST(contains(run(e.create_table("prod", "a--b", "id", context())).error().message, "not usable as a name"));
  BOOST_TEST(contains(run(e.create_table("prod", "t", "", context())).error().message, "pk"));
  BOOST_TEST(contains(run(e.create_database("prod", context())).error().message, "exists already"));
  BOOST_TEST(contains(run(e.update("prod", "users", "x", R"({"n":1})", context())).error().message, "no row with key"));
  for (auto empty : {"{}", " { }\n"}) {
    BOOST_TEST(run(e.update("prod", "users", "x", empty, context())).error().message ==
               "patch_json names no field, so nothing would change; give what changes, e.g. {\"role\": \"admin\"}");
  }
}

BOOST_AUTO_TEST_CASE(databases_are_apart) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_database("test", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("test", "users", "id", context())).has_value());
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST(!run(stack->engine->get("test", "users", "a", reading())).has_value());
  restart();
  BOOST_TEST(stack->engine->databases().size() == 2u);
  BOOST_TEST(get("a") == R"({"id":"a"})");
}

BOOST_AUTO_TEST_CASE(past_the_memory_cap_new_rows_are_refused_and_updates_go_on) {
  options.memory_cap = 6000;
  create();
  int accepted = 0;
  base::error last;
  for (int i = 0; i < 120; ++i) {
    auto done = insert(fmt::format("u_{}", i), fmt::format("{{\"t\":\"{}\"}}", std::string(100, 'x')));
    if (done) ++accepted;
    if (!done) last = done.error();
  }
  BOOST_TEST(accepted > 20);  // more than would fit with their values
  BOOST_TEST(accepted < 100);
  BOOST_TEST((last.code == errc::limit_reached));
  BOOST_TEST(update("u_0", R"({"t":"y"})").has_value());
  BOOST_TEST(remove("u_1").has_value());
}

BOOST_AUTO_TEST_CASE(a_database_that_is_full_leaves_room_for_the_others) {
  options.database_memory_cap = 6'000;
  create();
  BOOST_REQUIRE(run(stack->engine->create_database("test", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("test", "users", "id", context())).has_value());
  std::optional<base::error> refusal;
  for (int i = 0; i < 120 && !refusal; ++i) {
    auto done = insert(fmt::format("u_{}", i), fmt::format("{{\"t\":\"{}\"}}", std::string(100, 'x')));
    if (!done) refusal = done.error();
  }
  BOOST_REQUIRE(refusal.has_value());
  BOOST_TEST((refusal->code == errc::limit_reached));
  BOOST_TEST(refusal->message.find("the memory for rows of database prod is nearly used up") == 0u, refusal->message);
  BOOST_TEST(refusal->message.ends_with("of 6000 bytes): no new rows are taken; delete some and use /dbc_vacuum, or raise DBCORD_DATABASE_MEMORY"), refusal->message);
  BOOST_TEST(run(stack->engine->insert("test", "users", {"a", "{}"}, context())).has_value());
  drain();
  auto figures = run(stack->engine->administration().figures("prod", reading()));
  BOOST_REQUIRE(figures.has_value());
  BOOST_TEST(figures->memory.cap == 6'000u);
  BOOST_TEST(figures->memory.used <= 6'000u);
  BOOST_TEST(stack->engine->administration().memory().used > figures->memory.used);
}

BOOST_AUTO_TEST_CASE(what_waits_in_all_databases_together_is_bounded) {
  options.backlog_cap_of_all = 3'000;
  create();
  BOOST_REQUIRE(run(stack->engine->create_database("test", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("test", "users", "id", context())).has_value());
  stack->store.on_post = [](auto, const auto&) { return fault::lost_before; };  // nothing comes through
  int done = 0;
  std::map<std::string, int> refused;
  auto attempt = [](database::engine& e, std::string name, database::write_context c, int i, int& full, int& all) -> actor::task<void> {
    database::new_row row{fmt::format("k{}", i), fmt::format("{{\"t\":\"{}\"}}", std::string(500, 'x'))};
    auto result = co_await e.insert(std::move(name), "users", std::move(row), std::move(c));
    if (!result && result.error().code == errc::backpressure) ++full;
    ++all;
  };
  auto begin = [&](std::string name) {
    for (int i = 0; i < 30; ++i) process->spawn(attempt(*stack->engine, name, context(), i, refused[name], done));
    world.run_for(1s);
  };
  begin("prod");
  begin("test");
  BOOST_TEST(refused["prod"] > 10);
  BOOST_TEST(refused["prod"] < 30);
  // One is being sent and one may always wait, whatever waits elsewhere.
  BOOST_TEST(refused["test"] == 28);
  stack->store.on_post = nullptr;
  world.run_until([&] { return done == 60; });
  BOOST_TEST(inspect().tables.at(0).rows == static_cast<unsigned>(30 - refused["prod"]));
  BOOST_TEST(run(stack->engine->inspect("test", reading()))->tables.at(0).rows == 2u);
  BOOST_TEST(insert("z", "{}").has_value());  // nothing is counted any more
}

BOOST_AUTO_TEST_CASE(past_the_backlog_cap_writes_are_refused) {
  options.backlog_cap = 3000;
  create();
  stack->store.on_post = [](auto, const auto&) { return fault::lost_before; };  // nothing comes through
  int refused = 0, others = 0;
  auto attempt = [](database::engine& e, database::write_context c, int i, int& full, int& rest) -> actor::task<void> {
    database::new_row row{fmt::format("k{}", i), fmt::format("{{\"t\":\"{}\"}}", std::string(500, 'x'))};
    auto result = co_await e.insert("prod", "users", std::move(row), std::move(c));
    if (!result && result.error().code == errc::backpressure) {
      ++full;
    } else {
      ++rest;
    }
  };
  for (int i = 0; i < 30; ++i) process->spawn(attempt(*stack->engine, context(), i, refused, others));
  world.run_for(1s);
  BOOST_TEST(refused > 10);
  stack->store.on_post = nullptr;
  world.run_until([&] { return refused + others == 30; });
  BOOST_TEST(inspect().tables.at(0).rows == static_cast<unsigned>(others));
}

BOOST_AUTO_TEST_SUITE_END()
