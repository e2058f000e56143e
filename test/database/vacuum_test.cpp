// Vacuum deletes what no row lives in, and only that, also when it is interrupted.
#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct vacuum_fixture : database_fixture {
  // Three rows of which one has two superseded versions and one is deleted: three messages of garbage.
  void make_garbage() {
    create();
    BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
    for (const char* key : {"a", "b", "c"}) BOOST_REQUIRE(insert(key, "{}").has_value());
    drain();
    for (int n : {1, 2}) {
      BOOST_REQUIRE(update("a", fmt::format(R"({{"n":{}}})", n)).has_value());
      drain();
    }
    BOOST_REQUIRE(remove("c").has_value());
  }
  database::vacuum_report vacuum(std::string table = "users", bool scan = false) {
    auto done = run(stack->engine->storage().vacuum("prod", std::move(table), scan, reading()));
    if (!done) BOOST_FAIL(done.error().message);
    return *done;
  }
  std::vector<database::stored_message> messages() {
    database::call_options call{database::priority::read, world.now() + 1min};
    return run(stack->store.history_after(inspect().tables.at(0).channel, {}, 100, call)).value().value;
  }
  std::uint64_t superseded() { return inspect().tables.at(0).superseded; }
  void check_rows() {
    BOOST_TEST(find("{}") == "a b ");
    BOOST_TEST(get("a") == R"({"id":"a","n":2})");
    auto found = run(stack->engine->verify("prod", "users", reading()));
    BOOST_TEST(found->problems == 0u);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(vacuum_suite, vacuum_fixture)

BOOST_AUTO_TEST_CASE(it_removes_messages_of_older_versions_and_deleted_rows_and_says_how_many) {
  make_garbage();
  BOOST_TEST(superseded() == 3u);
  auto report = vacuum();
  BOOST_TEST(report.found == 3u);
  BOOST_TEST(report.removed == 3u);
  BOOST_TEST(!report.stopped.has_value());
  BOOST_TEST(messages().size() == 2u);
  BOOST_TEST(superseded() == 0u);
  check_rows();
  BOOST_TEST(vacuum("").found == 0u);
  restart();
  check_rows();
  BOOST_TEST(superseded() == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_is_deleted_when_the_drop_record_is_not_written) {
  make_garbage();
  stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    return contains(m.content, "`dbcord/1 drop ") ? fault::refused : fault::none;
  };
  auto report = vacuum();
  BOOST_TEST(report.removed == 0u);
  BOOST_TEST(report.stopped.has_value());
  BOOST_TEST(stack->store.removed == 0);
  BOOST_TEST(messages().size() == 5u);
  stack->store.on_post = nullptr;
  BOOST_TEST(vacuum().removed == 3u);
  check_rows();
}

BOOST_AUTO_TEST_CASE(an_unknown_table_is_named) {
  create();
  auto done = run(stack->engine->storage().vacuum("prod", "nobody", false, reading()));
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(contains(done.error().message, "nobody"));
}

BOOST_AUTO_TEST_CASE(old_messages_are_deleted_one_by_one) {
  make_garbage();
  kill();
  world.run_for(24h * 15);
  restart();
  world.run_for(10s);
  BOOST_TEST(vacuum().removed == 3u);
  BOOST_TEST(messages().size() == 2u);
  check_rows();
}

BOOST_AUTO_TEST_CASE(a_duplicate_of_the_live_version_that_was_dropped_is_never_adopted) {
  make_garbage();
  auto before = messages();
  auto live = run(stack->engine->get("prod", "users", "b", reading()))->location.message;
  // Another message of the same version, as a lost answer leaves it; it is dropped, and the process dies before it is deleted.
  database::new_message twin;
  for (const auto& m : before) {
    if (m.id == live) twin.content = m.content;
  }
  database::call_options call{database::priority::read, world.now() + 1min};
  auto posted = run(stack->store.post(before.front().channel, std::move(twin), call));
  restart();
  world.run_for(10s);
  auto location = run(stack->engine->get("prod", "users", "b", reading()))->location.message;
  auto other = location == live ? posted->value.id : live;
  BOOST_TEST(superseded() == 4u);
  BOOST_TEST(vacuum().removed == 4u);
  for (const auto& m : messages()) BOOST_TEST((m.id != other));
  check_rows();
  restart();
  check_rows();
}

BOOST_AUTO_TEST_CASE(a_scan_finds_copies_that_nobody_knows_of) {
  make_garbage();
  vacuum();
  database::new_message twin;
  for (const auto& m : messages()) twin.content = m.content;
  database::call_options call{database::priority::read, world.now() + 1min};
  auto channel = messages().front().channel;
  BOOST_REQUIRE(run(stack->store.post(channel, std::move(twin), call)).has_value());
  BOOST_TEST(vacuum().found == 0u);
  auto report = vacuum("users", true);
  BOOST_TEST(report.scanned == 3u);
  BOOST_TEST(report.removed == 1u);
  BOOST_TEST(messages().size() == 2u);
  check_rows();
}

BOOST_AUTO_TEST_CASE(killed_at_any_moment_it_is_finished_by_the_next_one) {
  for (int n = 1;; ++n) {
    vacuum_fixture f;
    f.make_garbage();
    bool ended = false;
    f.process->spawn([](database::engine& e, database::read_context c, bool& done) -> actor::task<void> {
      auto report = co_await e.storage().vacuum("prod", "users", false, c);
      done = report.has_value();
    }(*f.stack->engine, f.reading(), ended));
    bool dead = false;
    f.world.set_fuse(*f.process, static_cast<std::uint64_t>(n), [&] { dead = true; });
    f.world.run_until([&] { return ended || dead; }, 1min);
    bool complete = ended;
    f.restart();
    f.world.run_for(10s);
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      f.check_rows();
      auto report = f.vacuum();
      BOOST_TEST(report.removed == report.found);
      BOOST_TEST(f.messages().size() == 2u);
      f.restart();
      f.check_rows();
    }
    if (complete || n > 400) break;
    n += n / 8;
  }
}

BOOST_AUTO_TEST_SUITE_END()
