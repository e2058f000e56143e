// Rows whose values are not in memory, and equality on fields without an index: only rows that can match are read, and none is missed.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/find_plan.hpp"
#include "database/row_access.hpp"
#include "protocol/row_fingerprints.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct fingerprints_fixture : database_fixture {
  static constexpr int rows = 2'000;
  static constexpr std::uint64_t row_bytes = 900, resident_most = 100;
  int ballast_rows = 0;

  fingerprints_fixture() {
    options.memory_cap = 1024 * 1024;
    options.checkpoints.tail_messages = 20;
    options.lease = 1h;  // nothing else is asked of Discord while a find is
  }

  static std::string key(int i) { return fmt::format("r{:04}", i); }
  static std::string json(int i) {
    return fmt::format(R"({{"id":"{}","city":"city {}","n":{},"tags":["t{}",[1]],"o":{{"x":{},"list":[{{"y":{}}},7]}},"none":null,"text":"{}"}})",
                       key(i), i % 500, i % 400, i % 300, i % 200, i % 125, std::string(700, static_cast<char>('a' + i % 26)));
  }
  std::uint64_t evictable() { return run(stack->engine->administration().figures("prod", reading()))->cache.bytes; }
  std::uint64_t evictions() { return run(stack->engine->administration().figures("prod", reading()))->cache.evictions; }

  // Until no more values are in memory, since keys take the room.
  void add_ballast(std::uint64_t values_left) {
    for (int i = 0; evictable() > values_left; ++i) {
      BOOST_REQUIRE(i < 40);
      std::vector<database::new_row> ballast;
      for (int j = 0; j < 100; ++j) ballast.push_back({std::string(240, 'x') + std::to_string(ballast_rows++), "{}"});
      auto put = run(stack->engine->import("prod", "ballast", std::move(ballast), context()));
      BOOST_TEST_REQUIRE(put.has_value(), put.error().message);
      BOOST_TEST_REQUIRE(put->refused.empty());
      world.run_for(10s);
    }
  }
  void fill() {
    create();
    fill_created();
  }
  void fill_created() {
    for (int begun = 0; begun < rows; begun += 100) {
      std::vector<database::new_row> some;
      for (int i = begun; i < begun + 100; ++i) some.push_back({{}, json(i)});
      put_all(std::move(some));
      drain();
    }
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "ballast", "id", context())).has_value());
    add_ballast(70 * row_bytes);
    drain();
    world.run_for(10min);
    BOOST_TEST_REQUIRE(inspect().checkpoints > 0u);
  }

  struct reading_of {
    std::uint64_t matched = 0, rows = 0, requests = 0;
    std::string plan;
  };
  reading_of ask(std::string where, bool explain = false) {
    database::find_request request;
    request.where_json = std::move(where);
    request.via = "memory";
    request.limit = 10'000;
    request.byte_budget = 64 * 1024 * 1024;
    request.explain_only = explain;
    auto before = net.stats().requests;
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    BOOST_TEST_REQUIRE(found.has_value(), found.error().message);
    return {found->matched, rows_read(found->plan), net.stats().requests - before, found->plan};
  }
  // "…; 12 rows were read from …": 12.
  static std::uint64_t rows_read(const std::string& plan) {
    auto from = plan.find(" read from");
    if (from == plan.npos) return 0;
    return std::stoull(plan.substr(plan.rfind("; ", from) + 2));
  }

  static constexpr std::uint64_t taken_for_others = 2;  // rows that seem to have the value: two in a thousand such questions here
  void check(const std::string& where, std::uint64_t matching, std::uint64_t to_read) {
    auto said = ask(where, true);
    auto found = ask(where);
    auto text = fmt::format("{}: {} match; {}; {} requests; before: {}", where, found.matched, found.plan, found.requests, said.plan);
    BOOST_TEST_MESSAGE(text);
    BOOST_TEST(found.matched == matching, text);
    BOOST_TEST(found.rows <= to_read + taken_for_others, text);
    BOOST_TEST(said.rows == found.rows, text);
    BOOST_TEST(said.requests == 0u, text);
    BOOST_TEST(found.requests <= 2 * found.rows, text);
    BOOST_TEST((contains(found.plan, " ruled out in memory; ") == (found.rows > 0)), text);
  }
  void check(const std::string& where, std::uint64_t matching) { check(where, matching, matching); }
  void check_all() {
    check(R"({"city":"city 7"})", 4);
    check(R"({"city":{"$in":["city 7","city 8","nowhere"]}})", 8);
    for (auto number : {"7", "7.0", "70e-1"}) check(fmt::format(R"({{"n":{}}})", number), 5);
    check(R"({"n":"7"})", 0);
    check(R"({"tags":"t7"})", 7);
    check(R"({"tags":1})", 0);
    check(R"({"o.x":3})", 10);
    check(R"({"o.list.y":5})", 16);
    check(R"({"o.list.z":5})", 0);
    check(R"({"city":"city 7","n":7})", 1);
    check(R"({"$or":[{"city":"city 7"},{"n":8}]})", 9);
    check(R"({"$or":[{"city":"nowhere"},{"$and":[{"n":8},{"o.x":8},{"text":{"$contains":"ii"}}]}]})", 1, 5);
    check(R"({"city":"city 7","o.x":{"$gte":100}})", 2, 4);
    check(R"({"city":"nowhere"})", 0);
  }
  // Of these, memory does not know.
  void check_what_reads_all() {
    auto all = [this](const std::string& where, std::uint64_t matching) {
      auto found = ask(where);
      BOOST_TEST(found.matched == matching, where << ": " << found.plan);
      BOOST_TEST(found.rows >= rows - resident_most, where << ": " << found.plan);
      BOOST_TEST_MESSAGE(where << ": " << found.plan << "; " << found.requests << " requests");
    };
    all(R"({"none":null})", rows);
    all(R"({"nowhere":{"$in":[null,1]}})", rows);
    all(R"({"tags.0":"t7"})", 7);
    all(R"({"tags":[1]})", rows);
    all(R"({"city":{"$ne":"city 7"}})", rows - 4);
    all(R"({"$nor":[{"city":"city 7"},{"n":8}]})", rows - 9);
  }
  void change() {
    BOOST_REQUIRE(update(key(7), R"({"city":"moved","o":{"x":4}})").has_value());
    BOOST_REQUIRE(update(key(8), R"({"city":"moved too"})").has_value());
    BOOST_REQUIRE(remove(key(507)).has_value());
    BOOST_REQUIRE(remove(key(508)).has_value());
    BOOST_REQUIRE(insert(key(507), R"({"city":"city 9","n":[1,7.0]})").has_value());
    for (int i = 600; i < 640; ++i) get(key(i));  // so that what was written goes as well
    drain();
    world.run_for(10min);
  }
  void check_changed() {
    auto matches = [this](const char* where, std::uint64_t count, std::uint64_t rows_most) {
      auto found = ask(where);
      BOOST_TEST(found.matched == count, where << ": " << found.plan);
      BOOST_TEST(found.rows <= rows_most + taken_for_others, where << ": " << found.plan);
    };
    matches(R"({"city":"city 7"})", 2, 2);
    matches(R"({"city":"city 8"})", 2, 2);
    matches(R"({"city":"city 9"})", 5, 5);
    matches(R"({"city":"moved"})", 1, 1);
    matches(R"({"city":{"$in":["moved","moved too"]}})", 2, 2);
    matches(R"({"n":7})", 6, 6);
    matches(R"({"o.x":4})", 11, 11);
  }
  void begin_again() {
    restart();
    world.run_for(10min);  // a start looks for deletions that it was not told of
  }
  void check_over_kills() {
    check_all();
    check_what_reads_all();
    begin_again();
    BOOST_TEST(evictions() < rows / 4u);  // the others come from the checkpoint without their values
    check_all();
    change();
    check_changed();
    begin_again();
    check_changed();
    begin_again();
    check_changed();
    BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
  }
};

