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
  // One that a person cancels when `done` of its steps are behind it, or more: some take no time.
  base::result<database::purge_report> cancelled_after(std::uint64_t& done) {
    auto progress = std::make_shared<database::work_progress>();
    auto c = context(1h);
    c.progress = progress;
    std::optional<base::result<database::purge_report>> ended;
    process->spawn([](database::engine& e, database::write_context its, std::optional<base::result<database::purge_report>>& into) -> actor::task<void> {
      auto answer = co_await e.storage().purge("prod", "users", "gone", std::move(its));
      into.emplace(std::move(answer));
    }(*stack->engine, std::move(c), ended));
    world.run_until([&] { return ended || progress->done >= done; }, 1h);
    BOOST_TEST(progress->total == 6u);
    progress->cancelled = true;
    done = progress->done;
    world.run_until([&] { return ended.has_value(); }, 1h);
    BOOST_REQUIRE(ended.has_value());
    return std::move(*ended);
  }
  // Messages of any channel that hold the text, in their content or an attachment, unpacked if it is packed.
  int places() {
    database::call_options call{database::priority::read, world.now() + 10min};
    int found = 0;
    auto all = run(stack->store.channels(call));
    for (const auto& c : all.value().value) {
      if (c.kind != database::channel_kind::text) continue;
      auto messages = run(stack->store.history_before(c.id, {}, 100, call));
      if (!messages && messages.error().code == database::store_errc::not_found) continue;  // a segment of the log that was still being deleted
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

BOOST_AUTO_TEST_CASE(given_again_it_finds_nothing_more_and_says_so) {
  fill();
  BOOST_REQUIRE(purge().has_value());
  auto again = purge();
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(!again->row);
  BOOST_TEST(again->messages_removed + again->threads_removed + again->snapshots_removed == 0u);
  restart();
  BOOST_TEST(!purge()->row);
  BOOST_REQUIRE(insert("gone", "{\"u\":\"" + secret + "\"}").has_value());
  drain();
  BOOST_TEST(purge()->row);
  BOOST_TEST(places() == 0);
  check_others();
}

BOOST_AUTO_TEST_CASE(cancelled_it_begins_no_further_step_says_which_and_is_finished_by_the_next_one) {
  const std::string not_begun = "it was cancelled before this was begun";
  for (std::uint64_t at = 1; at < 6; ++at) {
    BOOST_TEST_CONTEXT("cancelled after " << at << " steps") {
      purge_fixture f;
      f.fill();
      BOOST_REQUIRE(f.run(f.stack->engine->snapshot("prod", "users", f.reading())).has_value());
      auto done = at;
      auto report = f.cancelled_after(done);
      BOOST_REQUIRE(report.has_value());
      BOOST_TEST(report->row);
      BOOST_TEST(report->cancelled);
      const std::string* steps[] = {&report->log, &report->threads, &report->messages, &report->index_channels, &report->snapshots};
      for (std::uint64_t i = 0; i + 1 < done; ++i) BOOST_TEST(*steps[i] == "");
      for (std::uint64_t i = done; i < 5; ++i) BOOST_TEST(*steps[i] == not_begun);
      BOOST_TEST((f.places() > 0 || done == 5));
      BOOST_TEST(contains(f.get("gone"), "no row"));
      BOOST_REQUIRE(f.purge().has_value());
      BOOST_TEST(f.places() == 0);
      f.check_others();
    }
  }
}

BOOST_AUTO_TEST_CASE(cancelled_before_it_begins_it_erases_nothing) {
  fill();
  auto c = context(1h);
  c.progress = std::make_shared<database::work_progress>();
  c.progress->cancelled = true;
  auto report = run(stack->engine->storage().purge("prod", "users", "gone", std::move(c)));
  BOOST_REQUIRE(!report.has_value());
  BOOST_TEST(report.error().message == "the purge was cancelled before it erased anything");
  BOOST_TEST(contains(get("gone"), secret));
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

// Both stand in one record of the log.
BOOST_AUTO_TEST_CASE(a_row_that_is_inserted_while_the_purge_is_logged_is_another_one) {
  fill();
  using erased = std::optional<base::result<database::purge_report>>;
  using inserted = std::optional<base::result<database::write_receipt>>;
  erased purged;
  inserted other, fresh;
  auto erase = [](database::engine& e, database::write_context c, erased& into) -> actor::task<void> {
    auto answer = co_await e.storage().purge("prod", "users", "gone", std::move(c));
    into.emplace(std::move(answer));
  };
  auto put = [](database::engine& e, database::write_context c, std::string key, inserted& into) -> actor::task<void> {
    database::new_row row{key, "{\"new\":1}"};
    auto answer = co_await e.insert("prod", "users", std::move(row), std::move(c));
    into.emplace(std::move(answer));
  };
  process->spawn(put(*stack->engine, context(), "other", other));  // while its answer is awaited the next two wait together
  world.run_for(1ms);
  process->spawn(erase(*stack->engine, context(1h), purged));
  world.run_for(1ms);
  process->spawn(put(*stack->engine, context(), "gone", fresh));
  world.run_until([&] { return purged && fresh; }, 1h);
  BOOST_TEST_REQUIRE((purged && purged->has_value() && fresh && fresh->has_value()));
  BOOST_TEST_REQUIRE((*fresh)->lsn == (*purged)->lsn);
  BOOST_TEST((*purged)->messages_removed == 2u);
  BOOST_TEST((*purged)->messages == "");
  drain();
  BOOST_TEST(contains(get("gone"), "new"));
  restart();
  BOOST_TEST(contains(get("gone"), "new"));
  BOOST_TEST(places() == 0);
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
