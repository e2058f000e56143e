// A table's directory of rows against a std::map that is told the same.
#include <boost/test/unit_test.hpp>

#include <limits>
#include <map>
#include <random>
#include <set>

#include "database/row_directory.hpp"

namespace dbcord::database {

namespace {

struct model_row {
  std::string json;
  std::uint64_t version = 0, lsn = 0, log_message = 0, row_message = 0;
  unsigned part = 0;
  bool dirty = false;
};
using model = std::map<std::string, model_row>;

void check_same(const row_directory& rows, const model& expected) {
  BOOST_TEST_REQUIRE(rows.size() == expected.size());
  std::size_t dirty = 0;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> oldest;
  auto it = rows.begin();
  for (const auto& [key, row] : expected) {
    auto shown = it.row();
    BOOST_TEST_REQUIRE(it.key() == key);
    BOOST_TEST(shown.json == row.json);
    BOOST_TEST(shown.version == row.version);
    BOOST_TEST(shown.lsn == row.lsn);
    BOOST_TEST(shown.log_message.value == row.log_message);
    BOOST_TEST(shown.row_message.value == row.row_message);
    BOOST_TEST(shown.part == row.part);
    BOOST_TEST(rows.is_dirty(key) == row.dirty);
    dirty += row.dirty;
    bytes += row.json.size();
    if (row.row_message == 0 && (!oldest || row.lsn < *oldest)) oldest = row.lsn;
    ++it;
  }
  BOOST_TEST((it == rows.end()));
  BOOST_TEST(rows.dirty() == dirty);
  BOOST_TEST(rows.json_bytes() == bytes);
  BOOST_TEST((rows.oldest_log_only() == oldest));
  std::vector<std::pair<std::uint64_t, std::string>> waiting, shown;
  for (const auto& [key, row] : expected) {
    if (row.dirty) waiting.emplace_back(row.lsn, key);
  }
  std::sort(waiting.begin(), waiting.end());
  rows.each_dirty([&](std::string_view key, const stored_row& row) {
    shown.emplace_back(row.lsn, key);
    return true;
  });
  BOOST_TEST((shown == waiting), "rows wait in the order in which they were written");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_directory_suite)

BOOST_AUTO_TEST_CASE(it_holds_what_a_map_holds_whatever_is_done_to_it) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 40; ++round) {
    row_directory rows;
    model expected;
    for (std::uint64_t step = 1; step <= 400; ++step) {
      auto key = "k" + std::to_string(random() % 60);
      auto lsn = step / 5 + 1;  // some of one group
      auto known = expected.find(key);
      switch (random() % 6) {
        case 0:
        case 1: {
          std::string json(random() % 80, 'x');
          rows.put(key, json, step << 20, lsn, base::message_id{lsn * 10});
          expected[key] = {json, step << 20, lsn, lsn * 10, 0, 0, true};
          break;
        }
        case 2:
          BOOST_TEST(rows.erase(key) == (known != expected.end()));
          expected.erase(key);
          break;
        case 3:
          if (known == expected.end()) break;
          known->second.row_message = 5000 + random() % 20;
          known->second.part = static_cast<unsigned>(random() % 11);
          rows.set_place(key, base::message_id{known->second.row_message}, known->second.part);
          break;
        case 4:
          if (known == expected.end()) break;
          BOOST_TEST(rows.set_clean(key) == std::exchange(known->second.dirty, false));
          break;
        case 5: {
          std::set<base::message_id> gone{base::message_id{5000 + random() % 20}, base::message_id{5000 + random() % 20}};
          std::set<std::string> told;
          rows.forget_places(gone, [&](std::string_view k) {
            rows.set_dirty(k);
            told.emplace(k);
          });
          for (auto& [k, row] : expected) {
            if (row.row_message == 0 || !gone.contains(base::message_id{row.row_message})) continue;
            row.row_message = row.part = 0;
            row.dirty = true;
            BOOST_TEST(told.erase(k) == 1u);
          }
          BOOST_TEST(told.empty());
        }
      }
    }
    check_same(rows, expected);
    rows.clear();
    check_same(rows, {});
  }
}