// Rows as a checkpoint brings them.
struct loaded_rows_fixture {
  static constexpr std::uint64_t rows = 1'500;

  static std::string json(std::uint64_t i) { return fmt::format(R"({{"id":"r{:04}","n":{}}})", i, i % 10); }
  static std::string fingerprints(std::uint64_t i) {
    return protocol::row_fingerprints(*protocol::parse_json(json(i)), [](std::string_view) { return false; });
  }
  static protocol::image_row evicted(std::uint64_t i, std::string kept) {
    protocol::image_row row{fmt::format("r{:04}", i), "{}", 1, 10, base::message_id{100}, base::message_id{1'000 + i}, false};
    row.resident = false;
    row.json_size = json(i).size();
    row.fingerprints = std::move(kept);
    return row;
  }
  // As they are read, damaged or not.
  struct sink final : protocol::image_sink {
    std::vector<protocol::image_row> rows;
    void take(protocol::image_database) override {}
    base::result<void> take(protocol::image_table) override { return {}; }
    base::result<void> take(protocol::table_id, std::vector<protocol::image_row> some) override {
      rows = std::move(some);
      return {};
    }
    base::result<void> take_garbage(protocol::table_id, std::vector<base::message_id>) override { return {}; }
    base::result<void> take(protocol::table_id, protocol::image_history) override { return {}; }
    void take(std::vector<protocol::image_command>) override {}
  };
  template <class Kept>
  base::result<void> load(Kept kept) {
    std::vector<protocol::image_row> written;
    for (std::uint64_t i = 0; i < rows; ++i) written.push_back(evicted(i, kept(i)));
    std::string bytes;
    protocol::append_entry(bytes, 1, written);
    sink read;
    BOOST_REQUIRE(protocol::decode_image(bytes, read).has_value());
    BOOST_REQUIRE(read.rows.size() == rows);
    return state.load(std::move(read.rows));
  }
  database::find_plan plan(std::string where) const {
    database::find_request request;
    request.where_json = std::move(where);
    request.limit = 10'000;
    request.via = "memory";
    auto query = database::find_query::parse(request);
    BOOST_TEST_REQUIRE(query.has_value());
    database::search_sightings none(10);
    auto planned = database::plan_find(*query, query->access(state), *none.begin(), 4 * 1024 * 1024, {});
    std::vector<protocol::image_row> left;
    query->access(state).each([&](std::string_view key, const database::stored_row& row) {
      left.push_back({std::string(key), std::string(row.digest), 1, 1, {}, {}, false, row.resident, row.json_size, row.part, std::string(row.fingerprints)});
    });
    planned.leave_out_ruled_out(*query, left);
    BOOST_TEST(left.size() == planned.unread);
    return planned;
  }

