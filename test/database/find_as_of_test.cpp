// Finds of rows as they were: every answer is that of a naive evaluator over a copy of the rows that was kept at that LSN, whatever is in memory, wherever rows lie.

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "database/database_fixture.hpp"
#include "database/naive_query.hpp"
#include "database/naive_shape.hpp"
#include "database/row_operation.hpp"
#include "dbcord/base/time_text.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct as_of_fixture : database_fixture {
  using rows = std::map<std::string, json::object>;
  as_of_fixture() { options.lease = 1h; }

  base::seeded_random random{20261128};
  rows model;
  std::map<std::uint64_t, rows> copies;  // by the LSN of the write that made them so
  int early = 0, reading_ones = 0, behind_keys = 0;
  std::string plan;

  json::object draw_row(const std::string& key) {
    json::object row;
    if (key.starts_with("k")) row["id"] = json::string(key);
    else row["id"] = std::stoi(key);
    for (auto field : {"a", "b"}) {
      if (random.below(4) != 0) row[field] = naive_query::draw_scalar(random);
    }
    if (random.below(3) != 0) row["o"] = json::object{{"n", naive_query::draw_scalar(random)}, {"t", json::string(naive_query::draw_text(random))}};
    if (random.below(8) == 0) row["z"] = json::string(std::string(3'000, static_cast<char>('a' + random.below(26))));
    return row;
  }
  void write_one() {
    auto drawn = random.below(40);
    auto key = drawn < 12 ? std::to_string(drawn) : "k" + std::to_string(drawn);
    auto there = model.find(key);
    base::result<database::write_receipt> written = base::error(errc::damaged);
    if (there == model.end()) {
      auto row = draw_row(key);
      written = insert(key, json::serialize(row));
      model[key] = std::move(row);
    } else if (random.below(4) == 0) {
      written = remove(key);
      model.erase(there);
    } else {
      auto value = naive_query::draw_scalar(random);
      written = update(key, json::serialize(json::object{{"a", value}}));
      if (value.is_null()) there->second.erase("a");
      else there->second["a"] = std::move(value);
    }
    BOOST_REQUIRE(written.has_value());
    copies[written->lsn] = model;
  }
  const rows& copy_at(std::uint64_t lsn) const {
    static const rows nothing;
    auto behind = copies.upper_bound(lsn);
    return behind == copies.begin() ? nothing : std::prev(behind)->second;
  }

  std::string expected(const rows& then, const json::object& query, const naive_shape& shape, const database::find_request& request) const {
    auto skip = request.skip, limit = request.limit;
    std::vector<naive_shape::found_row> matching;
    for (const auto& [key, row] : then) {
      if ((!request.after || key > *request.after) && (!request.before || key < *request.before) && naive_query::holds(query, row)) matching.emplace_back(key, &row);
    }
    shape.order(matching);
    std::string shown;
    if (request.before) skip = matching.size() - std::min(matching.size(), limit);
    for (auto i = skip; i < std::min(matching.size(), skip + limit); ++i) shown += matching[i].first + shape.shown(*matching[i].second) + " ";
    return shown + "of " + std::to_string(matching.size());
  }
  base::result<database::find_answer> find_at(database::moment when, database::find_request request) {
    request.as_of = when;
    return run(stack->engine->find("prod", "users", std::move(request), reading()));
  }
  // "k1 k2 of 2", or the error's sentence.
  std::string found_at(database::moment when, const std::string& where, std::size_t limit = 100) {
    database::find_request request;
    request.where_json = where;
    request.limit = limit;
    auto answer = find_at(when, request);
    if (!answer) return answer.error().message;
    plan = answer->plan;
    std::string shown;
    for (const auto& r : answer->rows) shown += r.key + " ";
    return shown + "of " + std::to_string(answer->matched);
  }
  void compare_at(database::moment when, const rows& then) {
    auto query = random.below(3) == 0 ? naive_query::draw_bounds(random) : naive_query::draw(random).to_json();
    if (random.below(6) == 0) query = {};
    auto shape = naive_shape::draw(random);
    database::find_request request;
    request.where_json = json::serialize(query);
    request.sort = shape.sort();
    request.fields = shape.fields();
    request.skip = random.below(4) == 0 ? random.below(6) : 0;
    request.limit = random.below(3) == 0 ? random.below(6) + 1 : 1'000;
    request.count_only = random.below(6) == 0;
    if (request.sort.empty() && when.lsn % 3 == 0 && !model.empty()) {  // where all are a row was then, or is now
      request.after = std::next(model.begin(), static_cast<std::ptrdiff_t>(when.lsn % model.size()))->first;
      ++behind_keys;
    } else if (request.sort.empty() && request.skip == 0 && when.lsn % 3 == 1 && !model.empty()) {
      request.before = std::next(model.begin(), static_cast<std::ptrdiff_t>(when.lsn % model.size()))->first;
    }
    auto right = expected(then, query, shape, request);
    auto all = right.substr(right.rfind(' ') + 1);
    auto answer = find_at(when, request);
    std::string got = answer ? "" : answer.error().message;
    if (answer) {
      reading_ones += contains(answer->plan, " read from ");
      early += answer->not_all_seen;
      for (const auto& r : answer->rows) got += r.key + naive_shape::text_of(json::parse(r.json)) + " ";
      bool fits = answer->not_all_seen && answer->matched >= request.skip + request.limit && answer->matched <= std::stoull(all);
      got += "of " + (fits ? all : std::to_string(answer->matched));
    }
    if (request.count_only) right = "of " + all;
    BOOST_TEST(got == right, "LSN " << when.lsn << ": " << request.where_json << ", sort \"" << request.sort << "\", after \""
                                    << request.after.value_or("") << "\", before \"" << request.before.value_or("") << "\", skip " << request.skip << ", limit " << request.limit << " found " << got << " instead of " << right);
  }
  // At every LSN from the first write on.
  void compare_all() {
    for (auto lsn = copies.begin()->first - 1; lsn <= copies.rbegin()->first; ++lsn) compare_at({lsn, {}}, copy_at(lsn));
  }
  void compare_while_rows_change() {
    create();
    for (int round = 0; round < 6; ++round) {
      for (int i = 0; i < 40; ++i) write_one();
      if (round % 2 == 0) drain();
      compare_all();
      if (round % 3 == 1) restart();
    }
    restart();
    compare_all();
    BOOST_TEST_MESSAGE(copies.size() << " versions of the table, " << reading_ones << " finds that read, " << early << " that ended early");
    BOOST_TEST(reading_ones > 100);
    BOOST_TEST(early > 0);
    BOOST_TEST(behind_keys > 20);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(finds_as_of, as_of_fixture)

// What a key was before its first version that is left is unknown up to the LSN at which that one, or the row as it is, begins.
BOOST_AUTO_TEST_CASE(when_the_history_is_cut_a_find_behind_the_horizon_is_refused_and_all_others_are_right) {
  create();
  int refused = 0, answered = 0;
  for (std::uint32_t versions : {2u, 1u, 0u}) {
    for (int i = 0; i < 60; ++i) write_one();
    BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", versions, 30, context())).has_value());
    if (versions == 1) restart();
    for (const auto& [lsn, then] : copies) {
      database::find_request all;
      all.where_json = "{}";
      all.limit = 1'000;
      auto answer = find_at({lsn, {}}, all);
      ++(answer ? answered : refused);
      if (!answer) BOOST_TEST((answer.error().code == errc::horizon), answer.error().message);
      if (answer) BOOST_TEST(answer->matched == then.size(), "LSN " << lsn << ", " << versions << " versions kept");
    }
  }
  BOOST_TEST(refused > 100);
  BOOST_TEST(answered > 5);
}

BOOST_AUTO_TEST_CASE(a_find_as_of_any_lsn_finds_what_was_there_then_also_after_kills) {
  compare_while_rows_change();
}

BOOST_AUTO_TEST_CASE(so_it_does_where_rows_lie_in_pages) {
  options.page_from = 2;
  compare_while_rows_change();
}

BOOST_AUTO_TEST_CASE(so_it_does_when_values_are_evicted_and_indexes_are_there) {
  options.memory_cap = 256 * 1024;
  create();
  for (auto field : {"a", "o.t"}) BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", field, false, context())).has_value());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) write_one();
    drain();
    compare_all();
  }
  BOOST_TEST(reading_ones > 100);
}

BOOST_AUTO_TEST_CASE(a_find_as_of_a_time_is_of_the_last_write_before_it) {
  create();
  std::vector<std::pair<base::system_time, rows>> moments{{world.wall_now(), {}}};
  for (int i = 0; i < 20; ++i) {
    world.run_for(1min);
    write_one();
    world.run_for(1min);
    moments.emplace_back(world.wall_now(), model);
  }
  for (bool restarted : {false, true}) {
    if (restarted) restart();
    for (const auto& [time, then] : moments) {
      for (int n = 0; n < 3; ++n) compare_at({0, time}, then);
    }
  }
}

BOOST_AUTO_TEST_CASE(all_rows_of_a_transaction_are_seen_or_none) {
  create();
  std::vector<std::uint64_t> lsns;
  for (int n = 0; n < 10; ++n) {
    auto put = [n](std::string_view key) { return fmt::format(R"({{"op":"put","table":"users","key":"{}","value":{{"n":{}}}}})", key, n); };
    auto steps = database::parse_row_operations("[" + put("x") + "," + put("y") + "]", 1'000);
    BOOST_REQUIRE(steps.has_value());
    auto done = run(stack->engine->transact("prod", std::move(*steps), context()));
    BOOST_REQUIRE(done.has_value());
    lsns.push_back(done->lsn);
  }
  BOOST_TEST(found_at({lsns[0] - 1, {}}, "{}") == "of 0");
  for (std::size_t n = 0; n < lsns.size(); ++n) {
    BOOST_TEST(found_at({lsns[n], {}}, R"({"n":)" + std::to_string(n) + "}") == "x y of 2");
    BOOST_TEST(found_at({lsns[n], {}}, R"({"n":{"$ne":)" + std::to_string(n) + "}}") == "of 0");
  }
}

// The moment stays the same while the table changes under the find's hands.
BOOST_AUTO_TEST_CASE(rows_that_change_while_they_are_read_are_found_as_they_were) {
  create();
  for (int i = 0; i < 60; ++i) BOOST_REQUIRE(insert("k" + std::to_string(100 + i), R"({"n":1})").has_value());
  for (int i = 0; i < 60; i += 2) BOOST_REQUIRE(update("k" + std::to_string(100 + i), R"({"n":2})").has_value());
  drain();
  auto then = inspect().lsn;
  auto right = found_at({then, {}}, R"({"n":2})");
  for (int i = 0; i < 60; i += 3) BOOST_REQUIRE(update("k" + std::to_string(100 + i), R"({"n":3})").has_value());
  database::find_request request;
  request.where_json = R"({"n":2})";
  request.limit = 100;
  request.as_of = database::moment{then, {}};
  std::string got;
  auto finding = [](database::engine& e, database::find_request r, database::read_context c, std::string& out) -> actor::task<void> {
    auto answer = co_await e.find("prod", "users", std::move(r), c);
    if (!answer) out = answer.error().message;
    else {
      for (const auto& row : answer->rows) out += row.key + " ";
      out += "of " + std::to_string(answer->matched);
    }
  };
  process->spawn(finding(*stack->engine, request, reading(), got));
  for (int i = 0; i < 60; i += 2) BOOST_REQUIRE(remove("k" + std::to_string(100 + i)).has_value());
  world.run_for(1min);
  BOOST_TEST(got == right);
  BOOST_TEST(right.ends_with("of 30"));
}

BOOST_AUTO_TEST_CASE(what_is_behind_the_horizon_is_refused_with_the_first_lsn_that_is_not) {
  create();
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 2, 30, context())).has_value());
  auto quiet = insert("quiet", R"({"n":0})")->lsn;
  std::vector<std::uint64_t> lsns{insert("a", R"({"n":0})")->lsn};
  for (int i = 1; i < 6; ++i) lsns.push_back(update("a", R"({"n":)" + std::to_string(i) + "}")->lsn);
  auto sentence = "as_of: table users keeps no versions of all these rows from so long ago; the first LSN of which all is known is " + std::to_string(lsns[3]);
  for (bool restarted : {false, true}) {
    BOOST_TEST_CONTEXT("restarted: " << restarted) {
      if (restarted) restart();
      BOOST_TEST(found_at({lsns[2], {}}, "{}") == sentence);
      BOOST_TEST(found_at({lsns[2], {}}, R"({"id":{"$in":["a","quiet"]}})") == sentence);
      BOOST_TEST(found_at({lsns[3], {}}, R"({"n":3})") == "a of 1");
      BOOST_TEST(found_at({quiet, {}}, R"({"id":"quiet"})") == "quiet of 1");
      BOOST_TEST(found_at({lsns[2], {}}, R"({"id":{"$gte":"b"}})") == "quiet of 1");
      BOOST_TEST(found_at({lsns[5], {}}, "{}") == "a quiet of 2");
    }
  }
  // Of a row that is gone for good nothing tells any more that there was one.
  auto gone = insert("gone", "{}")->lsn;
  BOOST_REQUIRE(remove("gone").has_value());
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 30, context())).has_value());
  auto answer = found_at({gone, {}}, R"({"id":{"$gte":"b"}})");
  BOOST_TEST(contains(answer, "the first LSN of which all is known is "));
  auto known_from = std::stoull(answer.substr(answer.rfind(' ') + 1));
  BOOST_TEST(found_at({known_from, {}}, "{}") == "a quiet of 2");
  BOOST_TEST(contains(found_at({known_from - 1, {}}, "{}"), "the first LSN of which all is known is "));
}

