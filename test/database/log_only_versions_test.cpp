// Versions that were superseded before they had a message lie in the log only, and hold its segments: they get messages when these are to go.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "database/storage_upkeep.hpp"
#include "protocol/row_message.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct log_only : database_fixture {
  log_only() {
    options.checkpoints.tail_messages = 10;
    options.checkpoints.share = 1000;
    options.checkpoints.segment_messages = 8;
    options.checkpoints.segments_kept = 1'000;
  }

  // Some rows of table `users` that are changed at once, so that their first version never gets a message.
  void make_versions(int count) {
    create();
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "other", "id", context())).has_value());
    channel = inspect().tables.at(0).channel;
    stack->store.on_post = [this](base::channel_id in, const database::new_message&) { return in == channel ? fault::lost_before : fault::none; };
    for (int i = 0; i < count; ++i) {
      firsts.push_back(insert(key(i), value(i, 1))->lsn);
      BOOST_REQUIRE(update(key(i), R"({"n":2})").has_value());
    }
    stack->store.on_post = nullptr;
    drain();
  }
  void write_elsewhere(int from, int to) {
    for (int i = from; i < to; ++i) {
      auto json = fmt::format(R"({{"id":"o{}"}})", i);
      BOOST_REQUIRE(run(stack->engine->insert("prod", "other", {fmt::format("o{}", i), json}, context())).has_value());
      world.run_for(2s);
    }
    world.run_for(1min);
  }
  static std::string key(int i) { return fmt::format("k{}", i); }
  static std::string value(int i, int n) { return fmt::format(R"({{"id":"k{}","n":{}}})", i, n); }
  void check_versions() {
    for (std::size_t i = 0; i < firsts.size(); ++i) {
      auto number = static_cast<int>(i);
      auto then = run(stack->engine->get_as_of("prod", "users", key(number), {firsts[i], {}}, reading()));
      BOOST_TEST_REQUIRE(then.has_value(), then.error().message);
      BOOST_TEST(then->json == value(number, 1));
      BOOST_TEST(get(key(number)) == value(number, 2));
    }
  }

  base::channel_id channel;
  std::vector<std::uint64_t> firsts;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_only_versions, log_only)