BOOST_AUTO_TEST_CASE(loading_demands_the_order_of_keys) {
  row_directory rows;
  auto load = [&](std::string_view key) { return rows.load({key, "{}", 2, true, 1, 1, base::message_id{1}, {}, 0}); };
  BOOST_TEST(load("b"));
  BOOST_TEST(!load("b"));
  BOOST_TEST(!load("a"));
  BOOST_TEST(load("c"));
  BOOST_TEST(rows.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_row_costs_at_most_64_bytes_beside_its_value_key_included) {
  row_directory rows;
  constexpr std::size_t count = 20'000, value = 200;
  std::string json(value, 'x');
  for (std::size_t i = 0; i < count; ++i) {
    auto key = "r" + std::to_string(i * 7919 % count);
    rows.put(key, json, 1, 1 + i / 1000, base::message_id{1 + i / 1000});
    rows.set_place(key, base::message_id{7});
    rows.set_clean(key);
  }
  BOOST_TEST(rows.memory() < count * (value + 64));
  auto kept = "{}\x01" + std::string(2 * 5, 'f');  // of five fields
  for (int looks = 0; rows.value_bytes() > 0; ++looks) {
    BOOST_TEST_REQUIRE(looks <= 6);
    auto before = rows.evictions();
    (void)rows.evict(count * 1'000, false, [&](std::string_view) { return kept; }, [](std::string_view) { return false; });
    BOOST_TEST(rows.evictions() - before <= row_directory::evictions_a_look);
  }
  BOOST_TEST(rows.memory() < count * 64, rows.memory() / count << " bytes a row");
}

BOOST_AUTO_TEST_CASE(an_evicted_row_keeps_all_but_its_value_and_gets_that_back) {
  constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t version : {std::uint64_t{1}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{1} << 40, highest}) {
    for (std::size_t size : {100, 127, 128, 16'383, 16'384}) {
      row_directory rows;
      std::string json(size, 'x');
      rows.put("key", json, version, 5, base::message_id{50});
      rows.set_place("key", base::message_id{highest}, 9);
      auto check = [&](bool resident) {
        auto row = rows.find("key");
        BOOST_TEST(row->resident == resident);
        BOOST_TEST(row->version == version);
        BOOST_TEST(row->json_size == size);
        BOOST_TEST(row->lsn == 5u);
        BOOST_TEST(row->row_message.value == highest);
        BOOST_TEST(row->part == 9u);
        BOOST_TEST((resident ? row->json == json : row->digest == "{}"));
        BOOST_TEST((resident ? rows.value_bytes() > size - 32 : rows.value_bytes() == 0));
      };
      auto digest = [](std::string_view) { return std::string("{}"); };
      auto nothing_spared = [](std::string_view) { return false; };
      check(true);
      BOOST_TEST(rows.evict(1, false, digest, nothing_spared) == 0u);  // read just now: spared once
      BOOST_TEST(rows.evict(1, false, digest, nothing_spared) > 0u);
      check(false);
      BOOST_TEST(rows.admit("key", 5, json));
      check(true);
    }
  }
}

BOOST_AUTO_TEST_CASE(rows_in_messages_and_rows_in_the_log_alone_are_evicted_apart) {
  row_directory rows;
  std::string json(100, 'x');
  for (auto key : {"a", "b", "c", "d"}) rows.put(key, json, 1, 1, base::message_id{10});
  rows.set_place("b", base::message_id{20});
  rows.set_place("d", base::message_id{21});
  auto evict = [&](bool log_only) {
    auto digest = [](std::string_view) { return std::string("{}"); };
    return rows.evict(10'000, log_only, digest, [](std::string_view) { return false; });
  };
  auto resident = [&] {
    std::string keys;
    for (auto row : rows) keys += row.row.resident ? std::string(row.key) : "";
    return keys;
  };
  BOOST_TEST(evict(false) == 0u);
  BOOST_TEST(evict(false) > 0u);
  BOOST_TEST(resident() == "ac");
  rows.set_place("b", {});  // deleted by hand: what is evicted has no value to count
  BOOST_TEST(evict(false) == 0u);
  BOOST_TEST(evict(true) == 0u);
  BOOST_TEST(evict(true) > 0u);
  BOOST_TEST(resident() == "");
  BOOST_TEST(rows.value_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(a_value_whose_eviction_would_free_nothing_is_not_counted_as_one_that_could_go) {
  row_directory rows;
  std::string row = R"({"name":"Ada Lovelace"})";
  rows.put("a", row, 1, 1, base::message_id{10});
  rows.set_place("a", base::message_id{20});
  auto evict = [&] {
    auto digest = [](std::string_view json) { return std::string(json.size() < 50 ? json : "{}"); };
    return rows.evict(10'000, false, digest, [](std::string_view) { return false; });
  };
  BOOST_TEST(rows.value_bytes() > 0u);
  for (int i = 0; i < 3; ++i) BOOST_TEST(evict() == 0u);
  BOOST_TEST(rows.value_bytes() == 0u);
  BOOST_TEST(rows.find("a")->json == row);
  rows.set_place("a", {});
  rows.set_place("a", base::message_id{21});
  BOOST_TEST(rows.value_bytes() == 0u);
  rows.put("a", std::string(100, 'x'), 2, 2, base::message_id{11});
  BOOST_TEST(rows.value_bytes() > 0u);
  rows.set_place("a", base::message_id{22});
  BOOST_TEST(evict() == 0u);
  BOOST_TEST(evict() > 0u);
  BOOST_TEST(rows.value_bytes() == 0u);
  BOOST_TEST(rows.erase("a"));
  BOOST_TEST(rows.value_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(fingerprints_are_counted_and_forgotten_and_kept_by_nothing_that_they_would_keep_in_memory) {
  row_directory rows;
  const std::string fingerprints = "\x01" + std::string(100, 'f');
  auto evict = [&] { return rows.evict(1'000'000, false, [&](std::string_view) { return "{}" + fingerprints; }, [](std::string_view) { return false; }); };
  for (int i = 0; i < 200; ++i) {
    auto key = std::to_string(1'000 + i);
    rows.put(key, std::string(i % 2 == 0 ? 300 : 60, 'x'), 1, 1, base::message_id{10});
    rows.set_place(key, base::message_id{20});
    rows.set_clean(key);
  }
  BOOST_TEST(rows.fingerprint_bytes() == 0u);
  for (int i = 0; i < 2; ++i) (void)evict();
  BOOST_TEST(rows.value_bytes() == 0u);
  for (auto entry : rows) BOOST_TEST(entry.row.fingerprints == (entry.row.json_size == 300 ? fingerprints : std::string()));
  auto all = rows.fingerprint_bytes(), before = rows.memory();
  BOOST_TEST((all >= 100 * 96 && all <= 100 * 112), all);
  rows.mark_digests_incomplete();
  auto some = rows.forget_fingerprints(1'000);
  BOOST_TEST((some >= 1'000 && some < 1'200), some);
  BOOST_TEST(rows.fingerprint_bytes() == all - some);
  BOOST_TEST(rows.memory() == before - some);
  BOOST_TEST(rows.erase("1000"));
  BOOST_TEST(rows.admit("1198", 1, std::string(300, 'x')));
  rows.set_place("1196", base::message_id{21});
  while (rows.fingerprint_bytes() > 0) BOOST_TEST_REQUIRE(rows.forget_fingerprints(3'000) > 0u);
  BOOST_TEST(rows.find("1196")->row_message.value == 21u);
  for (auto entry : rows) BOOST_TEST((entry.row.resident || (entry.row.digest == "{}" && entry.row.fingerprints.empty() && !entry.row.digest_complete)));
  rows.clear();
  BOOST_TEST(rows.fingerprint_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(fingerprints_stay_behind_the_digest_until_the_value_is_back) {
  row_directory rows;
  const std::string digest = R"({"a":1})", fingerprints("\x01\x01\0{}", 5), json(100, 'x');
  for (const auto& behind : {fingerprints, std::string()}) {
    rows.put("a", json, 1, 1, base::message_id{10});
    rows.set_place("a", base::message_id{20});
    for (int i = 0; i < 2; ++i) (void)rows.evict(10'000, false, [&](std::string_view) { return digest + behind; }, [](std::string_view) { return false; });
    auto row = rows.find("a");
    BOOST_TEST_REQUIRE(!row->resident);
    BOOST_TEST(row->digest == digest);
    BOOST_TEST(row->indexed_fields() == digest);
    BOOST_TEST(row->fingerprints == behind);
    BOOST_TEST(rows.admit("a", 1, json));
    BOOST_TEST((rows.find("a")->digest.empty() && rows.find("a")->fingerprints.empty()));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