  database::table_state state{{1, "users", "id", base::channel_id{5}}, "prod"};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(fingerprints, fingerprints_fixture)

BOOST_AUTO_TEST_CASE(equality_on_any_field_reads_only_rows_that_can_match_where_they_have_messages_of_their_own) {
  options.page_from = 1'000'000;
  fill();
  BOOST_TEST(run(stack->engine->inspect_table("prod", "users", reading()))->pages == 0u);
  check_over_kills();
}

BOOST_AUTO_TEST_CASE(so_it_does_where_they_lie_in_pages) {
  options.page_from = 32;
  fill();
  BOOST_TEST(run(stack->engine->inspect_table("prod", "users", reading()))->pages > 0u);
  check_over_kills();
}

BOOST_AUTO_TEST_CASE(so_it_does_beside_indexes_one_of_which_goes) {
  options.page_from = 1'000'000;
  options.memory_cap *= 2;
  create();
  for (auto field : {"n", "o.x"}) BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", field, false, context())).has_value());
  fill_created();
  check(R"({"city":"city 7"})", 4);
  check(R"({"o.list.y":5})", 16);
  auto by_index = ask(R"({"n":7,"city":"city 7"})");
  BOOST_TEST((by_index.matched == 1u && by_index.rows <= 1u), by_index.plan);
  BOOST_TEST(ask(R"({"o.list.y":5,"o.x":{"$gte":100}})").rows <= 8 + taken_for_others);
  BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "o.x", context())).has_value());
  check(R"({"city":"city 7"})", 4);
  check(R"({"o.x":3})", 10);
}

