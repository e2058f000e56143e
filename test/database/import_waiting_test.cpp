// Imports that are more than the log's queue, memory or one message takes: they wait for their turn, and nothing of them is refused for it.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct waiting_imports : database_fixture {
  static std::vector<database::new_row> rows_of(int count, std::size_t text) {
    std::vector<database::new_row> some;
    for (int i = 0; i < count; ++i) some.push_back({{}, fmt::format(R"({{"id":"k{}","t":"{}"}})", 10'000 + i, std::string(text, 'x'))});
    return some;
  }
  base::result<database::import_report> import(std::vector<database::new_row> some, database::write_context how) {
    return run(stack->engine->import("prod", "users", std::move(some), std::move(how)));
  }
  void import_all(int count, std::size_t text) {
    auto put = import(rows_of(count, text), context());
    BOOST_TEST_REQUIRE(put.has_value(), put.error().message);
    BOOST_TEST_REQUIRE(put->refused.empty(), put->refused.front().reason);
    BOOST_TEST(put->accepted == static_cast<std::size_t>(count));
    BOOST_TEST(inspect().tables.at(0).rows == static_cast<std::uint64_t>(count));
  }
  void set_schema(std::string json) {
    auto set = run(stack->engine->set_schema("prod", "users", std::move(json), true, context()));
    BOOST_TEST_REQUIRE(set.has_value(), set.error().message);
  }
  static std::string default_of(std::size_t text) { return fmt::format(R"({{"properties":{{"d":{{"default":"{}"}}}}}})", std::string(text, 'd')); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(imports_that_wait, waiting_imports)

BOOST_AUTO_TEST_CASE(one_that_is_more_than_the_queue_takes_waits) {
  options.backlog_cap = 2 * 1024 * 1024;
  create();
  import_all(160, 64 * 1024);
}

BOOST_AUTO_TEST_CASE(one_that_is_more_than_memory_holds_while_it_is_pending_waits) {
  options.memory_cap = 8 * 1024 * 1024;
  create();
  import_all(1'000, 16 * 1024);
  BOOST_TEST(inspect().tables.at(0).memory <= options.memory_cap);
}

BOOST_AUTO_TEST_CASE(behind_others_that_fill_the_queue_it_waits_too) {
  options.backlog_cap = 300 * 1024;
  create();
  auto log = inspect().log_channel;
  bool held = false;
  stack->store.on_post = [&](base::channel_id in, const database::new_message&) { return in == log && !std::exchange(held, true) ? fault::held : fault::none; };
  auto insert_large = [](waiting_imports* self, std::string key, int* done) -> actor::task<void> {
    auto c = self->context();
    database::new_row row{key, fmt::format(R"({{"t":"{}"}})", std::string(280 * 1024, 'x'))};
    auto put = co_await self->stack->engine->insert("prod", "users", row, c);
    *done += put.has_value();
  };
  int done = 0;
  process->spawn(insert_large(this, "a", &done));
  BOOST_REQUIRE(world.run_until([&] { return held; }, 1min));
  process->spawn(insert_large(this, "b", &done));
  world.run_for(1s);
  std::optional<base::result<database::import_report>> imported;
  auto import_some = [](waiting_imports* self, std::optional<base::result<database::import_report>>* told) -> actor::task<void> {
    auto c = self->context();
    auto rows = rows_of(100, 1'000);
    *told = co_await self->stack->engine->import("prod", "users", rows, c);
  };
  process->spawn(import_some(this, &imported));
  world.run_for(5s);
  BOOST_TEST(!imported.has_value());
  stack->store.release.notify();
  BOOST_REQUIRE(world.run_until([&] { return imported.has_value(); }, 1min));
  BOOST_TEST_REQUIRE(imported->has_value(), imported->error().message);
  BOOST_TEST((*imported)->accepted == 100u);
  BOOST_TEST(done == 2);
}

// Past its deadline it says why, and what it has not written is not there.
BOOST_AUTO_TEST_CASE(one_that_waits_for_too_long_says_so) {
  options.backlog_cap = 300 * 1024;
  create();
  auto log = inspect().log_channel;
  stack->store.on_post = [&](base::channel_id in, const database::new_message&) { return in == log ? fault::held : fault::none; };
  auto insert_large = [](waiting_imports* self, std::string key) -> actor::task<void> {
    auto c = self->context(30min);
    database::new_row row{key, fmt::format(R"({{"t":"{}"}})", std::string(280 * 1024, 'x'))};
    co_await self->stack->engine->insert("prod", "users", row, c);
  };
  process->spawn(insert_large(this, "a"));
  world.run_for(1s);
  process->spawn(insert_large(this, "b"));
  world.run_for(1s);
  auto put = import(rows_of(100, 1'000), context(20s));
  BOOST_REQUIRE(put.has_error());
  BOOST_TEST((put.error().code == errc::backpressure));
  BOOST_TEST(put.error().message.starts_with("0 of 100 rows were imported"), put.error().message);
  stack->store.on_post = nullptr;
  stack->store.release.notify();
  world.run_for(1min);
  BOOST_TEST(find("{}") == "a b ");
}

// Of its transactions one is in the log, and of the others nobody knows yet.
BOOST_AUTO_TEST_CASE(one_whose_answers_do_not_all_come_says_how_many_rows_are_in_for_certain) {
  options.group_cap = 8 * 200;  // two rows a transaction
  create();
  auto log = inspect().log_channel;
  int posts = 0;
  stack->store.on_post = [&](base::channel_id in, const database::new_message&) { return in == log && ++posts > 1 ? fault::held : fault::none; };
  auto put = import(rows_of(6, 10), context(20s));
  BOOST_REQUIRE(put.has_error());
  BOOST_TEST((put.error().code == errc::outcome_unknown));
  BOOST_TEST(put.error().message.starts_with("2 of 6 rows were imported for certain, and whether others were is not known yet"), put.error().message);
  BOOST_TEST(inspect().tables.at(0).rows == 2u);
  stack->store.on_post = nullptr;
  stack->store.release.notify();
  world.run_for(1min);
  BOOST_TEST(inspect().tables.at(0).rows == 6u);
}

BOOST_AUTO_TEST_CASE(rows_that_the_schema_makes_large_become_several_messages) {
  create();
  set_schema(default_of(5'000));
  import_all(4'000, 10);
  restart();
  BOOST_TEST(get("k10001").size() > 5'000u);
  BOOST_TEST(inspect().tables.at(0).rows == 4'000u);
}

BOOST_AUTO_TEST_CASE(such_an_import_delivered_twice_answers_the_same) {
  create();
  set_schema(default_of(5'000));
  auto rows = rows_of(2'000, 10);
  for (std::size_t i = 0; i < rows.size(); i += 300) rows[i].json = "{";
  auto once = context();
  auto first = import(rows, once);
  BOOST_TEST_REQUIRE(first.has_value(), first.error().message);
  BOOST_TEST(first->accepted == 1'993u);
  BOOST_TEST(first->refused.size() == 7u);
  restart();
  auto again = import(rows, once);
  BOOST_TEST_REQUIRE(again.has_value(), again.error().message);
  BOOST_TEST(again->accepted == first->accepted);
  BOOST_TEST(again->last_lsn == first->last_lsn);
  BOOST_REQUIRE(again->refused.size() == first->refused.size());
  for (std::size_t i = 0; i < again->refused.size(); ++i) {
    BOOST_TEST(again->refused[i].index == 300 * i);
    BOOST_TEST(again->refused[i].reason == first->refused[i].reason);
  }
  BOOST_TEST(inspect().tables.at(0).rows == 1'993u);
}

BOOST_AUTO_TEST_CASE(a_row_that_the_schema_makes_too_large_is_refused_alone) {
  options.row_cap = 100'000;
  create();
  set_schema(default_of(60'000));
  auto rows = rows_of(3, 10);
  rows[1].json = fmt::format(R"({{"id":"b","t":"{}"}})", std::string(50'000, 'x'));
  auto put = import(rows, context());
  BOOST_TEST_REQUIRE(put.has_value(), put.error().message);
  BOOST_TEST(put->accepted == 2u);
  BOOST_REQUIRE(put->refused.size() == 1u);
  BOOST_TEST(contains(put->refused[0].reason, "with the defaults of the schema; at most 100000 are allowed"), put->refused[0].reason);
  auto single = insert("c", fmt::format(R"({{"t":"{}"}})", std::string(50'000, 'x')));
  BOOST_REQUIRE(single.has_error());
  BOOST_TEST((single.error().code == errc::too_large));
}

BOOST_AUTO_TEST_CASE(a_row_that_is_refused_claims_nothing) {
  create();
  auto deep = std::string(61, '[') + std::string(61, ']');
  set_schema(fmt::format(R"({{"properties":{{"a.b.c.d.e":{{"default":{}}}}}}})", deep));
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());
  std::vector<database::new_row> rows{{"", R"({"id":"x","n":1})"}, {"", R"({"id":"y","n":1,"a":{"b":{"c":{"d":{"e":1}}}}})"}};
  auto put = import(rows, context());
  BOOST_TEST_REQUIRE(put.has_value(), put.error().message);
  BOOST_TEST(put->accepted == 1u);
  BOOST_REQUIRE(put->refused.size() == 1u);
  BOOST_TEST(contains(put->refused[0].reason, "nested too deeply"), put->refused[0].reason);
  BOOST_TEST(find("{}") == "y ");
}

BOOST_AUTO_TEST_CASE(nor_does_one_that_memory_has_no_room_for) {
  options.memory_cap = 256 * 1024;
  create();
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());
  auto of = [](std::string key, std::size_t text) { return database::new_row{"", fmt::format(R"({{"id":"{}","n":1,"t":"{}"}})", key, std::string(text, 'x'))}; };
  auto put = import({of("large", 250 * 1024), of("small", 10)}, context());
  BOOST_TEST_REQUIRE(put.has_value(), put.error().message);
  BOOST_REQUIRE(put->refused.size() == 1u);
  BOOST_TEST(contains(put->refused[0].reason, "memory for rows"), put->refused[0].reason);
  BOOST_TEST(find("{}") == "small ");
}

BOOST_AUTO_TEST_SUITE_END()
