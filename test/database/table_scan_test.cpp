// A start that finds neither a checkpoint nor the log's beginning: the tables are found in their channels.
#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "simulation/owner_view.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct scan_fixture : database_fixture {
  scan_fixture() { options.checkpoints.enabled = false; }

  void remove_channels(std::string_view prefix) {
    int removed = 0;
    for (const auto& c : simulation::channels_in(guild)) {
      if (c.name.starts_with(prefix) && simulation::delete_channel(guild, c.id)) ++removed;
    }
    BOOST_TEST_REQUIRE(removed > 0, "no channel " << prefix);
  }
  // The log's `n` oldest records, and `others`.
  void remove_records(std::size_t n, std::vector<std::size_t> others = {}) {
    auto channel = inspect().log_channel;
    database::call_options call{database::priority::read, world.now() + 1min};
    auto records = run(stack->store.history_after(channel, {}, 100, call)).value().value;
    kill();
    for (std::size_t i = 0; i < n; ++i) others.push_back(i);
    for (auto i : others) BOOST_REQUIRE(simulation::delete_message(guild, channel, records.at(i).id));
  }
  void lose_the_log() {
    kill();
    remove_channels("dbc-wal");
  }
  // Not opened yet.
  void start_accepting() {
    options.accept_loss = {"prod"};
    start();
  }
  void accept() {
    options.accept_loss = {"prod"};
    options.checkpoints.enabled = true;
    restart();
    options.accept_loss.clear();
    BOOST_TEST_REQUIRE(inspect().state == "open");
  }
  std::string all_losses() {
    std::string all;
    for (const auto& l : inspect().losses) all += l + "\n";
    return all;
  }
  std::string history(std::string key) {
    database::history_request request;
    request.key = std::move(key);
    auto found = run(stack->engine->history("prod", "users", std::move(request), reading()));
    if (!found) return found.error().message;
    std::string versions;
    for (const auto& change : found->changes) versions += fmt::format("{} ", change.version);
    return versions;
  }
  void import_rows(int from, int to) {
    std::vector<database::new_row> rows;
    for (int i = from; i < to; ++i) rows.push_back({fmt::format("p{:04}", i), fmt::format(R"({{"n":{}}})", i)});
    auto done = run(stack->engine->import("prod", "users", std::move(rows), context()));
    BOOST_REQUIRE(done.has_value());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_scan_suite, scan_fixture)

