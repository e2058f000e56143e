// Purge: afterwards nothing that the guild keeps holds the row's content, however it is interrupted.
#include <fmt/format.h>

#include "database/killed_purge.hpp"
#include "protocol/zstd_frame.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

const std::string secret = "tangerine";

struct purge_fixture : database_fixture {
  purge_fixture() {
    options.checkpoints.tail_messages = 10;
    options.checkpoints.share = 1000;
  }
  void fill() {
    create();
    BOOST_REQUIRE(insert("keep", R"({"n":1})").has_value());
    BOOST_REQUIRE(insert("gone", "{\"s\":\"" + secret + "\"}").has_value());
    drain();
    BOOST_REQUIRE(update("gone", "{\"t\":\"" + secret + "\"}").has_value());
    drain();
    for (int i = 0; i < 12; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), "{}").has_value());
    drain();
    world.run_for(1min);
  }
  base::result<database::purge_report> purge(std::string key = "gone") {
    return run(stack->engine->storage().purge("prod", "users", std::move(key), context(1h)));
  }
  // Messages of any channel that hold the text, in their content or an attachment, unpacked if it is packed.
  int places() {
    database::call_options call{database::priority::read, world.now() + 10min};
    int found = 0;
    auto all = run(stack->store.channels(call));
    for (const auto& c : all.value().value) {
      if (c.kind != database::channel_kind::text) continue;
      auto messages = run(stack->store.history_before(c.id, {}, 100, call));
      for (const auto& m : messages.value().value) {
        bool here = contains(m.content, secret);
        for (auto a : m.attachments) {
          auto bytes = run(stack->store.download(a, call));
          if (!bytes) continue;
          auto unpacked = protocol::read_zstd(*bytes, 1 << 24);
          here = here || contains(*bytes, secret) || (unpacked && contains(*unpacked, secret));
        }
        found += here;
      }
    }
    return found;
  }
  void check_others() {
    BOOST_TEST(contains(get("keep"), "\"n\":1"));
    BOOST_TEST(inspect().tables.at(0).rows == 13u);
    auto found = run(stack->engine->verify("prod", "users", reading()));
    BOOST_TEST(found->problems == 0u);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(purge_suite, purge_fixture)

BOOST_AUTO_TEST_CASE(nothing_in_the_guild_holds_the_row_any_more) {
  fill();
  BOOST_REQUIRE(run(stack->engine->snapshot("prod", "users", reading())).has_value());
  BOOST_TEST(places() > 3);
  auto report = purge();
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->row);
  BOOST_TEST(report->messages_removed == 2u);
  BOOST_TEST(report->snapshots_looked_at == 1u);
  BOOST_TEST(report->snapshots_removed == 1u);
  BOOST_TEST(report->log == "");
  BOOST_TEST(report->checkpoints == "");
  BOOST_TEST(report->messages == "");
  BOOST_TEST(report->snapshots == "");
  BOOST_TEST(places() == 0);
  check_others();
  BOOST_TEST(contains(get("gone"), "no row"));
  auto history = run(stack->engine->history("prod", "users", {"gone", 10}, reading()));
  if (history) {
    for (const auto& change : history->changes) BOOST_TEST(change.json.empty());
  }
  restart();
  BOOST_TEST(places() == 0);
  check_others();
  BOOST_REQUIRE(insert("gone", R"({"new":true})").has_value());
  BOOST_TEST(contains(get("gone"), "new"));
}

// Discord goes on naming the last message of a channel that was emptied.
BOOST_AUTO_TEST_CASE(channels_that_were_emptied_are_no_hidden_ones) {
  fill();
  BOOST_REQUIRE(run(stack->engine->snapshot("prod", "users", reading())).has_value());
  BOOST_TEST(purge()->snapshots_removed == 1u);
  BOOST_TEST(purge("other")->snapshots == "");  // the channel of snapshots holds nothing now
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "few", "id", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->insert("prod", "few", {"only", "{}"}, context())).has_value());
  drain();
  auto first = run(stack->engine->storage().purge("prod", "few", "only", context(1h)));
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->messages == "");
  auto second = run(stack->engine->storage().purge("prod", "few", "only", context(1h)));
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(second->messages == "");
  auto removed = run(stack->engine->storage().vacuum("prod", "few", true, reading()));
  BOOST_TEST(removed.has_value(), (removed ? std::string() : removed.error().message));
}

BOOST_AUTO_TEST_CASE(a_row_that_was_deleted_before_is_erased_with_its_history) {
  fill();
  BOOST_REQUIRE(remove("gone").has_value());
  drain();
  auto report = purge();
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->row);
  BOOST_TEST(places() == 0);
  check_others();
}

BOOST_AUTO_TEST_CASE(a_key_that_was_never_there_erases_nothing_and_says_so) {
  fill();
  auto report = purge("nobody");
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(!report->row);
  BOOST_TEST(report->messages_removed == 0u);
  BOOST_TEST(run(stack->engine->get("prod", "users", "gone", reading())).has_value());
}

BOOST_AUTO_TEST_CASE(what_holds_the_log_is_named) {
  fill();
  BOOST_REQUIRE(insert("pin", R"({"n":1})").has_value());
  BOOST_REQUIRE(update("pin", R"({"n":2})").has_value());  // the first version lives only in the log
  auto pinned = inspect().tables.at(0).past_versions;
  BOOST_REQUIRE(pinned > 0u);
  drain();
  auto report = purge();
  BOOST_REQUIRE(report.has_value());
  if (!report->log.empty()) BOOST_TEST(contains(report->log, "table users needs log record"));
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value());
  BOOST_REQUIRE(purge().has_value());
  BOOST_TEST(places() == 0);
}

BOOST_AUTO_TEST_CASE(without_checkpoints_the_log_is_said_to_keep_it) {
  options.checkpoints.enabled = false;
  fill();
  auto report = purge();
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(contains(report->log, "no checkpoints are written"));
  BOOST_TEST(report->messages_removed == 2u);
}

BOOST_AUTO_TEST_CASE(killed_at_any_moment_it_is_finished_by_the_next_one) {
  for (int n = 1; n < 3000; n += 7 + n / 5) {
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      purge_fixture f;
      f.fill();
      purge_and_be_killed(f, n);
      BOOST_REQUIRE(f.purge().has_value());
      BOOST_TEST(f.places() == 0);
      f.check_others();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