BOOST_AUTO_TEST_CASE(they_go_behind_the_values_where_keys_need_the_room) {
  options.page_from = 1'000'000;
  fill();
  check(R"({"city":"city 7"})", 4);
  add_ballast(0);
  for (int i = 0; i < 300; ++i) BOOST_REQUIRE(run(stack->engine->insert("prod", "ballast", {std::string(240, 'y') + std::to_string(i), "{}"}, context())).has_value());
  auto found = ask(R"({"city":"city 7"})");
  BOOST_TEST(found.matched == 4u);
  BOOST_TEST(found.rows > rows / 2u, found.plan);
  BOOST_TEST(contains(found.plan, "; an index on city would tell which rows to read"), found.plan);
}

BOOST_FIXTURE_TEST_CASE(a_row_of_which_an_older_checkpoint_keeps_no_fingerprints_is_read, loaded_rows_fixture) {
  BOOST_REQUIRE(load([](std::uint64_t i) { return i % 3 == 0 ? std::string() : fingerprints(i); }).has_value());
  auto some = plan(R"({"n":7})");
  BOOST_TEST(some.candidates == rows);
  BOOST_TEST(some.unread == rows / 3 + rows / 10 - rows / 30);  // those without, and those that match
  BOOST_TEST(some.ruled_out == rows - some.unread);
  BOOST_TEST(plan("{}").unread == rows);
}

BOOST_FIXTURE_TEST_CASE(so_is_one_of_which_it_keeps_bytes_that_are_no_fingerprints, loaded_rows_fixture) {
  auto damaged = [](std::uint64_t i) {
    auto bytes = fingerprints(i);
    switch (i % 4) {
      case 0: return bytes + "x";
      case 1: return bytes.substr(1);
      case 2: return std::string("\x02") + bytes.substr(1);
      default: return bytes + std::string(2 * protocol::fingerprints_most, 'x');
    }
  };
  BOOST_REQUIRE(load(damaged).has_value());
  BOOST_TEST(plan(R"({"n":7})").unread == rows);
}

