// Indexes of large tables are built while the table is written and read; a process that dies while it builds leaves that to the next one.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/table_state.hpp"
#include "dbcord/base/random.hpp"
#include "support/tried_points.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;
using database::index_state;
using database::table_state;

namespace {

// A table of which every index is built, not made at once.
struct built_table {
  table_state state{{1, "t", "id", {}}, "db"};
  database::ticket last = 0;
  std::uint64_t lsn = 0;
  std::map<database::ticket, protocol::operation> submitted;

  static std::string key(int i) { return fmt::format("k{:05}", i); }
  static std::string json(const std::string& key, int n) { return fmt::format(R"({{"id":"{}","n":{},"text":"{}"}})", key, n, std::string(150, 'x')); }

  database::ticket submit(const database::decision& d) {
    BOOST_TEST_REQUIRE(d.operation.has_value(), (d.refusal ? d.refusal->message : "nothing to write"));
    state.add_pending(++last, *d.operation, d.index_bytes);
    submitted[last] = *d.operation;
    return last;
  }
  void commit(database::ticket t) {
    ++lsn;
    state.commit(t, {submitted.at(t)}, lsn, base::message_id{lsn});
  }
  void abort(database::ticket t) { state.abort(t, {submitted.at(t)}); }
  void done(const database::decision& d) { commit(submit(d)); }
  void insert(const std::string& key, int n) { done(state.decide_insert(key, json(key, n))); }
  void begin(bool unique) { done(state.decide_create_index("n", unique, 0)); }
  std::string refusal(const database::decision& d) { return d.refusal ? d.refusal->message : "accepted"; }
  // All slices, without reading anything.
  void backfill() {
    std::string after;
    for (bool ended = false; !ended;) {
      auto slice = state.backfill(1, after);
      BOOST_TEST(slice.lacking.empty());
      ended = slice.ended;
      after = slice.last;
    }
  }
};

struct backfill_fixture : database_fixture {
  backfill_fixture() { options.index_at_once = 0; }

