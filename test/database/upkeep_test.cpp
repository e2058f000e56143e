// Dropping tables, replacing rows, access rules, suggestions, mending: what each promises, also after a kill at any step.

#include <fmt/format.h>

#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct upkeep_fixture : database_fixture {
  auto drop(std::string table, std::string id = {}) {
    auto c = context();
    if (!id.empty()) c.idempotency_key = id;
    return run(stack->engine->drop_table("prod", std::move(table), c));
  }
  auto make_users() { return run(stack->engine->create_table("prod", "users", "id", context())); }
  auto replace(std::string key, std::string json, std::optional<std::uint64_t> version = {}) {
    auto c = context();
    c.expected_version = version;
    return run(stack->engine->replace("prod", "users", std::move(key), std::move(json), c));
  }
  // How many channels are named so.
  int channels(std::string name) {
    database::call_options options{database::priority::read, world.now() + 1min};
    auto present = run(stack->store.channels(options));
    int n = 0;
    for (const auto& c : present->value) n += c.name == name ? 1 : 0;
    return n;
  }
  std::vector<std::string> suggest(database::suggestion what, std::string typed, std::size_t limit = 25) {
    return run(stack->engine->suggest("prod", "users", what, std::move(typed), limit, world.now() + 1s));
  }
};

using names = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(upkeep, upkeep_fixture)

BOOST_AUTO_TEST_CASE(a_dropped_table_is_gone_and_its_name_is_free) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto dropped = drop("users");
  BOOST_REQUIRE(dropped.has_value());
  BOOST_TEST((dropped->lsn > 0));
  BOOST_TEST((insert("b", "{}").error().code == errc::unknown_table));
  BOOST_TEST(get("a").starts_with("database prod has no table \"users\""));
  BOOST_TEST((drop("users").error().code == errc::unknown_table));
  world.run_for(10s);
  BOOST_TEST(channels("table-users") == 0);
  BOOST_REQUIRE(make_users().has_value());
  BOOST_TEST(find("{}") == "");
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  restart();
  BOOST_TEST(get("a") == R"({"id":"a","n":1})");
  BOOST_TEST(channels("table-users") == 1);
}

BOOST_AUTO_TEST_CASE(a_table_made_while_the_dropped_ones_channel_is_still_there_gets_a_new_channel) {
  create();
  auto old = inspect().tables.at(0).channel;
  BOOST_REQUIRE(drop("users").has_value());
  BOOST_REQUIRE(make_users().has_value());
  BOOST_TEST((inspect().tables.at(0).channel != old));
  world.run_for(10s);
  BOOST_TEST(channels("table-users") == 1);
  BOOST_TEST((run(stack->engine->locate(old) ? stack->engine->inspect("none", reading()) : stack->engine->inspect("prod", reading())).has_value()));
}

BOOST_AUTO_TEST_CASE(what_replaces_a_row_of_one_table_does_not_replace_one_of_the_next_table_of_that_name) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto c = context();
  c.expected_version = 1;
  c.expected_id = run(stack->engine->inspect_table("prod", "users", reading()))->id;
  BOOST_REQUIRE(drop("users").has_value());
  BOOST_REQUIRE(make_users().has_value());
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  auto refused = run(stack->engine->replace("prod", "users", "a", R"({"id":"a","n":2})", c));
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::conflict), refused.error().message);
  BOOST_TEST(get("a") == R"({"id":"a","n":1})");
  c.expected_id = run(stack->engine->inspect_table("prod", "users", reading()))->id;
  BOOST_TEST(run(stack->engine->replace("prod", "users", "a", R"({"id":"a","n":2})", c)).has_value());
}

BOOST_AUTO_TEST_CASE(a_drop_given_twice_drops_once) {
  create();
  auto id = context().idempotency_key;
  auto first = drop("users", id);
  BOOST_REQUIRE(first.has_value());
  BOOST_REQUIRE(make_users().has_value());
  auto again = drop("users", id);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->repeated);
  BOOST_TEST(again->lsn == first->lsn);
  BOOST_TEST(inspect().tables.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_drop_that_discord_refuses_leaves_the_table_as_it_was) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  stack->store.fail_at = stack->store.changes;
  stack->store.kind = fault::refused;
  BOOST_TEST(!drop("users").has_value());
  world.run_for(1min);
  BOOST_TEST(get("a") == R"({"id":"a"})");
  BOOST_TEST(insert("b", "{}").has_value());
  BOOST_TEST(channels("table-users") == 1);
}

