// Rows whose values are nowhere any more, when they are to be written: whoever waits behind them is written at once.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct lost_page_fixture : database_fixture {
  static constexpr int lost_rows = 40;

  lost_page_fixture() {
    options.memory_cap = 256 * 1024;  // holds the later rows, not all
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1'000;
    options.checkpoints.segment_messages = 4;
  }
  static std::string key(std::string_view kind, int i) { return fmt::format("{}{}", kind, 1'000 + i); }
  void import(std::string_view kind, int count) {
    std::vector<database::new_row> some;
    for (int i = 0; i < count; ++i) some.push_back({{}, fmt::format(R"({{"id":"{}","t":"{}"}})", key(kind, i), std::string(1'000, 'x'))});
    put_all(std::move(some));
    drain();
  }
  auto users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  // The rows of the kind lie in messages alone, and their values are not in memory.
  void fill(std::string_view kind, int count) {
    create();
    BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
    import(kind, count);
    auto written = inspect().lsn;
    for (int i = 0; i < 8; ++i) import(fmt::format("o{}", i), 40);
    for (int i = 0; i < 60 && inspect().log_first_lsn <= written; ++i) {
      BOOST_REQUIRE(insert(key("later", i), "{}").has_value());
      drain();
      world.run_for(30s);
    }
    BOOST_REQUIRE(inspect().log_first_lsn > written);
    read_the_others();
  }
  void read_the_others() {
    for (int i = 2; i < 8; ++i) {
      for (int row = 0; row < 40; ++row) get(key(fmt::format("o{}", i), row));
    }
  }
  void delete_by_hand(std::vector<base::message_id> messages) {
    database::call_options call{database::priority::interactive, world.now() + 1min};
    for (auto message : messages) BOOST_REQUIRE(run(stack->rest.remove(users().channel, message, call)).has_value());
    stack->engine->messages_deleted(users().channel, std::move(messages));
  }
  base::message_id message_of(std::string row_key) {
    auto found = run(stack->engine->get("prod", "users", std::move(row_key), reading()));
    BOOST_TEST_REQUIRE(found.has_value(), found.error().message);
    return found->location.message;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_pages, lost_page_fixture)

BOOST_AUTO_TEST_CASE(a_whole_page_whose_values_are_nowhere_any_more_stops_nobody) {
  options.page_from = 32;
  fill("lost", lost_rows);
  auto page = message_of(key("lost", 3));
  BOOST_REQUIRE((message_of(key("lost", 30)) == page));
  read_the_others();
  delete_by_hand({page});
  world.run_for(1s);
  BOOST_REQUIRE(insert("afterwards", "{}").has_value());
  BOOST_TEST(world.run_until([&] { return users().not_materialised == static_cast<std::uint64_t>(lost_rows); }, 20s));
  BOOST_TEST(users().deleted_by_hand == static_cast<std::uint64_t>(lost_rows));
  database::call_options call{database::priority::read, world.now() + 1min};
  auto newest = run(stack->store.history_before(users().channel, {}, 100, call));
  BOOST_REQUIRE(newest.has_value());
  for (const auto& m : newest->value) BOOST_TEST(!contains(m.content, "page of 0 rows"), m.content);
  BOOST_TEST(contains(get(key("lost", 3)), key("lost", 3)));
  BOOST_TEST(get("afterwards") == R"({"id":"afterwards"})");
  BOOST_TEST(insert("more", "{}").has_value());
}

BOOST_AUTO_TEST_CASE(a_row_behind_a_lost_one_does_not_wait) {
  options.page_from = 1'000'000;
  fill("lost", 1);
  auto lost = message_of(key("lost", 0));
  read_the_others();
  auto sound = message_of(key("o7", 39));
  delete_by_hand({lost, sound});
  BOOST_TEST(world.run_until([&] { return users().deleted_by_hand == 2u && users().not_materialised == 1u; }, 15s));
  BOOST_TEST(contains(get(key("o7", 39)), "xxx"));
}

BOOST_AUTO_TEST_SUITE_END()
