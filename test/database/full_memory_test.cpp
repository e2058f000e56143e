// Memory that is nearly full of what cannot be evicted: what can go still goes.

#include <fmt/format.h>

#include "bot/kept_log.hpp"
#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "database/storage_upkeep.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct full_memory : database_fixture {
  full_memory() {
    options.memory_cap = 64 * 1024;
    options.checkpoints.enabled = false;
  }

  std::uint64_t held() {
    std::uint64_t bytes = 0;
    for (const auto& t : inspect().tables) bytes += t.memory;
    return bytes;
  }
  std::uint64_t values_held() { return run(stack->engine->administration().figures("prod", reading()))->cache.bytes; }
  std::vector<database::new_row> rows_of(std::string_view prefix, int count, std::size_t text) {
    std::vector<database::new_row> some;
    for (int i = 0; i < count; ++i) some.push_back({{}, fmt::format(R"({{"id":"{}{}","t":"{}"}})", prefix, 1'000 + i, std::string(text, 'x'))});
    return some;
  }
  static actor::task<void> keep(database::engine& e, database::read_context c, std::optional<base::result<database::snapshot_summary>>& done) {
    done = co_await e.snapshot("prod", "users", std::move(c));
  }
  void change(std::string_view table, int times) {
    BOOST_REQUIRE(run(stack->engine->insert("prod", std::string(table), {"a", "{}"}, context())).has_value());
    for (int i = 0; i < times; ++i) {
      auto done = run(stack->engine->update("prod", std::string(table), "a", fmt::format(R"({{"n":{}}})", i), context()));
      BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_that_is_full, full_memory)

// Deleting and reading go on, or there would be no way out but more memory.
BOOST_AUTO_TEST_CASE(an_opening_that_cannot_fit_says_what_it_needs_and_what_it_may_have) {
  kept_log lines;
  log = &lines;
  options.memory_cap = 1024 * 1024;
  create();
  put_all(rows_of("k", 2'000, 10));
  restart();
  BOOST_TEST(!lines.has("no room for new rows"), lines.text);
  auto needed = run(stack->engine->administration().figures("prod", reading()))->memory.fixed;
  options.memory_cap = needed / 2;
  restart();
  BOOST_TEST(lines.has("the memory leaves no room for new rows database=prod needed="), lines.text);
  BOOST_TEST(lines.has(fmt::format("cap={} why=keys, places, indexes and older versions of all databases together need at least 0.", needed / 2)), lines.text);
  auto refused = insert("new", "{}");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(get("k1000") == R"({"id":"k1000","t":"xxxxxxxxxx"})");
  for (int i = 0; i < 1'900; ++i) BOOST_REQUIRE(remove(fmt::format("k{}", 1'000 + i)).has_value());
  drain();
  BOOST_REQUIRE(run(stack->engine->storage().vacuum("prod", "users", false, {world.now() + 24h})).has_value());
  lines.text.clear();
  restart();
  BOOST_TEST(!lines.has("no room for new rows"), lines.text);
  BOOST_TEST(insert("new", "{}").has_value());
  log = nullptr;
}

BOOST_AUTO_TEST_CASE(values_that_come_in_after_there_was_nothing_to_evict_are_evicted) {
  create();
  for (int i = 0; held() < options.memory_cap / 100 * 80; ++i) put_all(rows_of(fmt::format("k{}", i), 20, 0));
  drain();
  put_all(rows_of("v", 8, 300));
  drain();
  world.run_for(1min);
  BOOST_TEST(values_held() <= options.memory_cap / 100);
  BOOST_TEST(get("v1003").size() > 300u);
}

// Who reads it keeps what it was until he has ended; then it weighs nothing.
BOOST_AUTO_TEST_CASE(a_table_that_is_dropped_while_it_is_read_holds_no_memory_when_that_has_ended) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "others", "id", context())).has_value());
  for (int i = 0; i < 10; ++i) put_all(rows_of(fmt::format("k{}", i), 20, 1'000));
  drain();
  std::optional<base::result<database::snapshot_summary>> kept;
  process->spawn(keep(*stack->engine, reading(), kept));
  world.run_for(200ms);
  BOOST_REQUIRE(!kept);
  BOOST_REQUIRE(run(stack->engine->drop_table("prod", "users", context())).has_value());
  BOOST_REQUIRE(world.run_until([&] { return kept.has_value(); }, 5min));
  world.run_for(1min);
  auto all = run(stack->engine->administration().figures("prod", reading()))->memory;
  BOOST_TEST(all.used < options.memory_cap / 4);
  change("others", 3);
}

// There must be a way on for what has begun; its rows take most before they are committed.
BOOST_AUTO_TEST_CASE(columns_are_altered_by_as_few_rows_at_a_time_as_there_is_room_for) {
  create();
  for (int i = 0; held() < options.memory_cap / 100 * 88; ++i) put_all(rows_of(fmt::format("k{}", i), 20, 0));
  drain();
  std::optional<base::result<database::alteration_report>> altered;
  auto alter = [](database::engine& e, database::write_context c, auto& done) -> actor::task<void> {
    auto change = *protocol::column_change::add("n", R"({"type":"int","default":1})");
    auto report = co_await e.administration().alter_columns("prod", "users", std::move(change), false, std::move(c));
    done = std::move(report);
  };
  auto until = context();
  until.deadline = world.now() + 24h;
  process->spawn(alter(*stack->engine, std::move(until), altered));
  std::uint64_t most = 0;
  BOOST_REQUIRE(world.run_until([&] {
    most = std::max(most, stack->engine->administration().memory().used);
    return altered.has_value();
  }, 24h));
  BOOST_TEST_REQUIRE(altered->has_value(), altered->error().message);
  BOOST_TEST(most <= options.memory_cap / 20 * 21);  // values that can go do so a moment later
  BOOST_TEST(get("k01003") == R"({"id":"k01003","t":"","n":1})");
}

// Adoption counts them after a start has brought older versions back, for which there was room until then.
BOOST_AUTO_TEST_CASE(superseded_messages_that_a_start_finds_push_older_versions_out) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "other", "id", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 1, 1, context())).has_value());
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "other", 1'000, 30, context())).has_value());
  change("other", 800);
  change("users", 4'000);
  drain();
  BOOST_TEST(held() <= options.memory_cap);
  restart();
  world.run_for(5min);
  BOOST_TEST(inspect().tables.at(0).superseded > 2'000u);
  BOOST_TEST(inspect().tables.at(1).past_versions > 0u);
  BOOST_TEST(held() <= options.memory_cap);
}

// Well inside the horizon, so nobody would know but by this.
BOOST_AUTO_TEST_CASE(older_versions_that_rows_push_out_are_counted_and_told_of) {
  kept_log lines;
  log = &lines;
  create();
  change("users", 200);
  auto before = inspect().tables.at(0);
  BOOST_TEST(before.past_versions == 100u);  // of 200: the horizon
  BOOST_TEST(before.versions_given_up == 0u);
  auto begun = world.wall_now();
  for (int i = 0; inspect().tables.at(0).versions_given_up == 0; ++i) {
    BOOST_TEST_REQUIRE(i < 200);
    put_all(rows_of(fmt::format("k{}", i), 20, 0));
  }
  auto after = inspect().tables.at(0);
  BOOST_TEST(after.past_versions + after.versions_given_up == 100u);
  BOOST_TEST((after.last_given_up >= begun));
  BOOST_TEST(lines.has("memory is short, so older versions of rows were given up before their time database=prod table=users versions_since_the_start="), lines.text);
  auto history = run(stack->engine->history("prod", "users", {"a", 200}, reading()));
  BOOST_REQUIRE(history.has_value());
  BOOST_TEST(history->known == after.past_versions + 1);
  BOOST_TEST(!history->complete);
  log = nullptr;
}

BOOST_AUTO_TEST_CASE(a_transaction_pushes_out_as_many_older_versions_as_it_needs) {
  create();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 10'000, 30, context())).has_value());
  change("users", 1);
  for (int i = 0; held() < options.memory_cap / 100 * 55; ++i) BOOST_REQUIRE(update("a", fmt::format(R"({{"n":{}}})", i)).has_value());
  auto step = [this](std::string_view id) {
    return fmt::format(R"({{"op":"insert","table":"users","value":{{"id":"{}","t":"{}"}}}})", id, std::string(options.memory_cap / 100 * 36, 'x'));
  };
  auto steps = database::parse_row_operations(fmt::format("[{},{}]", step("b"), step("c")), 1'000'000);
  BOOST_REQUIRE(steps.has_value());
  auto done = run(stack->engine->transact("prod", *steps, context()));
  BOOST_TEST(done.has_value(), (done ? "" : done.error().message));
  BOOST_TEST(inspect().tables.at(0).past_versions > 0u);
}

BOOST_AUTO_TEST_CASE(new_keys_are_refused_when_even_without_values_nothing_is_left_while_changes_go_on) {
  options.memory_cap = 256 * 1024;
  create();
  int taken = 0;
  for (; taken < 5'000; ++taken) {
    auto put = insert(std::string(200, 'k') + std::to_string(taken), "{}");
    if (put) continue;
    BOOST_TEST((put.error().code == database::errc::limit_reached));
    break;
  }
  BOOST_TEST(taken > 500);
  BOOST_TEST(taken < 1'200);
  BOOST_TEST(update(std::string(200, 'k') + "3", R"({"n":1})").has_value());
  BOOST_TEST(remove(std::string(200, 'k') + "4").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