BOOST_AUTO_TEST_CASE(vacuum_writes_them_so_that_the_log_can_go) {
  make_versions(3);
  write_elsewhere(0, 40);
  BOOST_TEST(inspect().log_first_lsn <= firsts.front());
  auto done = run(stack->engine->storage().vacuum("prod", "", false, reading()));
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(done->versions_written == 3u);
  BOOST_TEST(done->log == "");
  auto again = run(stack->engine->storage().vacuum("prod", "", false, reading()));
  BOOST_TEST(again->versions_written == 0u);
  write_elsewhere(40, 80);
  BOOST_TEST(inspect().log_first_lsn > firsts.back() + 1);
  check_versions();
  restart();
  world.run_for(1min);
  check_versions();
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(no_table_waits_for_the_channel_of_another) {
  make_versions(2);
  auto others = inspect().tables.at(1).channel;
  stack->store.on_post = [&](base::channel_id in, const database::new_message&) { return in == others ? fault::lost_before : fault::none; };
  for (int n = 1; n < 3; ++n) {
    auto put = fmt::format(R"([{{"op":"put","table":"other","key":"o","value":{{"n":{}}}}}])", n);
    auto steps = database::parse_row_operations(put, 1'000'000);
    BOOST_REQUIRE(steps.has_value());
    BOOST_REQUIRE(run(stack->engine->transact("prod", *steps, context())).has_value());
  }
  stack->store.on_post = nullptr;
  write_elsewhere(0, 20);
  bool held = false, written = false;
  stack->store.on_post = [&](base::channel_id in, const database::new_message& message) {
    written = written || (in == others && contains(message.content, "\"n\":1"));
    bool first = in == channel && !std::exchange(held, held || in == channel);
    return first ? fault::held : fault::none;
  };
  std::optional<base::result<database::vacuum_report>> done;
  auto vacuum = [](log_only* self, std::optional<base::result<database::vacuum_report>>* told) -> actor::task<void> {
    auto c = self->reading();
    *told = co_await self->stack->engine->storage().vacuum("prod", "", false, c);
  };
  process->spawn(vacuum(this, &done));
  world.run_until([&] { return held && written; }, 1min);
  BOOST_TEST(held);
  BOOST_TEST(written);
  BOOST_TEST(!done.has_value());
  stack->store.release.notify();
  world.run_until([&] { return done.has_value(); }, 30min);
  BOOST_REQUIRE((done && *done));
  BOOST_TEST((*done)->versions_written == 3u);
  check_versions();
}

BOOST_AUTO_TEST_CASE(they_do_not_keep_what_is_purged_in_the_log) {
  make_versions(2);
  BOOST_REQUIRE(run(stack->engine->insert("prod", "other", {"gone", R"({"id":"gone"})"}, context())).has_value());
  write_elsewhere(0, 20);
  auto purged = run(stack->engine->storage().purge("prod", "other", "gone", context(1h)));
  BOOST_REQUIRE(purged.has_value());
  BOOST_TEST(purged->log == "");
  BOOST_TEST(inspect().log_first_lsn > firsts.back());
  check_versions();
  restart();
  check_versions();
}

// A page that is being written may hold a row that another purge erases meanwhile.
BOOST_AUTO_TEST_CASE(a_purge_that_meets_another_one_writing_them_does_not_say_that_all_is_erased) {
  make_versions(2);
  write_elsewhere(0, 20);
  bool held = false;
  stack->store.on_post = [&](base::channel_id in, const database::new_message&) {
    bool first = in == channel && !std::exchange(held, held || in == channel);
    return first ? fault::held : fault::none;
  };
  std::optional<base::result<database::purge_report>> slow;
  auto purge_slowly = [](log_only* self, std::optional<base::result<database::purge_report>>* told) -> actor::task<void> {
    auto c = self->context(30min);
    *told = co_await self->stack->engine->storage().purge("prod", "other", "o1", c);
  };
  process->spawn(purge_slowly(this, &slow));
  world.run_until([&] { return held; }, 5min);
  BOOST_REQUIRE(held);
  auto other = run(stack->engine->storage().purge("prod", "users", key(0), context(1min)));
  BOOST_REQUIRE(other.has_value());
  const std::string why = "another purge is writing older versions out of the log; give the command again behind it";
  BOOST_TEST(other->messages == why);
  BOOST_TEST(other->log == why);
  BOOST_TEST(other->checkpoints == why);
  stack->store.release.notify();
  world.run_until([&] { return slow.has_value(); }, 30min);
  BOOST_REQUIRE(slow.has_value());
  BOOST_REQUIRE(slow->has_value());
  BOOST_TEST((*slow)->messages == "");
  auto again = run(stack->engine->storage().purge("prod", "users", key(0), context(30min)));
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->log == "");
  BOOST_TEST(again->messages == "");
}

BOOST_AUTO_TEST_CASE(a_log_of_many_segments_gets_shorter_by_itself) {
  options.checkpoints.segments_kept = 3;
  make_versions(2);
  write_elsewhere(0, 80);
  BOOST_TEST(inspect().log_first_lsn > firsts.back());
  check_versions();
  restart();
  check_versions();
}

