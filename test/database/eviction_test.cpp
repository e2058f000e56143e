// Values that do not fit into memory: they are read again from their messages and from the log, and nobody sees a difference but in time.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct eviction_fixture : database_fixture {
  static constexpr int rows = 400;
  static constexpr std::size_t row_bytes = 1'000;

  eviction_fixture() {
    options.memory_cap = 256 * 1024;  // holds about a third of the rows
    options.page_from = 1'000'000;    // pages have tests of their own
    options.checkpoints.tail_messages = 20;
  }

  static std::string key(int i) { return "k" + std::to_string(1'000 + i); }
  static std::string json(int i) {
    return "{\"id\":\"" + key(i) + "\",\"n\":" + std::to_string(i) + ",\"group\":" + std::to_string(i % 10) + ",\"text\":\"" +
           std::string(row_bytes, static_cast<char>('a' + i % 26)) + "\"}";
  }
  void fill() {
    create();
    fill_created();
  }
  void fill_created() {
    for (int begun = 0; begun < rows; begun += 40) {
      std::vector<database::new_row> some;
      for (int i = begun; i < begun + 40; ++i) some.push_back({{}, json(i)});
      put_all(std::move(some));
    }
  }
  auto users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  void check_all() {
    for (int i = 0; i < rows; ++i) BOOST_TEST_REQUIRE(get(key(i)) == json(i));
    BOOST_TEST(users().memory <= options.memory_cap);
  }
  static actor::task<void> told_to_try_again(database::engine& engine, std::string row_key, database::read_context context, int& told) {
    auto row = co_await engine.get("prod", "users", std::move(row_key), context);
    ++told;
    BOOST_TEST(row.has_error());
    if (row.has_error()) BOOST_TEST(contains(row.error().message, "cannot be read now, try again later: "), row.error().message);
  }
  static database::row_operation written(database::row_action action, std::string table, std::string row_key) {
    database::row_operation step;
    step.action = action;
    step.table = std::move(table);
    step.json = fmt::format(R"({{"id":"{}"}})", row_key);
    step.key = std::move(row_key);
    return step;
  }
  std::uint64_t matching(std::string where) {
    database::find_request request;
    request.where_json = std::move(where);
    request.count_only = true;
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    BOOST_TEST_REQUIRE(found.has_value(), found.error().message);
    return found->matched;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(eviction, eviction_fixture)

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_are_read_from_the_log_then_from_their_messages_and_after_a_restart) {
  fill();
  BOOST_TEST(users().memory < 200 * 1024u);
  BOOST_TEST(users().bytes > rows * row_bytes);
  auto cache = [this] { return run(stack->engine->administration().figures("prod", reading()))->cache; };
  auto before = cache();
  BOOST_TEST(before.evictions > 0u);
  BOOST_TEST(before.bytes > 0u);
  BOOST_TEST(before.bytes < users().memory);
  check_all();
  auto after = cache();
  BOOST_TEST(after.misses - before.misses > rows / 3u);
  BOOST_TEST((after.hits - before.hits) + (after.misses - before.misses) == static_cast<std::uint64_t>(rows));
  BOOST_TEST(after.evictions > before.evictions);
  drain();
  check_all();
  for (int i = 0; i < 3; ++i) {
    restart();
    check_all();
  }
  drain();
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(a_find_sees_the_rows_of_one_moment_though_values_are_read_one_after_the_other) {
  fill();
  drain();
  BOOST_TEST(matching("{}") == rows);
  BOOST_TEST(matching(R"({"group":3})") == rows / 10);
  BOOST_TEST(matching(R"({"id":{"$gte":"k1100","$lt":"k1200"}})") == 100);
  database::find_request request;
  request.where_json = R"({"group":3})";
  request.sort = "n desc";
  request.limit = 2;
  auto found = run(stack->engine->find("prod", "users", request, reading()));
  BOOST_REQUIRE(found.has_value());
  BOOST_REQUIRE(found->rows.size() == 2u);
  BOOST_TEST(found->rows[0].key == key(393));
  BOOST_TEST(found->rows[1].json == json(383));
  BOOST_TEST(found->plan.find("read from") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(values_are_read_though_the_channel_looks_empty_for_want_of_a_permission) {
  options.checkpoints.tail_messages = 5;
  options.checkpoints.share = 1000;
  options.checkpoints.segment_messages = 8;
  restart();
  fill();
  drain();
  auto filled_at = inspect().lsn;
  for (int i = 0; i < 100 && inspect().log_first_lsn <= filled_at; ++i) {
    BOOST_REQUIRE(update(key(0), R"({"n":0})").has_value());
    drain();
  }
  BOOST_REQUIRE(inspect().log_first_lsn > filled_at);  // the values lie in their messages only
  stack->store.hidden = true;
  BOOST_TEST(matching(R"({"group":3})") == rows / 10);
}

BOOST_AUTO_TEST_CASE(changes_that_need_the_old_value_read_it_first) {
  fill();
  for (int i = 0; i < rows; i += 37) {
    BOOST_REQUIRE(update(key(i), R"({"text":"short"})").has_value());
    BOOST_TEST(get(key(i)) == "{\"id\":\"" + key(i) + "\",\"n\":" + std::to_string(i) + ",\"group\":" + std::to_string(i % 10) + ",\"text\":\"short\"}");
  }
  database::row_operation step;
  step.table = "users";
  step.key = key(5);
  step.action = database::row_action::update;
  step.add.push_back({"n", "100"});
  auto done = run(stack->engine->transact("prod", {step}, context()));
  BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  BOOST_TEST(matching(R"({"n":105})") == 2);
  for (int i = 0; i < rows; i += 2) BOOST_REQUIRE(remove(key(i)).has_value());
  BOOST_TEST(matching("{}") == rows / 2);
}

BOOST_AUTO_TEST_CASE(indexes_and_schemas_hold_for_rows_whose_values_are_elsewhere) {
  fill();
  drain();
  auto unique = run(stack->engine->create_index("prod", "users", "n", true, context()));
  BOOST_TEST_REQUIRE(unique.has_value(), unique.error().message);
  BOOST_TEST((run(stack->engine->create_index("prod", "users", "group", true, context())).error().code == errc::duplicate_value));
  BOOST_TEST((insert("new", R"({"n":7})").error().code == errc::duplicate_value));
  BOOST_REQUIRE(update(key(7), R"({"n":1007})").has_value());
  BOOST_REQUIRE(insert("new", R"({"n":7})").has_value());
  BOOST_REQUIRE(remove(key(9)).has_value());
  BOOST_REQUIRE(insert("other", R"({"n":9})").has_value());
  auto refused = run(stack->engine->set_schema("prod", "users", R"({"properties":{"group":{"type":"int","max":8}}})", false, context()));
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().message.find("39 rows") != std::string::npos, refused.error().message);
  BOOST_TEST(run(stack->engine->set_schema("prod", "users", R"({"properties":{"group":{"type":"int","max":9}}})", false, context())).has_value());
  restart();
  BOOST_TEST((insert("third", R"({"n":200})").error().code == errc::duplicate_value));
  BOOST_TEST(matching(R"({"n":{"$lt":10}})") == 10);
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(an_index_whose_creation_only_the_log_knows_is_whole_after_a_restart) {
  fill();
  drain();
  auto written = inspect().checkpoints;
  BOOST_REQUIRE(written > 0u);
  restart();  // evicted rows come from the checkpoint, without the field
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());
  BOOST_REQUIRE(remove(key(11)).has_value());
  restart();
  BOOST_TEST((insert("new", R"({"n":12})").error().code == errc::duplicate_value));
  BOOST_TEST(insert("new", R"({"n":11})").has_value());
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(a_row_whose_only_message_is_deleted_by_hand_is_written_again_from_the_log) {
  fill();
  drain();
  auto channel = users().channel;
  std::vector<base::message_id> gone;
  for (int i = 0; i < rows; i += 50) gone.push_back(run(stack->engine->get("prod", "users", key(i), reading()))->location.message);
  database::call_options call{database::priority::interactive, world.now() + 1min};
  for (auto message : gone) BOOST_REQUIRE(run(stack->rest.remove(channel, message, call)).has_value());
  BOOST_TEST(get(key(50)) == json(50));
  stack->engine->messages_deleted(channel, gone);
  world.run_for(1s);
  drain();
  check_all();
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

// The log in many segments.
struct segmented_eviction_fixture : eviction_fixture {
  segmented_eviction_fixture() {
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1'000;
    options.checkpoints.segment_messages = 4;
  }
  void truncate() {
    BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
    for (int i = 0; i < 40 && inspect().log_first_lsn <= 20; ++i) {
      BOOST_REQUIRE(insert("later" + std::to_string(i), "{}").has_value());
      drain();
      world.run_for(30s);
    }
    BOOST_REQUIRE(inspect().log_first_lsn > 20u);
  }
};

BOOST_FIXTURE_TEST_CASE(values_are_read_from_whichever_segment_of_the_log_holds_them, segmented_eviction_fixture) {
  fill();
  BOOST_REQUIRE(world.run_until([&] { return inspect().log_segments > 1; }, 5min));
  BOOST_REQUIRE(users().not_materialised > rows / 2u);
  check_all();
  restart();
  check_all();
  truncate();
  check_all();
  restart();
  check_all();
}

BOOST_FIXTURE_TEST_CASE(a_value_that_is_nowhere_any_more_is_named_and_stops_nobody, segmented_eviction_fixture) {
  fill();
  drain();
  truncate();
  for (int i = 200; i < 400; ++i) get(key(i));  // now the first ones are not in memory
  auto channel = users().channel;
  auto message = run(stack->engine->get("prod", "users", key(3), reading()))->location.message;
  for (int i = 200; i < 400; ++i) get(key(i));
  database::call_options call{database::priority::interactive, world.now() + 1min};
  BOOST_REQUIRE(run(stack->rest.remove(channel, message, call)).has_value());
  stack->engine->messages_deleted(channel, {message});
  world.run_for(10s);
  auto lost = run(stack->engine->get("prod", "users", key(3), reading()));
  BOOST_REQUIRE(lost.has_error());
  BOOST_TEST((lost.error().code == errc::damaged));
  BOOST_TEST(lost.error().message.find(key(3)) != std::string::npos, lost.error().message);
  BOOST_REQUIRE(insert("afterwards", "{}").has_value());
  BOOST_TEST(world.run_until([&] { return users().not_materialised <= 1; }, 5min));  // the others are written
  BOOST_TEST(get(key(4)) == json(4));
  BOOST_REQUIRE(remove(key(3)).has_value());
  BOOST_TEST(insert(key(3), json(3)).has_value());
  BOOST_TEST(get(key(3)) == json(3));
}

// Without its message, and with a log that has dropped its record, a row's value is nowhere.
struct damaged_row_fixture : segmented_eviction_fixture {
  void fill_and_lose(int i) {
    create();
    for (auto field : {"group", "n"}) BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", field, false, context())).has_value());
    fill_created();
    drain();
    truncate();
    auto message = run(stack->engine->get("prod", "users", key(i), reading()))->location.message;
    database::call_options call{database::priority::interactive, world.now() + 1min};
    BOOST_REQUIRE(run(stack->rest.remove(users().channel, message, call)).has_value());
    for (int other = 200; other < rows; ++other) get(key(other));
  }
  static database::find_request asking(std::string where, std::size_t limit = 1'000, std::string sort = "") {
    database::find_request request;
    request.where_json = std::move(where);
    request.limit = limit;
    request.sort = std::move(sort);
    return request;
  }
  // "k1000 k1001", or the error's sentence.
  std::string keys_of(database::find_request request) {
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    if (!found) return found.error().message;
    std::string keys;
    for (const auto& row : found->rows) keys += (keys.empty() ? "" : " ") + row.key;
    return keys;
  }
};

BOOST_AUTO_TEST_CASE(a_sort_by_the_primary_key_ends_when_the_page_is_full_unless_keys_may_be_numbers) {
  fill();
  drain();
  for (int i = 0; i < rows / 2; ++i) get(key(i));  // the last ones are not in memory
  auto reads_of = [&](const char* sort, const char* keys) {
    auto before = net.stats().requests;
    database::find_request request;
    request.sort = sort;
    request.limit = 3;
    auto found = run(stack->engine->find("prod", "users", request, reading()));
    BOOST_TEST_REQUIRE(found.has_value(), found.error().message);
    std::string text;
    for (const auto& row : found->rows) text += row.key + " ";
    BOOST_TEST(text == keys);
    return net.stats().requests - before;
  };
  BOOST_TEST(reads_of("id desc", "k1399 k1398 k1397 ") <= 2u);
  BOOST_TEST(reads_of("id", "k1000 k1001 k1002 ") <= 2u);
  BOOST_TEST(reads_of("-id, n", "k1399 k1398 k1397 ") > 2u);  // nothing knows of n
  BOOST_REQUIRE(insert("", R"({"id":7})").has_value());
  BOOST_REQUIRE(insert("", R"({"id":"70"})").has_value());
  for (int i = 0; i < rows; ++i) get(key(i));  // those are evicted, too
  BOOST_TEST(reads_of("id", "7 70 k1000 ") > 2u);
  BOOST_TEST(reads_of("id desc", "k1399 k1398 k1397 ") > 2u);
}

BOOST_FIXTURE_TEST_CASE(a_damaged_row_fails_each_find_that_it_may_belong_to_and_no_other, damaged_row_fixture) {
  fill_and_lose(3);
  const std::string named = "table users: version 1 of row \"k1003\" cannot be read: ";
  auto skipping = asking("{}", 1);
  skipping.skip = 3;
  auto counting = asking(R"({"group":{"$ne":4}})");
  counting.count_only = true;
  for (const auto& request : {asking("{}"), skipping, counting, asking("{}", 4), asking(R"({"n":{"$gte":0}})", 4, "n"), asking("{}", 3, "text"), asking(R"({"group":3})"),
                              asking(R"({"text":{"$contains":"zzz"}})"), asking(R"({"text":{"$contains":"dd"},"group":{"$ne":4}})"),
                              asking(R"({"$or":[{"group":7},{"text":{"$contains":"dd"}}]})"), asking(R"({"n":{"$not":{"$gt":3}}})")}) {
    auto told = keys_of(request);
    BOOST_TEST(told.starts_with(named), request.where_json << ": " << told);
  }
  // What comes along with the rows of the page.
  BOOST_TEST(keys_of(asking("{}", 3)) == "k1000 k1001 k1002");
  BOOST_TEST(keys_of(asking(R"({"n":{"$gte":0}})", 3, "n")) == "k1000 k1001 k1002");
  BOOST_TEST(keys_of(asking(R"({"text":{"$contains":"b"}})", 1)) == "k1001");
  // What memory tells that it does not match: by an index that finds it, by its key, by what is kept of its value.
  BOOST_TEST(keys_of(asking(R"({"group":3,"id":{"$gt":"k1380"}})")) == "k1383 k1393");
  BOOST_TEST(keys_of(asking(R"({"group":3,"n":{"$gt":380}})")) == "k1383 k1393");
  BOOST_TEST(keys_of(asking(R"({"group":3,"n":{"$nin":[3]}})", 1)) == "k1013");
  BOOST_TEST(matching(R"({"$or":[{"group":4},{"n":{"$gt":3}}]})") == rows - 4u);
  BOOST_REQUIRE(remove(key(3)).has_value());
  BOOST_TEST(keys_of(asking("{}", 4)) == "k1000 k1001 k1002 k1004");
}

// Of another table, which nobody writes any more.
BOOST_AUTO_TEST_CASE(older_versions_make_room_for_new_rows_of_whatever_table) {
  using rows_in = std::function<bool(eviction_fixture&, std::vector<std::string>)>;  // false: some were refused
  auto one_by_one = [](eviction_fixture& f, std::vector<std::string> keys) {
    return std::all_of(keys.begin(), keys.end(), [&](const auto& k) { return f.run(f.stack->engine->insert("prod", "other", {k, "{}"}, f.context())).has_value(); });
  };
  auto at_once = [](eviction_fixture& f, std::vector<std::string> keys) {
    std::vector<database::row_operation> steps;
    for (auto& k : keys) steps.push_back(written(database::row_action::insert, "other", k));
    return f.run(f.stack->engine->transact("prod", std::move(steps), f.context())).has_value();
  };
  auto imported = [](eviction_fixture& f, std::vector<std::string> keys) {
    std::vector<database::new_row> rows;
    for (auto& k : keys) rows.push_back({k, "{}"});
    auto put = f.run(f.stack->engine->import("prod", "other", std::move(rows), f.context()));
    return put && put->refused.empty();
  };
  for (const auto& [how, write] : std::vector<std::pair<std::string, rows_in>>{{"one by one", one_by_one}, {"in transactions", at_once}, {"imported", imported}}) {
    BOOST_TEST_CONTEXT(how) {
      eviction_fixture f;
      f.create();
      BOOST_REQUIRE(f.run(f.stack->engine->create_table("prod", "other", "id", f.context())).has_value());
      for (int round = 0; f.users().memory < f.options.memory_cap / 10 * 8; ++round) {
        BOOST_REQUIRE(round < 200);
        std::vector<database::row_operation> steps;
        for (int i = 0; i < 50; ++i) steps.push_back(written(database::row_action::put, "users", key(i)));
        BOOST_REQUIRE(f.run(f.stack->engine->transact("prod", std::move(steps), f.context())).has_value());
      }
      int taken = 0;
      for (bool all = true; all; taken += all ? 10 : 0) {
        BOOST_REQUIRE(taken < 2'000);
        std::vector<std::string> keys;
        for (int i = 0; i < 10; ++i) keys.push_back(fmt::format("{:0>200}", taken + i));
        all = write(f, std::move(keys));
      }
      BOOST_TEST(taken > 500);
      BOOST_TEST(taken < 1'200);
      BOOST_TEST(f.users().memory < f.options.memory_cap / 8);
      BOOST_TEST(f.update(key(3), R"({"n":1})").has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_find_and_a_schema_that_read_values_tell_how_far_they_are_and_can_be_cancelled) {
  fill();
  drain();
  database::read_context reads = reading();
  auto begin = [&] { return reads.progress = std::make_shared<database::work_progress>(); };
  database::find_request all;
  all.limit = rows;
  auto progress = begin();
  auto found = run(stack->engine->find("prod", "users", all, reads));
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(progress->total == static_cast<std::uint64_t>(rows));
  BOOST_TEST(progress->done == static_cast<std::uint64_t>(rows));
  begin()->cancelled = true;
  found = run(stack->engine->find("prod", "users", all, reads));
  BOOST_TEST((found.error().code == base::errc::stopping));
  BOOST_TEST(found.error().message == "the search for rows was cancelled");

  auto writes = context();
  writes.progress = std::make_shared<database::work_progress>();
  writes.progress->cancelled = true;
  const std::string schema = R"({"properties":{"n":"int"}})";
  auto set = run(stack->engine->set_schema("prod", "users", schema, false, writes));
  BOOST_TEST((set.error().code == base::errc::stopping));
  BOOST_TEST(users().schema_json == "{}");
  writes = context();
  writes.progress = std::make_shared<database::work_progress>();
  BOOST_REQUIRE(run(stack->engine->set_schema("prod", "users", schema, false, writes)).has_value());
  BOOST_TEST(writes.progress->total > 0u);
  BOOST_TEST(writes.progress->done == writes.progress->total);
}

// Of two who want it one asks Discord; the other is told the same when its time is up.
BOOST_AUTO_TEST_CASE(a_value_that_does_not_come_in_time_is_worth_another_try) {
  fill();
  drain();
  for (int i = 200; i < 400; ++i) get(key(i));
  stack->store.silent = true;
  int told = 0;
  for (auto limit : {60s, 10s}) {
    process->spawn(told_to_try_again(*stack->engine, key(3), {world.now() + limit}, told));
  }
  world.run_for(11s);
  BOOST_TEST(told == 1);
  stack->store.silent = false;
  stack->store.release.notify();
  world.run_for(2s);
  BOOST_TEST(told == 2);
  BOOST_TEST(get(key(3)) == json(3));
}

BOOST_AUTO_TEST_CASE(a_value_that_cannot_be_read_now_is_worth_another_try) {
  fill();
  drain();
  for (int i = 200; i < 400; ++i) get(key(i));  // now the first ones are not in memory
  stack->store.unreadable = true;
  database::find_request request;
  request.where_json = R"({"n":{"$lt":200}})";
  auto refused = run(stack->engine->find("prod", "users", std::move(request), {world.now() + 10s}));
  stack->store.unreadable = false;
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().code == errc::unavailable));
  BOOST_TEST(refused.error().message.starts_with("table users: a row that is not in memory cannot be read now, try again later: "), refused.error().message);
  BOOST_TEST(matching(R"({"n":3})") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