BOOST_AUTO_TEST_CASE(rows_are_found_though_nothing_is_left_of_the_log) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "empty", "key", context())).has_value());
  for (int i = 0; i < 6; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
  std::string big(4000, 'x');
  BOOST_REQUIRE(insert("big", "{\"x\":\"" + big + "\"}").has_value());
  drain();
  BOOST_REQUIRE(update("k1", R"({"n":11})").has_value());
  drain();
  lose_the_log();
  restart();
  BOOST_TEST(contains(inspect().state, "read-only"));
  BOOST_TEST(contains(inspect().state, "7 rows of 2 tables were found in the tables' channels"), inspect().state);
  BOOST_TEST(find("{}") == "big k0 k1 k2 k3 k4 k5 ");
  BOOST_TEST(contains(get("k1"), R"("n":11)"));
  BOOST_TEST(!insert("new", "{}").has_value());
  accept();
  BOOST_TEST(get("big") == "{\"id\":\"big\",\"x\":\"" + big + "\"}");
  BOOST_TEST(history("k1") == "2 1 ");
  auto updated = update("k1", R"({"n":12})");
  BOOST_REQUIRE(updated.has_value());
  BOOST_TEST(run(stack->engine->get("prod", "users", "k1", reading()))->version == 3u);
  BOOST_REQUIRE(run(stack->engine->insert("prod", "empty", {"a", "{}"}, context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "third", "id", context())).has_value());
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(find("{}") == "big k0 k1 k2 k3 k4 k5 ");
  BOOST_TEST(contains(get("k1"), R"("n":12)"));
  BOOST_TEST(stack->engine->tables("prod").size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_the_log_still_tells_counts_before_what_messages_say) {
  create();
  for (int i = 0; i < 6; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
  drain();
  BOOST_REQUIRE(update("k1", R"({"n":11})").has_value());
  BOOST_REQUIRE(remove("k2").has_value());
  BOOST_REQUIRE(insert("late", "{}").has_value());
  drain();
  BOOST_REQUIRE(update("k3", R"({"n":13})").has_value());  // in no message when the process ends
  remove_records(8);  // start, create_table, k0 … k5
  accept();
  BOOST_TEST(contains(all_losses(), "6 rows of 1 table were found"), all_losses());
  BOOST_TEST(find("{}") == "k0 k1 k3 k4 k5 late ");
  BOOST_TEST(contains(get("k1"), R"("n":11)"));
  BOOST_TEST(contains(get("k3"), R"("n":13)"));
  drain();
  auto report = run(stack->engine->verify("prod", "users", reading()));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->problems == 0u);
  restart();
  BOOST_TEST(find("{}") == "k0 k1 k3 k4 k5 late ");
}

BOOST_AUTO_TEST_CASE(rows_of_pages_are_found) {
  options.page_from = 10;
  create();
  import_rows(0, 200);
  drain();
  BOOST_REQUIRE(update("p0007", R"({"n":-7})").has_value());
  drain();
  lose_the_log();
  accept();
  BOOST_TEST(inspect().tables.at(0).rows == 200u);
  BOOST_TEST(contains(get("p0007"), R"("n":-7)"));
  BOOST_TEST(contains(get("p0100"), R"("n":100)"));
  BOOST_TEST(history("p0007") == "2 1 ");
  restart();
  BOOST_TEST(inspect().tables.at(0).rows == 200u);
}

BOOST_AUTO_TEST_CASE(values_beyond_the_share_of_memory_stay_in_their_messages) {
  options.memory_cap = 64 * 1024;
  create();
  std::string long_text(500, 'y');
  for (int i = 0; i < 60; ++i) BOOST_REQUIRE(insert(fmt::format("k{:02}", i), "{\"x\":\"" + long_text + "\"}").has_value());
  drain();
  lose_the_log();
  accept();
  BOOST_TEST(inspect().tables.at(0).rows == 60u);
  for (int i = 0; i < 60; ++i) BOOST_TEST(contains(get(fmt::format("k{:02}", i)), long_text));
  BOOST_TEST(inspect().tables.at(0).memory <= options.memory_cap);
}

BOOST_AUTO_TEST_CASE(a_table_that_moved_is_found_where_it_lies) {
  create();
  for (int i = 0; i < 6; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
  drain();
  BOOST_REQUIRE(run(stack->engine->administration().move_table("prod", "users", context())).has_value());
  BOOST_REQUIRE(insert("later", "{}").has_value());
  drain();
  world.run_for(1min);
  lose_the_log();
  accept();
  BOOST_TEST(find("{}") == "k0 k1 k2 k3 k4 k5 later ");
  BOOST_REQUIRE(update("k0", R"({"n":10})").has_value());
  drain();
  restart();
  BOOST_TEST(contains(get("k0"), R"("n":10)"));
}

// What was written anew there keeps its LSN, which is from before what is left of the log.
BOOST_AUTO_TEST_CASE(a_table_of_whose_move_the_log_tells_is_found_in_both_channels) {
  for (bool finished : {false, true}) {
    BOOST_TEST_CONTEXT("finished " << finished) {
      scan_fixture f;
      f.create();
      for (int i = 0; i < 6; ++i) BOOST_REQUIRE(f.insert(fmt::format("k{}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
      f.drain();
      f.options.checkpoints.enabled = finished;  // the old channel goes with the second one behind the move
      f.restart();
      BOOST_REQUIRE(f.run(f.stack->engine->administration().move_table("prod", "users", f.context())).has_value());
      BOOST_REQUIRE(f.insert("later", "{}").has_value());
      f.drain();
      f.world.run_for(30min);
      f.remove_records(8);  // start, create_table, k0 … k5
      for (const auto& c : simulation::channels_in(f.guild)) {
        if (c.name == "dbc-checkpoints") BOOST_REQUIRE(simulation::delete_channel(f.guild, c.id));
      }
      f.accept();
      BOOST_TEST(f.find("{}") == "k0 k1 k2 k3 k4 k5 later ");
      for (int i = 0; i < 6; ++i) BOOST_TEST(contains(f.get(fmt::format("k{}", i)), fmt::format("\"n\":{}", i)));
      f.drain();
      f.restart();
      BOOST_TEST(f.find("{}") == "k0 k1 k2 k3 k4 k5 later ");
    }
  }
}

// What is left of the log tells older versions of some of them.
BOOST_AUTO_TEST_CASE(what_was_lost_within_the_log_is_found_as_well) {
  create();
  for (int i = 0; i < 6; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
  drain();
  BOOST_REQUIRE(update("k5", R"({"n":55})").has_value());
  BOOST_REQUIRE(insert("k6", R"({"n":6})").has_value());
  BOOST_REQUIRE(insert("k7", R"({"n":7})").has_value());
  drain();
  remove_records(6, {8, 9});  // start, create_table, k0 … k3; the update of k5, k6
  accept();
  BOOST_TEST(contains(all_losses(), "log records 9 to 10 are gone"), all_losses());
  for (bool again : {false, true}) {
    if (again) restart();
    BOOST_TEST(find("{}") == "k0 k1 k2 k3 k4 k5 k6 k7 ");
    BOOST_TEST(contains(get("k5"), "\"n\":55"));
    BOOST_TEST(contains(get("k6"), "\"n\":6"));
    drain();
  }
  BOOST_REQUIRE(update("k5", R"({"n":56})").has_value());
  drain();
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

// Of rows whose newest versions were found in messages, the log tells older ones, a deletion between, and an erasure of what was before.
BOOST_AUTO_TEST_CASE(what_the_log_tells_of_rows_found_in_messages_is_their_history) {
  create();
  auto put = [this](const char* key, int n) {
    auto text = fmt::format(R"({{"n":{}}})", n);
    BOOST_REQUIRE((get(key).starts_with("{") ? update(key, text) : insert(key, text)).has_value());
    drain();
  };
  put("updated", 1);   // LSN 3, lost with the two before it
  put("deleted", 1);   // 4
  put("erased", 1);    // 5, lost
  put("updated", 2);   // 6
  BOOST_REQUIRE(remove("deleted").has_value());
  drain();
  BOOST_REQUIRE(run(stack->engine->storage().purge("prod", "users", "erased", context(1h))).has_value());
  drain();
  auto erased_at = inspect().lsn;
  put("updated", 3);
  put("deleted", 2);
  put("erased", 2);
  auto last = inspect().lsn;
  put("behind", 1);
  std::vector<std::size_t> lost{4};
  for (auto lsn = erased_at + 1; lsn <= last; ++lsn) lost.push_back(lsn - 1);
  remove_records(3, lost);
  accept();
  for (bool again : {false, true}) {
    if (again) restart();
    BOOST_TEST(find("{}") == "behind deleted erased updated ");
    BOOST_TEST(contains(get("updated"), "\"n\":3"));
    BOOST_TEST(history("updated") == "3 2 1 ");
    BOOST_TEST(history("deleted") == "3 2 1 ");
    BOOST_TEST(history("erased") == "3 2 ");
    drain();
  }
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(a_dropped_table_is_not_found_again) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "other", "id", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->insert("prod", "other", {"b", "{}"}, context())).has_value());
  drain();
  world.run_for(10s);
  BOOST_REQUIRE(run(stack->engine->drop_table("prod", "other", context())).has_value());
  world.run_for(1min);
  lose_the_log();
  accept();
  BOOST_TEST(stack->engine->tables("prod").size() == 1u);
  auto made = run(stack->engine->create_table("prod", "other", "id", context()));
  BOOST_REQUIRE(made.has_value());
  database::find_request all;
  BOOST_TEST(run(stack->engine->find("prod", "other", std::move(all), reading()))->rows.empty());
}

BOOST_AUTO_TEST_CASE(a_table_whose_description_is_lost_as_well_is_known_by_its_channel) {
  create();
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), "{}").has_value());
  drain();
  lose_the_log();
  int removed = 0;
  for (const auto& c : simulation::channels_in(guild)) {
    if (c.name != "dbc-catalog") continue;
    for (const auto& m : simulation::messages_in(guild, c.id)) {
      if (m.content.starts_with("**Table") && simulation::delete_message(guild, c.id, m.id)) ++removed;
    }
  }
  BOOST_TEST_REQUIRE(removed == 1);
  accept();
  BOOST_TEST(find("{}") == "k0 k1 k2 ");
  BOOST_TEST(contains(get("k1"), R"("id":"k1")"));
}

// What cannot be read is named, and an older version takes its place.
BOOST_AUTO_TEST_CASE(a_message_whose_file_is_damaged_is_named) {
  create();
  std::string big(4000, 'x');
  BOOST_REQUIRE(insert("big", "{\"x\":\"" + big + "\"}").has_value());
  drain();
  BOOST_REQUIRE(update("big", R"({"y":2})").has_value());
  drain();
  auto row = run(stack->engine->get("prod", "users", "big", reading()));
  BOOST_REQUIRE(row.has_value());
  lose_the_log();
  start_accepting();
  stack->store.on_download = [](const database::attachment_info&, std::string& bytes) {
    if (bytes.find("\"y\":2") != bytes.npos) bytes.front() ^= 1;
  };
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(get("big") == "{\"id\":\"big\",\"x\":\"" + big + "\"}");
  BOOST_TEST(contains(all_losses(), "message " + row->location.message.str()), all_losses());
}

BOOST_AUTO_TEST_CASE(a_scan_goes_on_as_long_as_requests_fail) {
  create();
  for (int i = 0; i < 6; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), "{}").has_value());
  BOOST_REQUIRE(insert("big", "{\"x\":\"" + std::string(4000, 'x') + "\"}").has_value());
  drain();
  auto row = run(stack->engine->get("prod", "users", "k0", reading()));
  BOOST_REQUIRE(row.has_value());
  lose_the_log();
  start_accepting();
  stack->store.unreadable = true;
  stack->store.faults_of_reads_in = row->location.channel;
  int downloads = 0;
  stack->store.on_fetch_of_file = [&](const database::attachment_info&) { return ++downloads > 2; };
  bool opened = false;
  process->spawn([](database::engine& e, base::steady_time limit, bool& yes) -> actor::task<void> {
    yes = (co_await e.open(limit)).has_value();
  }(*stack->engine, world.now() + 5min, opened));
  world.run_for(30s);
  BOOST_TEST(!opened);
  BOOST_TEST(stack->store.reads_of[row->location.channel] > 10);
  stack->store.unreadable = false;
  world.run_for(30s);
  BOOST_TEST(opened);
  BOOST_TEST(downloads == 3);
  BOOST_TEST(find("{}") == "big k0 k1 k2 k3 k4 k5 ");
}

BOOST_AUTO_TEST_SUITE_END()
