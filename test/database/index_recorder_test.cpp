// What the recorder of an index says is shown is what was read and taken, whatever changes in between.

#include "database/index_recorder.hpp"

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <random>

#include "database/secondary_index.hpp"

namespace dbcord::database {
namespace {

struct recorded_index {
  recorded_index() { index.record(); }
  protocol::json_node row(int value) { return *protocol::parse_json(fmt::format("{{\"n\":{}}}", value)); }
  void add(const std::string& key, int value) { index.add(key, row(value)); }
  void remove(const std::string& key, int value) { index.remove(key, row(value)); }
  index_recorder& recorder() { return *index.recorder(); }
  // Applies lines to what a reader of the channel has.
  void show(const std::vector<std::string>& lines, bool base) {
    for (const auto& line : lines) {
      if (base) {
        BOOST_TEST(seen.insert(line).second, line);
        continue;
      }
      bool added = line.starts_with("{\"op\":\"add\",");
      auto entry = "{" + line.substr(line.find(',') + 1);
      BOOST_TEST((added ? seen.insert(entry).second : seen.erase(entry) == 1), line);
    }
  }
  std::set<std::string> present() const {
    std::set<std::string> all;
    for (const auto& [value, keys] : index.all()) {
      for (const auto& key : keys) all.insert(protocol::index_entry(value, key));
    }
    return all;
  }
  void read_all() {
    recorder().begin_reading();
    seen.clear();
    for (auto lines = index.read_on(64); !lines.empty(); lines = index.read_on(64)) show(lines, true);
  }

  secondary_index index{protocol::create_index{1, 1, "n", false, false, true}};
  std::set<std::string> seen;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(recorded_indexes, recorded_index)

BOOST_AUTO_TEST_CASE(nothing_is_recorded_before_it_is_read) {
  add("a", 1);
  BOOST_TEST((recorder().now() == index_recorder::state::lost));
  BOOST_TEST(recorder().waiting() == 0u);
  BOOST_TEST(recorder().held().entries == 1u);
  read_all();
  BOOST_TEST((recorder().now() == index_recorder::state::following));
  BOOST_TEST((recorder().shown() == recorder().held()));
  BOOST_TEST(seen.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_comes_and_goes_again_leaves_nothing) {
  read_all();
  add("a", 1);
  remove("a", 1);
  add("b", 2);
  BOOST_TEST(recorder().waiting() == 1u);
  show(recorder().take(1'000), false);
  remove("b", 2);
  add("b", 2);
  BOOST_TEST(recorder().waiting() == 0u);
  BOOST_TEST((seen == present()));
  BOOST_TEST(recorder().memory() == 0u);
}

BOOST_AUTO_TEST_CASE(a_reader_sees_the_index_whatever_changes_while_it_is_read) {
  for (unsigned seed = 1; seed <= 90; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      recorded_index its;
      bool later = seed % 3 == 0;  // it is recorded when it has entries already
      if (later) its.index.record(false);
      std::mt19937 random(seed);
      std::map<std::string, int> rows;
      auto change = [&] {
        auto key = fmt::format("k{}", random() % 40);
        if (auto it = rows.find(key); it != rows.end()) {
          its.remove(key, it->second);
          rows.erase(it);
          if (random() % 2) return;
        }
        int value = static_cast<int>(random() % 12);
        its.add(key, value);
        rows[key] = value;
      };
      for (int i = 0; i < 30; ++i) change();
      if (later) {
        its.index.record();
        for (int i = 0; i < 5; ++i) change();
        its.recorder().begin_reading();
        its.index.read_on(60);
        change();
        its.recorder().lose();  // and once more from the beginning
        change();
        BOOST_TEST(!its.recorder().resume(its.recorder().held()));
      }
      its.recorder().begin_reading();
      while (its.recorder().now() == index_recorder::state::reading) {
        its.show(its.index.read_on(1 + random() % 150), true);
        for (auto n = random() % 4; n > 0; --n) change();
      }
      for (int i = 0; i < 40; ++i) {
        change();
        if (random() % 3 == 0) its.show(its.recorder().take(1 + random() % 100), false);
        protocol::index_digest shown;  // by the reader
        for (const auto& line : its.seen) {
          auto node = *protocol::parse_json(line);
          shown.add(protocol::index_entry_hash(*node.find("value"), node.find("key")->text));
        }
        BOOST_TEST((shown == its.recorder().shown()));
      }
      while (its.recorder().waiting() > 0) its.show(its.recorder().take(100), false);
      BOOST_TEST((its.seen == its.present()));
      BOOST_TEST((its.recorder().shown() == its.recorder().held()));
    }
  }
}

BOOST_AUTO_TEST_CASE(too_many_changes_are_forgotten_and_it_must_be_read_anew) {
  read_all();
  for (std::size_t i = 0; i < index_recorder::changes_max; ++i) add(fmt::format("k{}", i), static_cast<int>(i));
  BOOST_TEST((recorder().now() == index_recorder::state::following));
  BOOST_TEST(recorder().memory() > 0u);
  add("one more", 1);
  BOOST_TEST((recorder().now() == index_recorder::state::lost));
  BOOST_TEST(recorder().waiting() == 0u);
  BOOST_TEST(recorder().memory() == 0u);
  BOOST_TEST(recorder().held().entries == index_recorder::changes_max + 1);
  read_all();
  BOOST_TEST((seen == present()));
}

BOOST_AUTO_TEST_CASE(it_goes_on_only_behind_what_the_index_holds) {
  add("a", 1);
  add("b", 1);
  protocol::index_digest one;
  one.add(protocol::index_entry_hash(*protocol::parse_json("1.0"), "a"));
  BOOST_TEST(!recorder().resume(one));
  one.add(protocol::index_entry_hash(*protocol::parse_json("1"), "b"));
  BOOST_TEST(recorder().resume(one));
  remove("a", 1);
  BOOST_TEST(recorder().take(1'000) == std::vector<std::string>{R"({"op":"remove","value":1,"key":"a"})"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_index_that_is_cleared_must_be_read_anew) {
  add("a", 1);
  read_all();
  index.clear();
  BOOST_TEST((recorder().now() == index_recorder::state::lost));
  BOOST_TEST((recorder().held() == protocol::index_digest()));
  add("a", 1);
  BOOST_TEST(recorder().held().entries == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