// Versions of one record have one LSN: their messages must be told apart from each other's and from the row's.
BOOST_AUTO_TEST_CASE(versions_of_one_transaction_get_a_message_each) {
  make_versions(1);
  auto change = [](std::string step) {
    auto steps = database::parse_row_operations(step, 1'000'000);
    BOOST_REQUIRE(steps.has_value());
    return *steps;
  };
  auto n = [](int i) { return fmt::format(R"({{"op":"update","table":"users","key":"k0","patch":{{"n":{}}}}})", i); };
  auto done = run(stack->engine->transact("prod", change("[" + n(3) + "," + n(4) + "," + n(5) + "]"), context()));
  BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  drain();
  write_elsewhere(0, 20);
  auto all = [this] {
    auto answer = run(stack->engine->history("prod", "users", {"k0", 10}, reading()));
    BOOST_REQUIRE(answer.has_value());
    std::string text;
    for (const auto& c : answer->changes) text += fmt::format("{}:{} ", c.version, c.json);
    return text;
  };
  auto before = all();
  BOOST_TEST(contains(before, R"(4:{"id":"k0","n":4} 3:{"id":"k0","n":3})"));
  auto vacuumed = run(stack->engine->storage().vacuum("prod", "users", false, reading()));
  BOOST_REQUIRE(vacuumed.has_value());
  BOOST_TEST(vacuumed->versions_written == 3u);  // the row as it was inserted, and two of the transaction
  BOOST_TEST(vacuumed->log == "");
  write_elsewhere(20, 60);
  BOOST_TEST(inspect().log_first_lsn > done->lsn);
  BOOST_TEST(all() == before);
  BOOST_TEST(get("k0") == value(0, 5));
  for (int i = 0; i < 2; ++i) {
    restart();
    world.run_for(1min);
    BOOST_TEST(all() == before);
    BOOST_TEST(get("k0") == value(0, 5));
  }
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

// Their numbers go on, so that nothing is taken for another one.
BOOST_AUTO_TEST_CASE(so_does_a_row_that_one_transaction_inserts_deletes_and_inserts) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "other", "id", context())).has_value());
  auto insert_one = [](int i) { return fmt::format(R"({{"op":"insert","table":"users","value":{{"id":"k0","n":{}}}}})", i); };
  auto steps = database::parse_row_operations("[" + insert_one(1) + R"(,{"op":"delete","table":"users","key":"k0"},)" + insert_one(2) + "]", 1'000'000);
  BOOST_REQUIRE(steps.has_value());
  auto done = run(stack->engine->transact("prod", *steps, context()));
  BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  drain();
  write_elsewhere(0, 20);
  auto vacuumed = run(stack->engine->storage().vacuum("prod", "users", false, reading()));
  BOOST_REQUIRE(vacuumed.has_value());
  BOOST_TEST(vacuumed->versions_written == 1u);
  write_elsewhere(20, 60);
  BOOST_TEST(inspect().log_first_lsn > done->lsn);
  for (int i = 0; i < 2; ++i) {
    auto answer = run(stack->engine->history("prod", "users", {"k0", 10}, reading()));
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST_REQUIRE(answer->changes.size() == 3u);
    BOOST_TEST(answer->changes.front().json == value(0, 2));
    BOOST_TEST(answer->changes.front().version == 3u);
    BOOST_TEST(answer->changes.at(1).deleted);
    BOOST_TEST(answer->changes.back().json == value(0, 1));
    BOOST_TEST(get("k0") == value(0, 2));
    restart();
    world.run_for(1min);
  }
}

// What cannot be written is told, and lost is nothing.
BOOST_AUTO_TEST_CASE(a_version_that_discord_refuses_keeps_the_log) {
  make_versions(1);
  write_elsewhere(0, 20);
  stack->store.on_post = [this](base::channel_id in, const database::new_message&) { return in == channel ? fault::content : fault::none; };
  auto done = run(stack->engine->storage().vacuum("prod", "users", false, reading()));
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(done->versions_written == 0u);
  BOOST_TEST(contains(done->log, "Discord does not store"));
  write_elsewhere(20, 60);
  BOOST_TEST(inspect().log_first_lsn <= firsts.front());
  check_versions();
}

// Neighbours in the log are read with one listing.
BOOST_AUTO_TEST_CASE(many_are_read_with_few_requests) {
  make_versions(30);
  write_elsewhere(0, 20);
  auto before = stack->store.reads;
  auto done = run(stack->engine->storage().vacuum("prod", "users", false, reading()));
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(done->versions_written == 30u);
  BOOST_TEST(stack->store.fetches == 0);
  BOOST_TEST(stack->store.reads - before <= 10);  // a segment has eight records
  check_versions();
}

BOOST_AUTO_TEST_SUITE_END()