BOOST_AUTO_TEST_CASE(writes_that_race_with_a_drop_are_before_it_or_refused) {
  create();
  std::vector<actor::promise<base::result<database::write_receipt>>> outcomes;
  auto go = [this, &outcomes](actor::task<base::result<database::write_receipt>> work) {
    actor::promise<base::result<database::write_receipt>> done;
    outcomes.push_back(done);
    actor::asio::co_spawn(process->env().context, std::move(work), [done](std::exception_ptr, base::result<database::write_receipt> r) mutable { done.set(std::move(r)); });
  };
  for (int i = 0; i < 5; ++i) go(stack->engine->insert("prod", "users", {"a" + std::to_string(i), "{}"}, context()));
  go(stack->engine->drop_table("prod", "users", context()));
  for (int i = 0; i < 5; ++i) go(stack->engine->insert("prod", "users", {"b" + std::to_string(i), "{}"}, context()));
  std::size_t done = 0, gone = 0;
  for (auto& o : outcomes) {
    auto waiting = [](actor::promise<base::result<database::write_receipt>> p) -> actor::task<base::result<database::write_receipt>> { co_return co_await p.get(); };
    auto r = run(waiting(o));
    done += r.has_value();
    gone += !r && r.error().code == errc::unknown_table;
  }
  BOOST_TEST(done + gone == 11u);
  BOOST_TEST(done >= 1u);
  BOOST_TEST(inspect().tables.empty());
  restart();
  BOOST_TEST(inspect().tables.empty());
}

BOOST_AUTO_TEST_CASE(a_kill_at_any_time_leaves_the_table_whole_or_gone) {
  create();
  for (auto after = 0ms; after < 400ms; after += 20ms) {
    auto have = inspect().tables.size();
    if (have == 0) BOOST_REQUIRE(make_users().has_value());
    (void)insert("a", "{}");
    bool answered = false;
    actor::asio::co_spawn(process->env().context, stack->engine->drop_table("prod", "users", context()),
                          [&answered](std::exception_ptr e, base::result<database::write_receipt> r) { answered = !e && r.has_value(); });
    world.run_for(after);
    restart();
    bool there = !inspect().tables.empty();
    BOOST_TEST((!answered || !there));
    if (there) BOOST_TEST(get("a") == R"({"id":"a"})");
    world.run_for(10s);
    BOOST_TEST(channels("table-users") == (there ? 1 : 0));
  }
}

BOOST_AUTO_TEST_CASE(a_replaced_row_is_the_new_one_and_only_on_the_version_that_was_seen) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1,"old":true})").has_value());
  BOOST_REQUIRE(replace("a", R"({"id":"a","n":null})", 1).has_value());
  BOOST_TEST(get("a") == R"({"id":"a","n":null})");
  auto late = replace("a", R"({"id":"a","n":3})", 1);
  BOOST_TEST((late.error().code == errc::conflict));
  BOOST_TEST(late.error().message == "row \"a\" of table users was changed meanwhile: it has version 2, not 1; nothing was changed, look at it and try again");
  BOOST_TEST((replace("a", R"({"id":"b"})").error().code == errc::invalid_json));
  BOOST_TEST((replace("none", R"({"id":"none"})").error().code == errc::unknown_key));
  BOOST_TEST(replace("a", "[1]").error().message == "row_json must be a JSON object like {\"name\": \"value\"}");
  auto c = context();
  c.expected_version = 9;
  BOOST_TEST((run(stack->engine->remove("prod", "users", "a", c)).error().code == errc::conflict));
  BOOST_TEST((run(stack->engine->update("prod", "users", "a", R"({"n":4})", c)).error().code == errc::conflict));
  BOOST_TEST(get("a") == R"({"id":"a","n":null})");
  restart();
  BOOST_TEST(get("a") == R"({"id":"a","n":null})");
}

