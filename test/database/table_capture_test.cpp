// A capture is the table as it stood when it was begun, whatever changes meanwhile.
#include <boost/test/unit_test.hpp>

#include <random>

#include "database/table_state.hpp"

namespace dbcord::database {

namespace {

using content = std::map<std::string, std::string>;

content content_of(const table_state& state) {
  content all;
  for (const auto& [key, row] : state.rows()) all[std::string(key)] = fmt::format("{} {} {} {}", row.json, row.version, row.lsn, row.log_message.value);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(table_capture_suite)

BOOST_AUTO_TEST_CASE(it_is_of_the_moment_at_which_it_was_begun_and_loads_as_the_same_table) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    table_state state{{1, "users", "id", base::channel_id{5}}, "prod"};
    std::uint64_t lsn = 0;
    auto next = [&]() -> std::optional<protocol::row_version> {
      auto rows = state.next_dirty(100).rows;
      return rows.empty() ? std::nullopt : std::optional(rows.front());
    };
    auto change = [&] {
      auto key = std::to_string(random() % 40);
      ++lsn;
      base::message_id message{lsn * 10};
      if (random() % 3 == 0) {
        state.replay(protocol::delete_row{1, key, lsn}, lsn, message);
      } else {
        state.replay(protocol::put_row{1, key, lsn, "{\"n\":" + std::to_string(lsn) + "}"}, lsn, message);
      }
      if (auto dirty = next(); dirty && random() % 2 == 0) state.materialised(dirty->key, dirty->version, dirty->lsn, base::message_id{lsn * 10 + 1});
      if (auto dirty = next(); dirty && random() % 8 == 0) state.set_aside(dirty->key, dirty->lsn);
    };
    for (int i = 0; i < 60; ++i) change();
    auto before = content_of(state);
    auto head = state.begin_capture();
    BOOST_TEST(head.rows == before.size());
    table_state loaded{{1, "users", "id", base::channel_id{5}}, "prod"};
    loaded.load(head);
    for (;;) {
      for (auto n = random() % 6; n > 0; --n) change();
      auto slice = state.capture(1 + random() % 200);
      if (slice.empty()) break;
      BOOST_REQUIRE(loaded.load(std::move(slice)).has_value());
    }
    for (int i = 0; i < 5; ++i) change();
    BOOST_TEST(state.capture(100).empty());
    state.end_capture();
    BOOST_TEST((content_of(loaded) == before));
    std::size_t without_message = 0;
    for (const auto& [key, row] : loaded.rows()) without_message += row.row_message ? 0 : 1;
    BOOST_TEST(loaded.not_materialised() == without_message);
  }
}

BOOST_AUTO_TEST_CASE(keys_that_are_given_are_read_in_their_order_as_they_were_at_that_moment) {
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    table_state state{{1, "users", "id", base::channel_id{5}}, "prod"};
    std::uint64_t lsn = 0;
    auto change = [&] {
      auto key = std::to_string(random() % 40);
      ++lsn;
      if (random() % 3 == 0) state.replay(protocol::delete_row{1, key, lsn}, lsn, base::message_id{lsn * 10});
      else state.replay(protocol::put_row{1, key, lsn, fmt::format(R"({{"n":{}}})", lsn)}, lsn, base::message_id{lsn * 10});
    };
    for (int i = 0; i < 60; ++i) change();
    captured_rows which;
    which.keys.emplace();
    for (int i = 0; i < 40; ++i) which.keys->push_back(std::to_string(i));
    std::shuffle(which.keys->begin(), which.keys->end(), random);
    std::string expected, read;
    for (const auto& key : *which.keys) {
      if (auto row = state.find(key)) expected += fmt::format("{}:{} ", key, row->json);
    }
    auto scan = state.begin_scan(std::move(which));
    for (;;) {
      for (auto n = random() % 6; n > 0; --n) change();
      auto slice = state.scan(*scan, 1 + random() % 200);
      if (slice.empty()) break;
      for (const auto& row : slice) read += fmt::format("{}:{} ", row.key, row.json);
    }
    BOOST_TEST(read == expected);
    BOOST_TEST(scan->bytes() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(rows_out_of_order_or_twice_are_refused) {
  for (std::vector<std::string> keys : {std::vector<std::string>{"b", "a"}, {"a", "a"}}) {
    table_state state{{1, "users", "id", base::channel_id{5}}, "prod"};
    std::vector<protocol::image_row> rows;
    for (auto& key : keys) rows.push_back({key, "{}", 1, 1, {}, {}, false});
    BOOST_TEST(!state.load(std::move(rows)).has_value());
  }
}

BOOST_AUTO_TEST_CASE(rules_and_the_numbers_of_indexes_survive) {
  table_state state{{1, "users", "id", base::channel_id{5}}, "prod"};
  state.replay(protocol::set_schema{1, R"({"required":["id"]})"}, 1, {});
  state.replay(protocol::create_index{1, 1, "a", false}, 2, {});
  state.replay(protocol::create_index{1, 2, "b", true}, 3, {});
  state.replay(protocol::drop_index{1, 2}, 4, {});
  state.replay(protocol::put_row{1, "x", 1, R"({"id":"x","a":5})"}, 5, {});
  table_state loaded{{1, "users", "id", base::channel_id{5}}, "prod"};
  loaded.load(state.begin_capture());
  BOOST_REQUIRE(loaded.load(state.capture(1000)).has_value());
  BOOST_TEST(loaded.schema().json() == state.schema().json());
  BOOST_TEST(loaded.damaged_indexes().empty());
  BOOST_TEST(loaded.indexes().on("a")->size() == 1u);
  BOOST_TEST(loaded.indexes().next_id() == 3u);
}

// What loading alone needs goes with it, and not only when something is written.
BOOST_AUTO_TEST_CASE(a_table_that_was_loaded_takes_no_more_memory_than_before) {
  table_state state{{1, "users", "id", base::channel_id{5}}, "prod"};
  for (std::uint64_t lsn = 1; lsn <= 200; ++lsn) state.replay(protocol::put_row{1, std::to_string(lsn), 1, "{}"}, lsn, base::message_id{lsn});
  table_state loaded{{1, "users", "id", base::channel_id{5}}, "prod"};
  loaded.load(state.begin_capture());
  BOOST_REQUIRE(loaded.load(state.capture(1'000'000)).has_value());
  state.end_capture();
  loaded.end_load();
  BOOST_TEST(loaded.memory().held <= state.memory().held);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