BOOST_FIXTURE_TEST_CASE(what_stands_behind_a_digest_that_holds_their_mark_is_not_taken_for_them, loaded_rows_fixture) {
  auto row = evicted(1, "");
  row.json = "{}\x01xx";
  BOOST_TEST(!state.load({row}).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_find_that_reads_many_rows_says_which_index_would_spare_that, loaded_rows_fixture) {
  BOOST_REQUIRE(load([](std::uint64_t i) { return fingerprints(i); }).has_value());
  const std::string advice = "; an index on n would tell which rows to read";
  database::find_cost taken;
  taken.fetches = 15;
  auto range = plan(R"({"n":{"$gte":7}})");
  BOOST_TEST(range.text().ends_with(advice), range.text());
  BOOST_TEST(range.text_of_reading(1'001, taken).ends_with(advice));
  BOOST_TEST(!contains(range.text_of_reading(1'000, taken), "an index on"));
  for (auto where : {"{}", R"({"id":{"$gte":"r0001"}})", R"({"n":{"$exists":true}})", R"({"n":null})", R"({"n":7})", R"({"n":{"$in":[0,1,2,3,4,5,6,7,8]}})"}) {
    BOOST_TEST(!contains(plan(where).text(), "an index on"), plan(where).text());
  }
  BOOST_TEST(contains(range.over_budget(1)->message, "; make an index on n, or ask for fewer rows by their keys"), range.over_budget(1)->message);
}

BOOST_FIXTURE_TEST_CASE(of_an_or_it_names_each_field_that_the_branches_lack, loaded_rows_fixture) {
  BOOST_REQUIRE(load([](std::uint64_t i) { return fingerprints(i); }).has_value());
  auto advised = [this](const char* where, const std::string& what) {
    auto text = plan(where).text();
    BOOST_TEST(text.ends_with("; " + what + " would tell which rows to read"), where << ": " << text);
  };
  advised(R"({"$or":[{"n":{"$gte":7}},{"city":{"$prefix":"c"}}]})", "indexes on n and city");
  advised(R"({"$or":[{"n":{"$gte":7}},{"n":{"$lt":3}}]})", "an index on n");
  advised(R"({"$or":[{"id":"r0001"},{"n":{"$gte":7}}]})", "an index on n");
  advised(R"({"$or":[{"n":7},{"city":{"$gte":"c"}}]})", "indexes on n and city");
  advised(R"({"x":{"$exists":true},"$or":[{"n":{"$gte":7}},{"city":{"$gte":"c"},"k":{"$gt":1}}]})", "indexes on n and city");
  advised(R"({"$or":[{"$or":[{"n":{"$gt":1}},{"m":{"$gt":1}}]},{"k":{"$gt":1}}]})", "indexes on n, m and k");
  for (auto where : {R"({"$or":[{"n":7},{"n":8}]})", R"({"$or":[{"n":{"$gte":7}},{"city":{"$contains":"c"}}]})", R"({"$or":[{"n":{"$gte":7}},{"city":null}]})",
                     R"({"$or":[{"a":{"$gt":1}},{"b":{"$gt":1}},{"c":{"$gt":1}},{"d":{"$gt":1}},{"e":{"$gt":1}},{"f":{"$gt":1}}]})"}) {
    auto text = plan(where).text();
    BOOST_TEST(!contains(text, "would tell which rows"), where << ": " << text);
  }
  auto refused = plan(R"({"$or":[{"n":{"$gte":7}},{"city":{"$gte":"c"}}]})").over_budget(1);
  BOOST_TEST(contains(refused->message, "; make indexes on n and city, or ask for fewer rows by their keys"), refused->message);
}

// One listing would show a hundred rows more.
BOOST_AUTO_TEST_CASE(no_more_rows_are_read_than_explain_says_where_those_in_memory_are_nearly_enough) {
  options.page_from = 1'000'000;
  fill();
  for (int i = 0; i < 25; ++i) {
    if (i % 10 != 3) get(key(i));
  }
  database::find_request request;
  request.where_json = R"({"city":{"$prefix":"city"}})";
  request.via = "memory";
  request.limit = 22;
  request.byte_budget = 1024 * 1024;
  request.explain_only = true;
  auto said = run(stack->engine->find("prod", "users", request, reading()));
  BOOST_TEST_REQUIRE(said.has_value());
  BOOST_TEST(contains(said->plan, "; until enough match, up to 3 rows are read from "), said->plan);
  request.explain_only = false;
  auto found = run(stack->engine->find("prod", "users", request, reading()));
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(found->rows.size() == 22u);
  BOOST_TEST(contains(found->plan, "; 3 rows were read from "), found->plan);
}

BOOST_FIXTURE_TEST_CASE(equality_asks_for_an_index_too_where_memory_keeps_no_fingerprints, loaded_rows_fixture) {
  BOOST_REQUIRE(load([](std::uint64_t) { return std::string(); }).has_value());
  auto equality = plan(R"({"n":7})");
  BOOST_TEST(equality.text().ends_with("; an index on n would tell which rows to read"), equality.text());
}

BOOST_AUTO_TEST_SUITE_END()
