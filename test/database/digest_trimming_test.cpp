// What a dropped index has left with evicted rows goes round by round, while the table is read, written, evicted, indexed anew and captured.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/table_state.hpp"
#include "dbcord/base/random.hpp"
#include "support/tried_points.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::row_directory;
using database::table_state;

namespace {

struct trimmed_table {
  table_state state{{1, "t", "id", {}}, "db"};
  std::uint64_t lsn = 0;

  static std::string key(std::size_t i) { return fmt::format("k{:05}", i); }
  static std::string city(std::size_t n) { return fmt::format("{}{}", n, std::string(100, 'c')); }
  static std::string json(std::size_t i, std::size_t n) {
    return fmt::format(R"({{"id":"{}","n":{},"city":"{}","text":"{}"}})", key(i), n, city(n), std::string(300, 'x'));
  }
  void write(protocol::operation op) {
    ++lsn;
    state.replay(op, lsn, base::message_id{lsn});
  }
  void put(std::size_t i, std::size_t n) {
    auto before = state.find(key(i));
    write(protocol::put_row{1, key(i), before ? before->version + 1 : 1, json(i, n)});
  }
  void index(protocol::index_id id, std::string field) { write(protocol::create_index{1, id, std::move(field), false}); }
  // All but what was read since the last time.
  void evict(bool with_fingerprints = false) {
    while (state.evict(100'000'000, true, [](std::string_view) { return false; }, with_fingerprints) > 0) {
    }
  }
  void evict_all(bool with_fingerprints = false) {
    for (int round = 0; round < 2; ++round) evict(with_fingerprints);
  }
  std::size_t count_untrimmed() const {
    std::size_t count = 0;
    for (const auto& [k, row] : state.rows()) count += !row.resident && row.digest.find("city") != std::string_view::npos;
    return count;
  }
  void trim() {
    while (state.has_to_trim()) state.trim_digests();
  }
  static std::vector<protocol::image_row> all_of(table_state& state) {
    std::vector<protocol::image_row> all;
    for (auto slice = state.capture(50'000); !slice.empty(); slice = state.capture(50'000)) std::move(slice.begin(), slice.end(), std::back_inserter(all));
    state.end_capture();
    return all;
  }
};

struct trimmed_database : database_fixture {
  static constexpr int rows = 400;

