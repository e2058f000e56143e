// Rows that are there and whose values nobody has any more: they hold nothing back, are told as what they are, and can be purged, deleted and written anew.

#include <fmt/format.h>

#include <algorithm>

#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct lost_values_fixture : database_fixture {
  static constexpr int lost_rows = 40;

  lost_values_fixture() {
    options.memory_cap = 256 * 1024;  // holds the later rows, not all
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1'000;
    options.checkpoints.segment_messages = 4;
    options.page_from = 32;
  }
  static std::string key(std::string_view kind, int i) { return fmt::format("{}{}", kind, 1'000 + i); }
  static std::string json(const std::string& key, char text) { return fmt::format(R"({{"id":"{}","t":"{}"}})", key, std::string(1'000, text)); }
  void import(std::string_view kind, int count) {
    std::vector<database::new_row> some;
    for (int i = 0; i < count; ++i) some.push_back({{}, json(key(kind, i), 'x')});
    put_all(std::move(some));
  }
  // Until the log begins behind that record.
  bool truncated_behind(std::uint64_t lsn) {
    for (int i = 0; i < 60 && inspect().log_first_lsn <= lsn; ++i) {
      BOOST_REQUIRE(insert(key("later", ++later_), "{}").has_value());
      world.run_for(30s);
    }
    return inspect().log_first_lsn > lsn;
  }
  // The rows lie in a page alone, and their values are not in memory, when somebody deletes it.
  void lose() {
    create();
    BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
    import("lost", lost_rows);
    drain();
    auto written = inspect().lsn;
    for (int i = 0; i < 8; ++i) import(fmt::format("o{}", i), 40), drain();
    BOOST_REQUIRE(truncated_behind(written));
    auto row = run(stack->engine->get("prod", "users", key("lost", 3), reading()));
    BOOST_REQUIRE(row.has_value());
    for (int i = 2; i < 8; ++i) {
      for (int n = 0; n < 40; ++n) get(key(fmt::format("o{}", i), n));
    }
    world.run_for(1min);
    database::call_options call{database::priority::interactive, world.now() + 1min};
    BOOST_REQUIRE(run(stack->rest.remove(row->location.channel, row->location.message, call)).has_value());
    stack->engine->messages_deleted(row->location.channel, {row->location.message});
    world.run_for(1min);
  }
  database::verify_report verify() { return *run(stack->engine->verify("prod", "users", reading())); }
  static std::uint64_t of_kind(const database::verify_report& report, std::string_view kind) {
    return static_cast<std::uint64_t>(std::count_if(report.findings.begin(), report.findings.end(), [&](const auto& f) { return f.kind == kind; }));
  }
  std::uint64_t lost() { return of_kind(verify(), "lost"); }
  database::database_figures figures() { return *run(stack->engine->administration().figures("prod", reading())); }

 private:
  int later_ = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(values_lost, lost_values_fixture)

BOOST_AUTO_TEST_CASE(they_do_not_hold_the_log_back) {
  lose();
  BOOST_TEST(truncated_behind(inspect().lsn));
  restart();
  world.run_for(1min);
  BOOST_TEST(truncated_behind(inspect().lsn));
}

BOOST_AUTO_TEST_CASE(they_are_told_as_lost) {
  lose();
  for (bool again : {false, true}) {
    if (again) {
      restart();
      stack->engine->events_missed();  // as each start does
    }
    world.run_for(2min);
    BOOST_TEST(lost() == static_cast<std::uint64_t>(lost_rows));
    BOOST_TEST(figures().set_aside_rows == 0u);
    BOOST_TEST(figures().waiting_rows == 0u);
    BOOST_TEST(figures().lost_rows == static_cast<std::uint64_t>(lost_rows));
    auto report = verify();
    BOOST_TEST(report.problems == static_cast<std::uint64_t>(lost_rows));
    BOOST_TEST(of_kind(report, "lost") == static_cast<std::uint64_t>(lost_rows));
    BOOST_TEST(report.not_materialised == 0u);
    BOOST_TEST_REQUIRE(!report.findings.empty());
    BOOST_TEST(contains(report.findings[0].what, "its value is lost"), report.findings[0].what);
    BOOST_TEST(contains(report.findings[0].what, "`/dbc_edit`"));
    BOOST_TEST(report.findings[0].beyond_repair);
  }
  auto moved = run(stack->engine->administration().move_table("prod", "users", context(1h)));
  BOOST_TEST_REQUIRE(moved.has_value());
  BOOST_TEST(!moved->stopped.has_value());
  BOOST_TEST(moved->lost == static_cast<std::uint64_t>(lost_rows));
}

BOOST_AUTO_TEST_CASE(others_and_they_themselves_can_be_purged) {
  lose();
  for (const auto& gone : {key("o7", 3), key("lost", 3)}) {
    auto done = run(stack->engine->storage().purge("prod", "users", gone, context(1h)));
    BOOST_TEST_REQUIRE(done.has_value());
    BOOST_TEST(done->row);
    BOOST_TEST(done->log == "");
    BOOST_TEST(done->checkpoints == "");
    BOOST_TEST(done->messages == "");
  }
  BOOST_TEST(lost() == static_cast<std::uint64_t>(lost_rows - 1));
}

BOOST_AUTO_TEST_CASE(they_can_be_deleted_and_written_anew) {
  lose();
  BOOST_TEST(remove(key("lost", 0)).has_value());
  auto anew = run(stack->engine->replace("prod", "users", key("lost", 1), json(key("lost", 1), 'y'), context()));
  BOOST_TEST(anew.has_value());
  BOOST_TEST(get(key("lost", 1)) == json(key("lost", 1), 'y'));
  BOOST_TEST(lost() == static_cast<std::uint64_t>(lost_rows - 2));
  std::vector<database::new_row> some;
  for (int i = 2; i < lost_rows; ++i) some.push_back({{}, json(key("lost", i), 'z')});
  auto how = context();
  how.replace_rows = true;
  auto put = run(stack->engine->import("prod", "users", std::move(some), std::move(how)));
  BOOST_TEST_REQUIRE(put.has_value());
  BOOST_TEST(put->refused.empty());
  BOOST_TEST(lost() == 0u);
  drain();
  world.run_for(1min);
  BOOST_TEST(verify().problems == 0u);
  restart();
  BOOST_TEST(get(key("lost", 5)) == json(key("lost", 5), 'z'));
  BOOST_TEST(lost() == 0u);
}

// What memory has is written again.
BOOST_AUTO_TEST_CASE(what_memory_has_is_not_lost) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  drain();
  BOOST_REQUIRE(truncated_behind(inspect().lsn));
  auto row = run(stack->engine->get("prod", "users", "a", reading()));
  database::call_options call{database::priority::interactive, world.now() + 1min};
  BOOST_REQUIRE(run(stack->rest.remove(row->location.channel, row->location.message, call)).has_value());
  stack->engine->messages_deleted(row->location.channel, {row->location.message});
  BOOST_TEST(lost() == 0u);
  drain();
  BOOST_TEST(get("a") == R"({"id":"a","n":1})");
  world.run_for(1min);
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
