// An index that became ready behind the newest checkpoint, and rows whose values lie where that checkpoint does not know them to.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "database/storage_upkeep.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

constexpr int left_rows = 12;    // that get another place
constexpr int other_rows = 60;

struct adopted_index : database_fixture {
  adopted_index() {
    options.memory_cap = 160 * 1024;
    options.checkpoints.tail_messages = 15;
    options.checkpoints.share = 1000;
    options.checkpoints.segment_messages = 8;
    options.checkpoints.close_messages = 1'000;
  }

  static std::string key(int i) { return fmt::format("k{:03}", i); }
  static std::string json(int i) { return fmt::format(R"({{"id":"{}","n":{},"text":"{}"}})", key(i), i, std::string(4'000, 'x')); }
  void import_rows(int from, int to) {
    std::vector<database::new_row> some;
    for (int i = from; i < to; ++i) some.push_back({{}, json(i)});
    put_all(std::move(some));
  }
  void write_elsewhere(int from, int to) {
    for (int i = from; i < to; ++i) {
      auto row = fmt::format(R"({{"id":"o{}"}})", i);
      BOOST_REQUIRE(run(stack->engine->insert("prod", "other", {fmt::format("o{}", i), row}, context())).has_value());
      world.run_for(2s);
    }
    world.run_for(1min);
  }
  auto vacuum() {
    auto done = run(stack->engine->storage().vacuum("prod", "users", false, reading()));
    BOOST_REQUIRE(done.has_value());
    return *done;
  }
  void never_checkpoint() {
    options.checkpoints.tail_messages = options.checkpoints.tail_files = 100'000;
    options.checkpoints.tail_bytes = 1'000'000'000;
    options.checkpoints.interval = 1'000h;
  }
  // Rows in a page that a checkpoint knows, their records truncated. Behind it most of the page's rows are deleted, the rest moves into another one, the page
  // goes, and an index is built.
  void make_places() {
    create();
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "other", "id", context())).has_value());
    BOOST_REQUIRE(run(stack->engine->storage().set_layout("prod", "users", protocol::table_layout::pages, context())).has_value());
    channel = inspect().tables.at(0).channel;
    stack->store.on_post = [this](base::channel_id in, const database::new_message&) { return in == channel ? fault::lost_before : fault::none; };
    for (int from = 0; from < left_rows + other_rows; from += 12) import_rows(from, from + 12);
    stack->store.on_post = nullptr;  // all of them are in one page
    drain();
    auto filled = inspect().lsn;
    write_elsewhere(0, 60);
    BOOST_REQUIRE(inspect().log_first_lsn > filled);
    never_checkpoint();
    restart();
    std::string steps;
    for (int i = left_rows; i < left_rows + other_rows; ++i) steps += fmt::format(R"({}{{"op":"delete","table":"users","key":"{}"}})", steps.empty() ? "" : ",", key(i));
    auto parsed = database::parse_row_operations("[" + steps + "]", 1'000'000);
    BOOST_REQUIRE(parsed.has_value());
    BOOST_REQUIRE(run(stack->engine->transact("prod", *parsed, context())).has_value());
    BOOST_TEST(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
    drain();
    BOOST_TEST(vacuum().rows_moved == static_cast<std::uint64_t>(left_rows));
    drain();
    BOOST_TEST(vacuum().removed == 1u);
    BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());
    BOOST_TEST(find(R"({"n":3})") == "k003 ");
    kill();
  }

  base::channel_id channel;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(adoption_of_indexed_rows, adopted_index)

BOOST_AUTO_TEST_CASE(what_the_index_lacks_is_adopted_before_anything_is_decided) {
  make_places();
  restart();
  BOOST_TEST(find(R"({"n":3})") == "k003 ");
  auto twice = insert("other", R"({"id":"other","n":3})");
  BOOST_TEST(!twice);
  world.run_for(1min);
  for (int i = 0; i < left_rows; ++i) BOOST_TEST(get(key(i)) == json(i));
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(an_index_that_lacks_a_lost_row_has_failed_and_the_database_is_open) {
  make_places();
  start();
  auto newest = run(stack->rest.history_before(channel, {}, 1, {database::priority::read, world.now() + 1min}));
  BOOST_REQUIRE(newest.has_value());
  BOOST_REQUIRE(run(stack->rest.remove(channel, newest->value.front().id, {database::priority::read, world.now() + 1min})).has_value());
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(stack->engine->failed().empty());
  world.run_for(2min);
  auto users = run(stack->engine->inspect_table("prod", "users", reading()));
  BOOST_REQUIRE(users.has_value());
  BOOST_TEST_REQUIRE(users->indexes.size() == 1u);
  BOOST_TEST(users->indexes.front().state == "failed");
  BOOST_TEST(contains(users->indexes.front().why, "cannot be read"));
  BOOST_TEST(run(stack->engine->insert("prod", "other", {"new", R"({"id":"new"})"}, context())).has_value());
  restart();  // no start after that takes it for a ready one, even when the row is there no more
  for (int i = 0; i < left_rows; ++i) (void)remove(key(i));
  restart();
  BOOST_TEST(run(stack->engine->inspect_table("prod", "users", reading()))->indexes.front().state == "failed");
}

BOOST_AUTO_TEST_SUITE_END()