BOOST_AUTO_TEST_CASE(access_rules_survive_a_kill) {
  create();
  BOOST_TEST(stack->engine->access("prod").empty());
  protocol::access_rules rules;
  rules.write = {base::role_id{7}};
  BOOST_REQUIRE(run(stack->engine->set_access("prod", rules, context())).has_value());
  restart();
  BOOST_TEST(stack->engine->access("prod").json() == R"({"write":["7"]})");
  BOOST_TEST(stack->engine->access("none").empty());
}

BOOST_AUTO_TEST_CASE(suggestions_begin_as_typed_and_are_bounded) {
  create();
  for (auto key : {"u_1", "u_2", "u_3", "v_1"}) BOOST_REQUIRE(insert(key, R"({"role":"x","Ä":1})").has_value());
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "address.city", false, context())).has_value());
  BOOST_TEST(suggest(database::suggestion::keys, "u_") == names({"u_1", "u_2", "u_3"}), boost::test_tools::per_element());
  BOOST_TEST(suggest(database::suggestion::keys, "", 2) == names({"u_1", "u_2"}), boost::test_tools::per_element());
  BOOST_TEST(suggest(database::suggestion::fields, "") == names({"id", "role", "Ä", "address.city"}), boost::test_tools::per_element());
  BOOST_TEST(suggest(database::suggestion::indexes, "") == names({"address.city"}), boost::test_tools::per_element());
  BOOST_TEST(suggest(database::suggestion::rows, "").size() == 4u);  // each once, though they are looked for from either end
  BOOST_TEST(suggest(database::suggestion::rows, "", 1).front().starts_with("{\"id\":\"u_1\""));
  BOOST_TEST(run(stack->engine->suggest("prod", "none", database::suggestion::keys, "", 25, world.now() + 1s)).empty());
}

BOOST_AUTO_TEST_CASE(fields_within_fields_are_suggested_behind_the_fields_of_rows) {
  create();
  BOOST_REQUIRE(insert("a", R"({"address":{"city":"x","geo":{"lat":1,"":2}},"items":[{"price":1},[{"deep":1}],{"tags":[{"t":1}]}],"x.y":{"z":1},"name":"n"})").has_value());
  BOOST_REQUIRE(run(stack->engine->set_schema("prod", "users", R"({"properties":{"job.boss.name":"str"}})", false, context())).has_value());
  auto asked = stack->store.reads;
  BOOST_TEST(suggest(database::suggestion::fields, "") == names({"address", "id", "items", "job", "name", "address.city", "address.geo", "address.geo.lat", "items.price",
                                                                 "items.tags", "items.tags.t", "job.boss", "job.boss.name", "x.y"}), boost::test_tools::per_element());
  BOOST_TEST(suggest(database::suggestion::fields, "address.g") == names({"address.geo", "address.geo.lat"}), boost::test_tools::per_element());
  BOOST_TEST(suggest(database::suggestion::fields, "", 6) == names({"address", "id", "items", "job", "name", "address.city"}), boost::test_tools::per_element());
  BOOST_TEST(stack->store.reads == asked);
  std::string wide = R"({"w":{)";
  for (int i = 0; i < 3'000; ++i) wide += (i == 0 ? "" : ",") + fmt::format(R"("n{}":{})", i, i);
  BOOST_REQUIRE(insert("b", wide + "}}").has_value());
  BOOST_TEST(suggest(database::suggestion::fields, "w.", 10'000).size() <= 1'000u);
}

BOOST_AUTO_TEST_CASE(a_row_whose_message_is_gone_gets_a_new_one) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto row = run(stack->engine->get("prod", "users", "a", reading()));
  database::call_options options{database::priority::read, world.now() + 1min};
  BOOST_REQUIRE(run(stack->store.remove(row->location.channel, row->location.message, options)).has_value());
  auto found = run(stack->engine->verify("prod", "users", reading()));
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->problems == 1u);
  auto mended = run(stack->engine->repair("prod", "users", *found, reading()));
  BOOST_REQUIRE(mended.has_value());
  BOOST_TEST(mended->rewritten == 1u);
  drain();
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
  BOOST_TEST(run(stack->engine->reindex("prod", "users", reading()))->rows == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