  static std::string key(int i) { return fmt::format("k{:05}", i); }
  static std::string json(int i, std::size_t bytes = 20) {
    return fmt::format(R"({{"id":"{}","n":{},"group":{},"text":"{}"}})", key(i), i, i % 10, std::string(bytes, 'x'));
  }
  void fill(int rows, std::size_t bytes = 20) {
    for (int begun = 0; begun < rows; begun += 500) {
      std::vector<database::new_row> some;
      for (int i = begun; i < std::min(rows, begun + 500); ++i) some.push_back({{}, json(i, bytes)});
      put_all(std::move(some));
    }
  }
  using outcome = std::optional<base::result<database::write_receipt>>;
  static actor::task<void> create_index(database::engine& e, std::string field, bool unique, database::write_context c, outcome& done) {
    done = co_await e.create_index("prod", "users", std::move(field), unique, std::move(c));
  }
  auto create_now(std::string field, bool unique) {
    return run(stack->engine->create_index("prod", "users", std::move(field), unique, context()));
  }
  database::table_summary users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  std::string states() {
    std::string all;
    for (const auto& index : users().indexes) all += index.field + " " + index.state + (index.why.empty() ? "" : ": " + index.why) + "\n";
    return all;
  }
  std::string plan_of(std::string where) {
    database::find_request request;
    request.where_json = std::move(where);
    request.explain_only = true;
    return run(stack->engine->find("prod", "users", std::move(request), reading()))->plan;
  }
  void check_sound() { BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u); }
  // Until nothing is being built.
  void settle() {
    for (int i = 0; i < 1'000 && states().find("building") != std::string::npos; ++i) world.run_for(1s);
    BOOST_TEST(states().find("building") == std::string::npos);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(index_backfill)

BOOST_FIXTURE_TEST_CASE(no_row_of_ten_thousand_is_read_twice_however_often_values_are_evicted, built_table) {
  constexpr int rows = 10'000;
  for (int i = 0; i < rows; ++i) insert(key(i), i);
  for (int i = 0; i < rows; ++i) state.materialised(key(i), 1, lsn - rows + static_cast<std::uint64_t>(i) + 1, base::message_id{1'000'000u + static_cast<unsigned>(i)});
  auto spared = [](std::string_view) { return false; };
  auto evict = [&](std::uint64_t bytes) {
    for (int round = 0; round < 3; ++round) state.evict(bytes, false, spared);
  };
  evict(1'500'000);
  begin(true);
  base::seeded_random random(7);
  std::map<std::string, int> reads;
  std::string after;
  for (bool ended = false; !ended;) {
    auto slice = state.backfill(1, after);
    BOOST_TEST(slice.rows <= 256u);
    for (const auto& k : slice.lacking) {
      ++reads[k];
      auto row = state.find(k);
      BOOST_TEST(state.admit(k, row->lsn, json(k, std::stoi(k.substr(1)))));
    }
    BOOST_TEST(state.still_lacking(slice.lacking).empty());
    evict(random.below(100'000));  // what was just read among it
    if (!slice.lacking.empty()) continue;  // taken again
    ended = slice.ended;
    after = slice.last;
  }
  BOOST_TEST(reads.size() > 1'000u);
  BOOST_TEST(reads.size() <= static_cast<std::size_t>(rows));
  for (const auto& [k, times] : reads) BOOST_TEST_REQUIRE(times == 1, k);
  done(state.decide_index_outcome(1, true));
  BOOST_TEST(state.indexes().on("n")->size() == static_cast<std::size_t>(rows));
  BOOST_TEST(state.damaged_indexes().empty());
}

// A second one that begins makes the digests of evicted rows incomplete, those of the first one's rows among them.
BOOST_FIXTURE_TEST_CASE(an_index_being_built_keeps_a_row_that_is_read_again_behind_its_round, built_table) {
  constexpr int rows = 100;
  for (int i = 0; i < rows; ++i) insert(key(i), i);
  for (int i = 0; i < rows; ++i) state.materialised(key(i), 1, static_cast<std::uint64_t>(i) + 1, base::message_id{1'000u + static_cast<unsigned>(i)});
  begin(true);
  backfill();
  for (int round = 0; round < 3; ++round) state.evict(1'000'000, false, [](std::string_view) { return false; });
  done(state.decide_create_index("other", false, 0));
  std::size_t read = 0;
  for (int i = 0; i < rows; ++i) {
    auto row = state.find(key(i));
    read += !row->resident && state.admit(key(i), row->lsn, json(key(i), i));
  }
  BOOST_TEST(read > 0u);
  BOOST_TEST(state.damaged_indexes().empty());
  done(state.decide_index_outcome(1, true));
  BOOST_TEST(state.indexes().on("n")->size() == static_cast<std::size_t>(rows));
}

// Those need no memory.
BOOST_FIXTURE_TEST_CASE(rows_that_an_index_has_already_or_that_lack_the_field_pass_where_memory_is_full, built_table) {
  for (int i = 0; i < 10; ++i) insert(key(i), i);
  begin(false);
  backfill();
  auto again = state.backfill(1, "", [](std::uint64_t) { return false; });
  BOOST_TEST(again.ended);
  BOOST_TEST(again.rows == 10u);
  BOOST_TEST(again.wants == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_unique_index_being_built_refuses_what_it_knows_and_fails_for_what_it_finds, built_table) {
  insert("a", 1);
  insert("z", 2);
  begin(true);
  BOOST_TEST((state.indexes().on("n") == nullptr));
  BOOST_TEST(refusal(state.decide_create_index("n", false)) == "table t has an index on n already");
  insert("b", 3);
  BOOST_TEST(refusal(state.decide_insert("c", json("c", 3))).starts_with("the field n is unique in table t, and row \"b\" has 3"));  // it knows b
  auto twin = submit(state.decide_insert("c", json("c", 2)));  // it does not know z yet
  backfill();
  auto waits = state.decide_index_outcome(1, true);
  BOOST_TEST((waits.rests_on == twin));
  BOOST_TEST(waits.refusal->message == "the field n cannot be unique in table t: rows \"c\" and \"z\" have 2");
  abort(twin);
  BOOST_TEST(std::get<protocol::index_outcome>(*state.decide_index_outcome(1, true).operation).ready);
  BOOST_TEST(refusal(state.decide_index_outcome(1, false)) == "not all rows are in the index yet");
  BOOST_TEST(refusal(state.decide_index_outcome(2, true)) == "table t is not building that index");
  BOOST_TEST(refusal(state.decide_index_failure(2, "lost")) == "table t is not building that index");
  BOOST_TEST(refusal(state.decide_insert("c", json("c", 2))).starts_with("the field n is unique"));  // now it does
}

BOOST_FIXTURE_TEST_CASE(a_failed_index_keeps_its_reason_binds_nobody_and_can_be_made_again, built_table) {
  insert("a", 1);
  insert("b", 1);
  begin(true);
  backfill();
  done(state.decide_index_outcome(1, false));  // as soon as it is seen
  auto status = state.indexes().status("n");
  BOOST_TEST((status->state == index_state::failed));
  BOOST_TEST(status->why == "the field n cannot be unique in table t: rows \"a\" and \"b\" have 1");
  BOOST_TEST(status->entries == 0u);
  insert("c", 1);
  table_state loaded{{1, "t", "id", {}}, "db"};
  loaded.load(state.begin_capture());
  BOOST_REQUIRE(loaded.load(state.capture(100'000)).has_value());
  BOOST_TEST(loaded.indexes().status("n")->why == status->why);
  BOOST_TEST(loaded.indexes().next_id() == 2u);
  done(state.decide_create_index("n", false, 0));
  BOOST_TEST(state.indexes().all().size() == 1u);
  BOOST_TEST((state.indexes().all()[0].state == index_state::building));
  done(state.decide_drop_index("n"));
  BOOST_TEST(state.indexes().all().empty());
  BOOST_TEST(state.backfill(2, "").gone);
}

BOOST_FIXTURE_TEST_CASE(a_slice_of_ten_thousand_rows_lets_others_in_between, backfill_fixture) {
  options.memory_cap = 8 * 1024 * 1024;
  create();
  constexpr int rows = 10'000;
  fill(rows, 600);
  drain();
  outcome done;
  auto c = context();
  c.progress = std::make_shared<database::work_progress>();
  process->spawn(create_index(*stack->engine, "n", true, c, done));
  world.run_until([&] { return c.progress->done > 0 || done; }, 1min);
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(c.progress->total == static_cast<std::uint64_t>(rows));
  int between = 0;
  for (int i = rows - 1; !done && i > 0; i -= 997) {
    BOOST_TEST(get(key(i)) == json(i, 600));
    if (!done) ++between;
  }
  BOOST_TEST(between > 0);
  BOOST_TEST(plan_of(R"({"n":5})").find("index on n") == std::string::npos);
  BOOST_TEST(states() == "n building\n");
  BOOST_TEST(insert("new", R"({"n":20000})").has_value());
  BOOST_TEST(update(key(rows - 1), R"({"n":20001})").has_value());
  BOOST_TEST((insert("newer", R"({"n":20000})").error().code == errc::duplicate_value));
  world.run_until([&] { return done.has_value(); }, 5min);
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST_REQUIRE(done->has_value(), done->error().message);
  BOOST_TEST(c.progress->done >= static_cast<std::uint64_t>(rows));
  BOOST_TEST(states() == "n ready\n");
  BOOST_TEST(users().indexes[0].entries == rows + 1u);
  BOOST_TEST(plan_of(R"({"n":5})").find("unique index on n") != std::string::npos);
  BOOST_TEST(find(R"({"n":20001})") == key(rows - 1) + " ");
  check_sound();
  restart();
  BOOST_TEST(states() == "n ready\n");
  BOOST_TEST((insert("third", R"({"n":77})").error().code == errc::duplicate_value));
}

BOOST_FIXTURE_TEST_CASE(duplicates_fail_the_index_and_the_sentence_names_two_rows, backfill_fixture) {
  create();
  fill(700);
  auto failed = create_now("group", true);
  BOOST_TEST_REQUIRE(!failed.has_value());
  BOOST_TEST((failed.error().code == errc::duplicate_value));
  BOOST_TEST(failed.error().message == "the field group cannot be unique in table users: rows \"k00000\" and \"k00010\" have 0");
  auto reason = "group failed: " + failed.error().message + "\n";
  BOOST_TEST(states() == reason);
  BOOST_TEST(insert("more", R"({"group":3})").has_value());
  for (int i = 0; i < 2; ++i) {
    restart();
    BOOST_TEST(states() == reason);
  }
  auto report = run(stack->engine->reindex("prod", "users", reading()));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->indexes.at(0).state == "failed");
  BOOST_TEST(!report->indexes.at(0).was_damaged);
  BOOST_TEST(create_now("group", false).has_value());
  BOOST_TEST(states() == "group ready\n");
  check_sound();
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_index_is_gone_and_so_is_one_that_is_dropped_meanwhile, backfill_fixture) {
  create();
  fill(2'000);
  for (bool cancels : {true, false}) {
    outcome done;
    auto c = context();
    c.progress = std::make_shared<database::work_progress>();
    process->spawn(create_index(*stack->engine, "n", true, c, done));
    world.run_until([&] { return c.progress->done > 0 || done; }, 1min);
    BOOST_REQUIRE(!done.has_value());
    if (cancels) {
      c.progress->cancelled = true;
    } else {
      BOOST_TEST(run(stack->engine->drop_index("prod", "users", "n", context())).has_value());
    }
    world.run_until([&] { return done.has_value(); }, 1min);
    BOOST_TEST_REQUIRE(done.has_value());
    BOOST_TEST(done->error().message == (cancels ? "making the index on n of table users was cancelled; there is none"
                                                 : "the index on n of table users was dropped before it was ready"));
    BOOST_TEST(states() == "");
  }
  BOOST_TEST(insert("twin", R"({"n":5})").has_value());
  restart();
  BOOST_TEST(states() == "");
}

BOOST_FIXTURE_TEST_CASE(whoever_does_not_wait_for_it_gets_it_all_the_same, backfill_fixture) {
  create();
  fill(2'000);
  stack->store.unreadable = false;
  auto c = context();
  auto group = create_now("group", false);
  BOOST_TEST(group.has_value());
  BOOST_TEST(run(stack->engine->drop_index("prod", "users", "group", context())).has_value());
  outcome done;
  process->spawn(create_index(*stack->engine, "n", true, c, done));
  world.run_until([&] { return users().indexes.size() == 1; }, 1min);
  BOOST_TEST(run(stack->engine->drop_table("prod", "users", context())).has_value());
  world.run_until([&] { return done.has_value(); }, 2min);
  BOOST_TEST_REQUIRE(done.has_value());
  BOOST_TEST(run(stack->engine->inspect("prod", reading()))->tables.empty());
}

// Killed after each change to Discord, and between: the next process builds what was begun, and nothing is lost.
BOOST_AUTO_TEST_CASE(a_process_that_dies_while_it_builds_leaves_that_to_the_next_one) {
  int building = 0, ready = 0, never = 0;
  auto points = points_to_try();
  for (bool checkpoints : {false, true}) {
    for (int n = points.first; n < 40; n += points.step) {
      backfill_fixture f;
      if (checkpoints) f.options.checkpoints.tail_messages = 2;
      f.create();
      f.fill(1'500);
      f.drain();
      backfill_fixture::outcome done;
      auto first = f.stack->store.changes;
      f.process->spawn(backfill_fixture::create_index(*f.stack->engine, "n", true, f.context(), done));
      f.world.run_until([&] { return f.stack->store.changes > first || done; }, 1min);
      f.world.run_for(std::chrono::milliseconds(n * 15));
      auto was_done = done.has_value();
      f.restart();
      BOOST_TEST_CONTEXT("killed " << n * 15 << " ms later" << (checkpoints ? ", with checkpoints" : "")) {
        auto states = f.states();
        if (states.empty()) ++never;
        if (states == "n building\n") ++building;
        if (states == "n ready\n") ++ready;
        if (was_done) BOOST_TEST(states == "n ready\n");
        auto twin = f.insert("twin", R"({"n":1499})");  // before or after the backfill has come to it
        f.settle();
        if (states.empty()) {
          BOOST_TEST(twin.has_value());
          continue;
        }
        BOOST_TEST(f.states().starts_with(twin ? "n failed" : "n ready"));
        if (twin) continue;
        BOOST_TEST(f.users().indexes.at(0).entries == 1'500u);
        f.check_sound();
        f.restart();
        BOOST_TEST(f.states() == "n ready\n");
        BOOST_TEST((f.insert("twin", R"({"n":3})").error().code == errc::duplicate_value));
      }
    }
  }
  BOOST_TEST_MESSAGE("never created " << never << ", being built " << building << ", ready " << ready);
  BOOST_TEST(building > 0);
  BOOST_TEST(ready > 0);
}

BOOST_AUTO_TEST_SUITE_END()