  trimmed_database() {
    options.memory_cap = 512 * 1024;
    options.page_from = 1'000'000;
  }
  void fill() {
    create();
    BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "city", false, context())).has_value());
    for (int begun = 0; begun < rows; begun += 40) {
      std::vector<database::new_row> some;
      for (int i = begun; i < begun + 40; ++i) {
        some.push_back({{}, fmt::format(R"({{"id":"k{}","city":"{}{}","text":"{}"}})", i, i, std::string(200, 'c'), std::string(2'000, 'x'))});
      }
      put_all(std::move(some));
    }
    drain();
  }
  std::uint64_t fixed() { return run(stack->engine->administration().figures("prod", reading()))->memory.fixed; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(digest_trimming)

BOOST_FIXTURE_TEST_CASE(what_a_dropped_index_has_left_goes_in_bounded_rounds, trimmed_table) {
  constexpr std::size_t rows = 10'000;
  trimmed_table never_had_one;
  index(1, "city");
  ++never_had_one.lsn;
  for (std::size_t i = 0; i < rows; ++i) put(i, i);
  for (std::size_t i = 0; i < rows; ++i) never_had_one.put(i, i);
  evict_all();
  never_had_one.evict_all();
  write(protocol::drop_index{1, 1});
  BOOST_TEST(count_untrimmed() == rows);
  std::size_t rounds = 0;
  for (auto left = rows; state.has_to_trim(); ++rounds) {
    auto held = state.memory().held;
    state.trim_digests();
    auto now = count_untrimmed();
    BOOST_TEST(now < left);
    BOOST_TEST((left - now) * 100 <= row_directory::trimmed_a_look);
    BOOST_TEST(state.memory().held < held);
    left = now;
  }
  BOOST_TEST(rounds > 2u);
  BOOST_TEST(count_untrimmed() == 0u);
  BOOST_TEST(state.memory().held == never_had_one.state.memory().held);
  BOOST_TEST(state.memory().values == never_had_one.state.memory().values);
}

// Of a value that an index needs nearly all of, eviction frees nothing, until the index is gone.
BOOST_FIXTURE_TEST_CASE(values_that_stayed_for_a_dropped_index_can_go_as_far_as_the_rounds_have_come, trimmed_table) {
  constexpr std::size_t rows = 60'000;
  index(1, "city");
  for (std::size_t i = 0; i < rows; ++i) write(protocol::put_row{1, key(i), 1, fmt::format(R"({{"city":"{}"}})", city(i))});
  for (int round = 0; round < 40; ++round) (void)state.evict(100'000'000, true, [](std::string_view) { return false; }, false);
  BOOST_TEST(state.memory().values == 0u);
  write(protocol::drop_index{1, 1});
  state.trim_digests();
  auto some = state.memory().values;
  BOOST_TEST((some > 0u && state.has_to_trim()));
  trim();
  BOOST_TEST(state.memory().values > some);
  auto held = state.memory().held;
  auto freeable = state.memory().values;
  for (int round = 0; round < 40; ++round) (void)state.evict(100'000'000, true, [](std::string_view) { return false; }, false);
  BOOST_TEST(state.memory().values == 0u);
  BOOST_TEST(held - state.memory().held == freeable);
}

// Rows are written, deleted, read, evicted; the index is made again, and dropped again; checkpoints are taken.
BOOST_AUTO_TEST_CASE(whatever_happens_between_two_rounds_every_row_keeps_what_is_needed_and_no_more_in_the_end) {
  for (unsigned seed = 1; seed <= (is_sanitized ? 2 : 3); ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      base::seeded_random random(seed);
      trimmed_table t;
      constexpr std::size_t rows = 12'000;
      std::map<std::string, std::size_t> model;
      auto put = [&](std::size_t i, std::size_t n) {
        t.put(i, n);
        model[t.key(i)] = n;
      };
      t.index(1, "city");
      t.index(2, "n");
      for (std::size_t i = 0; i < rows; ++i) put(i, random.below(1'000));
      t.evict_all(seed % 2 == 0);
      t.write(protocol::drop_index{1, 1});
      protocol::index_id last = 2;
      bool indexed = false;
      for (int step = 0; step < 30; ++step) {
        if (step % 4 == 0) t.state.trim_digests();
        for (int k = 0; k < 20; ++k) {
          auto i = random.below(rows);
          auto at = t.key(i);
          switch (random.below(3)) {
            case 0: put(i, random.below(1'000)); break;
            case 1:
              if (model.erase(at) > 0) t.write(protocol::delete_row{1, at, 2, false});
              break;
            default:
              if (auto row = t.state.find(at); row && !row->resident) BOOST_TEST_REQUIRE(t.state.admit(at, row->lsn, t.json(i, model.at(at))));
          }
        }
        if (random.below(4) == 0) t.evict(random.below(2) == 0);
        if (random.below(10) == 0) {
          if (indexed) {
            t.write(protocol::drop_index{1, last});
          } else {
            t.index(++last, "city");
            // As a start does before anything is decided.
            for (auto keys = t.state.lacking_digest(); !keys.empty(); keys = t.state.lacking_digest()) {
              for (const auto& at : keys) BOOST_TEST_REQUIRE(t.state.admit(at, t.state.find(at)->lsn, t.json(std::stoul(at.substr(1)), model.at(at))));
            }
          }
          indexed = !indexed;
        }
        if (random.below(8) == 0) {
          BOOST_TEST_REQUIRE(t.state.damaged_indexes().empty());
          table_state loaded{{1, "t", "id", {}}, "db"};
          loaded.load(t.state.begin_capture());
          BOOST_REQUIRE(loaded.load(trimmed_table::all_of(t.state)).has_value());
          BOOST_TEST_REQUIRE(loaded.rows().size() == model.size());
          BOOST_TEST_REQUIRE(loaded.damaged_indexes().empty());
          if (const auto* cities = t.state.indexes().on("city")) BOOST_TEST(loaded.indexes().on("city")->size() == cities->size());
          // A checkpoint leaves nothing to be trimmed.
          for (const auto& [at, row] : loaded.rows()) BOOST_TEST_REQUIRE((row.resident || indexed || row.digest.find("city") == std::string_view::npos));
        }
      }
      if (indexed) t.write(protocol::drop_index{1, last});
      t.trim();
      BOOST_TEST(t.state.rows().size() == model.size());
      for (const auto& [at, row] : t.state.rows()) {
        auto n = model.at(std::string(at));
        if (row.resident) BOOST_TEST_REQUIRE(row.json == t.json(std::stoul(std::string(at.substr(1))), n));
        if (!row.resident) BOOST_TEST_REQUIRE(row.digest == fmt::format(R"({{"n":{}}})", n));
      }
      BOOST_TEST(t.state.damaged_indexes().empty());
      auto groups = t.state.rows().memory();
      while (!model.empty()) {
        t.write(protocol::delete_row{1, model.begin()->first, 2, false});
        model.erase(model.begin());
      }
      BOOST_TEST((t.state.rows().value_bytes() == 0u && t.state.rows().fingerprint_bytes() == 0u && t.state.rows().json_bytes() == 0u));
      BOOST_TEST(t.state.rows().memory() < groups);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(memory_has_room_again_when_an_index_is_dropped_also_behind_a_start_that_finds_the_drop_in_the_log, trimmed_database) {
  options.checkpoints.enabled = false;
  fill();
  auto before = fixed();
  BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "city", context())).has_value());
  world.run_for(1s);
  auto after = fixed();
  BOOST_TEST(after + rows * 500 < before);  // its entries take 400 each
  restart();
  world.run_for(1s);
  BOOST_TEST(fixed() <= after + rows * 40);
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