BOOST_AUTO_TEST_CASE(a_find_as_of_a_moment_says_what_it_takes_and_keeps_to_its_budget) {
  create();
  for (int i = 0; i < 30; ++i) BOOST_REQUIRE(insert("k" + std::to_string(100 + i), R"({"n":1})").has_value());
  drain();
  auto then = inspect().lsn;
  BOOST_TEST(contains(found_at({then, {}}, R"({"n":1})"), " of 30"));
  BOOST_TEST(plan == "as of LSN " + std::to_string(then) + ", scan of 30 rows in memory, 0 requests");
  for (int i = 0; i < 30; ++i) BOOST_REQUIRE(update("k" + std::to_string(100 + i), R"({"n":2})").has_value());
  drain();
  auto requests = net.stats().requests;
  BOOST_TEST(contains(found_at({then, {}}, R"({"n":1})"), " of 30"));
  BOOST_TEST(net.stats().requests - requests == 1u);
  BOOST_TEST(plan == "as of LSN " + std::to_string(then) + ", scan of 30 rows; 30 rows were read from their messages or the log, 1 request");
  BOOST_TEST(found_at({then, {}}, R"({"id":"k107"})") == "k107 of 1");
  BOOST_TEST(contains(plan, ", primary key; 1 row was read from its message or the log, 1 request"), plan);
  BOOST_TEST(found_at({then, {}}, R"({"id":{"$prefix":"k10"},"n":2})") == "of 0");
  BOOST_TEST(contains(plan, ", range of primary keys; 10 rows were read from their messages or the log, 1 request"), plan);
  database::find_request request;
  request.explain_only = true;
  request.where_json = R"({"n":1})";
  auto explained = find_at({then, {}}, request);
  BOOST_REQUIRE(explained.has_value());
  BOOST_TEST(contains(explained->plan, "30 rows are read from their messages or the log, about 1 request, 1 s"), explained->plan);
  request.explain_only = false;
  request.count_only = true;
  request.request_budget = 0;
  auto refused = find_at({then, {}}, request);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().message.starts_with("this find would take about 1 request, 1 s, for 30 rows not in memory, and may take 0 requests; "), refused.error().message);
  request.where_json = "{}";
  auto counted = find_at({then, {}}, request);
  BOOST_REQUIRE(counted.has_value());
  BOOST_TEST(counted->matched == 30u);
  BOOST_TEST(counted->plan == "as of LSN " + std::to_string(then) + ", scan of 30 rows, counted in memory, 0 requests");
}

