// Records of the log that people delete, or that cannot be read, whose rows stand in the tables' channels already: those are not lost. And what proves that the log's end is gone.
#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "simulation/owner_view.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct lost_rows_fixture : database_fixture {
  lost_rows_fixture() { options.checkpoints.enabled = false; }

  void insert_rows(int from, int to) {
    for (int i = from; i < to; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
  }
  void import_rows(int from, int to) {
    std::vector<database::new_row> rows;
    for (int i = from; i < to; ++i) rows.push_back({fmt::format("p{:03}", i), fmt::format(R"({{"n":{}}})", i)});
    put_all(std::move(rows));
  }
  // By their LSNs.
  void kill_and_remove_records(const std::set<std::uint64_t>& lsns) {
    auto channel = inspect().log_channel;
    kill();
    std::size_t removed = 0;
    for (const auto& m : simulation::messages_in(guild, channel)) {
      auto named = std::any_of(lsns.begin(), lsns.end(), [&](auto lsn) { return m.content.starts_with(fmt::format("**log {}**", lsn)); });
      if (named && simulation::delete_message(guild, channel, m.id)) ++removed;
    }
    BOOST_TEST_REQUIRE(removed == lsns.size());
  }
  void accept() {
    options.accept_loss = {"prod"};
    options.checkpoints.enabled = true;
    restart();
    options.accept_loss.clear();
    BOOST_TEST_REQUIRE(inspect().state == "open");
  }
  // Nothing that verification misses, and nothing that vacuum takes away.
  void expect_nothing_wrong(std::uint64_t garbage = 0) {
    drain();
    world.run_for(1min);
    auto report = run(stack->engine->verify("prod", "users", reading()));
    BOOST_TEST_REQUIRE(report.has_value());
    BOOST_TEST(report->problems == 0u);
    BOOST_TEST(report->garbage.all() == garbage);
    auto done = run(stack->engine->storage().vacuum("prod", "users", true, reading()));
    BOOST_TEST_REQUIRE(done.has_value());
    BOOST_TEST(done->removed == garbage);
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
  // A new process opens: how often it lists the table's channel before it begins to write.
  int listings_until_it_writes(base::channel_id table) {
    start();
    int listings = -1;
    stack->store.on_post = [this, table, &listings](base::channel_id, const database::new_message& m) {
      if (m.content.starts_with("**log") && listings < 0) listings = stack->store.reads_of[table];
      return fault::none;
    };
    BOOST_REQUIRE(open().has_value());
    stack->store.on_post = {};
    return listings;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_rows_suite, lost_rows_fixture)

// LSN 1 begins, 2 makes the table.
BOOST_AUTO_TEST_CASE(rows_of_deleted_records_are_kept_where_they_stand_in_messages) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());  // 3
  insert_rows(0, 5);  // 4 to 8
  BOOST_REQUIRE(update("k3", R"({"n":99})").has_value());  // 9
  drain();
  insert_rows(5, 6);  // 10
  kill_and_remove_records({6, 9});
  restart();
  BOOST_TEST(contains(inspect().state, "log record 6 is gone"), inspect().state);
  BOOST_TEST(contains(inspect().state, "log record 9 is gone"), inspect().state);
  auto whole = [this] {
    BOOST_TEST(find("{}") == "k0 k1 k2 k3 k4 k5 ");
    BOOST_TEST(find(R"({"n":2})") == "k2 ");
    BOOST_TEST(find(R"({"n":99})") == "k3 ");
    BOOST_TEST(find(R"({"n":3})") == "");
  };
  whole();
  accept();
  whole();
  BOOST_TEST(history("k3") == "2 1 ");
  BOOST_TEST(!insert("clash", R"({"n":2})").has_value());
  expect_nothing_wrong();
  whole();
  BOOST_REQUIRE(update("k2", R"({"n":22})").has_value());
  BOOST_TEST(history("k2") == "2 1 ");
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(find("{}") == "k0 k1 k2 k3 k4 k5 ");
  BOOST_TEST(find(R"({"n":22})") == "k2 ");
  expect_nothing_wrong();
}

BOOST_AUTO_TEST_CASE(what_the_log_tells_later_counts_more_than_what_is_found) {
  create();
  insert_rows(0, 3);  // 3 to 5
  drain();
  BOOST_REQUIRE(remove("k0").has_value());                 // 6
  BOOST_REQUIRE(update("k1", R"({"n":11})").has_value());  // 7
  drain();
  BOOST_REQUIRE(update("k2", R"({"n":12})").has_value());  // 8
  drain();
  BOOST_REQUIRE(update("k2", R"({"n":13})").has_value());  // 9
  kill_and_remove_records({3, 4, 8});
  accept();
  BOOST_TEST(find("{}") == "k1 k2 ");
  BOOST_TEST(contains(get("k1"), R"("n":11)"));
  BOOST_TEST(contains(get("k2"), R"("n":13)"));
  BOOST_TEST(history("k0") == "2 1 ");
  BOOST_TEST(history("k2") == "3 2 1 ");
  expect_nothing_wrong();
  BOOST_TEST(find("{}") == "k1 k2 ");
}

BOOST_AUTO_TEST_CASE(pages_of_a_deleted_import_are_kept) {
  options.page_from = 10;
  create();
  import_rows(0, 60);  // 3
  drain();
  insert_rows(0, 1);   // 4
  kill_and_remove_records({3});
  restart();
  BOOST_TEST(contains(inspect().state, "60 versions of rows from what is lost stand in messages"), inspect().state);
  BOOST_TEST(inspect().tables.at(0).rows == 61u);
  accept();
  BOOST_TEST(inspect().tables.at(0).rows == 61u);
  BOOST_TEST(contains(get("p042"), R"("n":42)"));
  expect_nothing_wrong();
  restart();
  BOOST_TEST(contains(get("p059"), R"("n":59)"));
}