// How large older versions are nobody knows before some are read.
BOOST_AUTO_TEST_CASE(a_find_of_older_versions_in_files_that_nobody_foresaw_keeps_to_its_budget) {
  create();
  for (int i = 0; i < 200; ++i) {
    auto large = R"({"n":1,"z":")" + std::string(3'000, 'z') + "\"}";
    BOOST_REQUIRE(insert("k" + std::to_string(1'000 + i), large).has_value());
  }
  drain();
  auto then = inspect().lsn;
  for (int i = 0; i < 200; ++i) BOOST_REQUIRE(update("k" + std::to_string(1'000 + i), R"({"z":null})").has_value());
  drain();
  database::find_request request;
  request.where_json = R"({"n":1})";
  request.limit = 100;
  request.request_budget = 6;
  auto refused = find_at({then, {}}, request);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().message.starts_with("this find has found "), refused.error().message);
  request.count_only = true;
  refused = find_at({then, {}}, request);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().message.starts_with("this find has taken "), refused.error().message);
  request.request_budget = 100;
  auto found = find_at({then, {}}, request);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->matched == 200u);
}

BOOST_AUTO_TEST_CASE(a_moment_of_the_future_and_guild_search_are_refused) {
  create();
  auto newest = insert("a", R"({"n":1})")->lsn;
  BOOST_TEST(found_at({newest, {}}, "{}") == "a of 1");
  BOOST_TEST(found_at({newest + 100, {}}, "{}") == fmt::format("as_of: the newest LSN is {}, so nothing is known of {}", newest, newest + 100));
  auto now = world.wall_now();
  BOOST_TEST(found_at({0, now + 5s}, "{}") == "a of 1");  // by a clock that is a little fast
  BOOST_TEST(found_at({0, now + 24h}, "{}").starts_with("as_of: " + base::to_utc_text(now + 24h) + " is yet to come; the latest moment is now, 2026-"));
  BOOST_TEST(found_at({0, base::system_time::max()}, "{}").starts_with("as_of: 2262-04-11T23:47:16Z is yet to come; "));
  database::find_request request;
  request.where_json = R"({"n":1})";
  request.via = "search";
  auto refused = find_at({newest, {}}, request);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().message == "the argument via:search finds rows as they are, not as_of another moment; leave one of the two out");
}

BOOST_AUTO_TEST_SUITE_END()