BOOST_AUTO_TEST_CASE(rows_of_a_record_that_cannot_be_read_are_kept) {
  options.page_from = 10;
  create();
  import_rows(0, 60);  // 3
  drain();
  insert_rows(0, 1);
  kill();
  for (bool accepted : {false, true}) {
    if (accepted) {
      kill();
      options.accept_loss = {"prod"};
      options.checkpoints.enabled = true;
    }
    start();
    stack->store.on_download = [](const database::attachment_info& info, std::string& bytes) {
      if (info.filename == "log-3.jsonl") bytes[5] ^= 1;
    };
    BOOST_REQUIRE(open().has_value());
    BOOST_TEST(contains(inspect().state, accepted ? "open" : "log record 3 (message"), inspect().state);
    BOOST_TEST(inspect().tables.at(0).rows == 61u);
  }
  expect_nothing_wrong();
}

BOOST_AUTO_TEST_CASE(a_table_of_which_only_its_channel_tells_is_there_again) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "other", "code", context())).has_value());           // 3
  BOOST_REQUIRE(run(stack->engine->insert("prod", "other", {"a", R"({"n":1})"}, context())).has_value());  // 4
  world.run_for(1min);
  insert_rows(0, 1);  // 5
  kill_and_remove_records({3, 4});
  accept();
  auto row = run(stack->engine->get("prod", "other", "a", reading()));
  BOOST_TEST_REQUIRE(row.has_value(), row.error().message);
  BOOST_TEST(contains(row->json, R"("n":1)"));
}

// Nothing stands on it, but a row that it wrote is proof that it was there.
BOOST_AUTO_TEST_CASE(newest_records_that_are_gone_are_missed_where_rows_of_them_stand_in_messages) {
  options.page_from = 10;
  create();
  insert_rows(0, 3);    // 3 to 5
  import_rows(0, 60);   // 6
  insert_rows(3, 4);    // 7
  drain();
  auto lsn = inspect().lsn;
  BOOST_TEST(lsn == 7u);
  kill_and_remove_records({6, 7});
  restart();
  auto state = inspect().state;
  BOOST_TEST(contains(state, "read-only"), state);
  BOOST_TEST(contains(state, "log records 6 to 7 are gone"), state);
  BOOST_TEST(contains(state, "channel " + inspect().tables.at(0).channel.str()), state);
  BOOST_TEST(inspect().tables.at(0).rows == 64u);
  BOOST_TEST(!insert("new", "{}").has_value());
  accept();
  BOOST_TEST(inspect().tables.at(0).rows == 64u);
  BOOST_TEST(contains(get("k3"), R"("n":3)"));
  auto written = insert("new", "{}");
  BOOST_REQUIRE(written.has_value());
  BOOST_TEST(inspect().lsn > lsn + 1);
  expect_nothing_wrong();
  restart();
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(inspect().losses.empty());
  BOOST_TEST(inspect().tables.at(0).rows == 65u);
}

BOOST_AUTO_TEST_CASE(the_loss_of_the_end_behind_a_checkpoint_is_missed_too) {
  options.checkpoints.enabled = true;
  create();
  insert_rows(0, 3);
  drain();
  run(stack->engine->close(world.now() + 1min));
  restart();
  auto begun = inspect().lsn;
  insert_rows(3, 5);
  drain();
  kill_and_remove_records({begun + 1, begun + 2});
  restart();
  BOOST_TEST(contains(inspect().state, fmt::format("log records {} to {} are gone", begun + 1, begun + 2)), inspect().state);
  accept();
  BOOST_TEST(find("{}") == "k0 k1 k2 k3 k4 ");
  expect_nothing_wrong();
}

// The list of channels says whether somebody has deleted the log's newest message, and whether anything was written behind what is left.
BOOST_AUTO_TEST_CASE(the_tables_channels_are_looked_at_only_if_the_logs_newest_message_is_gone) {
  create();
  auto table = inspect().tables.at(0).channel;
  insert_rows(0, 3);
  drain();
  kill();
  BOOST_TEST(listings_until_it_writes(table) == 0);
  BOOST_TEST(inspect().state == "open");
  world.run_for(1min);
  kill_and_remove_records({6});  // what the second process began with
  BOOST_TEST(listings_until_it_writes(table) == 1);  // the last row was written behind the record that is left
  BOOST_TEST(inspect().state == "open");
  BOOST_REQUIRE(insert("k3", "{}").has_value());  // 7
  drain();
  stack->store.on_post = [table](base::channel_id where, const database::new_message&) { return where == table ? fault::lost_before : fault::none; };
  BOOST_REQUIRE(insert("k4", "{}").has_value());  // 8
  kill_and_remove_records({8});  // which is in no message
  BOOST_TEST(listings_until_it_writes(table) == 1);
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(find("{}") == "k0 k1 k2 k3 ");
}

BOOST_AUTO_TEST_CASE(a_channel_that_may_not_be_read_proves_nothing) {
  create();
  insert_rows(0, 3);  // 3 to 5
  drain();
  auto channel = inspect().tables.at(0).channel;
  kill_and_remove_records({5});
  start();
  stack->store.unreadable = true;
  stack->store.faults_of_reads_in = channel;
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(find("{}") == "k0 k1 ");
}

BOOST_AUTO_TEST_SUITE_END()
