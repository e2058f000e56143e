// Deletions and changes that are lost bring back rows whose values others have taken since: a unique index that holds no longer is named, and binds nobody.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "database/database_fixture.hpp"
#include "database/table_state.hpp"
#include "simulation/owner_view.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct unique_loss_fixture : database_fixture {
  unique_loss_fixture() { options.checkpoints.enabled = false; }

  void put(const std::string& key, const std::string& email) { BOOST_REQUIRE(insert(key, fmt::format(R"({{"email":"{}"}})", email)).has_value()); }
  // LSN 1 begins, 2 makes the table, 3 the index, 4 row a.
  void begin() {
    create();
    BOOST_REQUIRE(make_index().has_value());
    put("a", "x");
    drain();
  }
  base::result<database::write_receipt> make_index() { return run(stack->engine->create_index("prod", "users", "email", true, context())); }
  void kill_and_remove_records(const std::set<std::uint64_t>& lsns) {
    auto log_channel = inspect().log_channel;
    kill();
    for (const auto& m : simulation::messages_in(guild, log_channel)) {
      bool named = std::any_of(lsns.begin(), lsns.end(), [&](auto lsn) { return m.content.starts_with(fmt::format("**log {}**", lsn)); });
      if (named) BOOST_REQUIRE(simulation::delete_message(guild, log_channel, m.id));
    }
  }
  // Row a has the value that row c has taken.
  void lose_deletion() {
    begin();
    BOOST_REQUIRE(remove("a").has_value());  // 5
    put("c", "x");
    put("e", "q");
    drain();
    kill_and_remove_records({5});
  }
  void accept() {
    options.accept_loss = {"prod"};
    options.checkpoints.enabled = true;
    restart();
    options.accept_loss.clear();
  }
  std::string index_state() {
    auto table = *run(stack->engine->inspect_table("prod", "users", reading()));
    return table.indexes.empty() ? "none" : table.indexes.back().state;
  }
  std::string losses() {
    std::string all;
    for (const auto& loss : inspect().losses) all += loss + "\n";
    return all;
  }
  std::vector<database::verify_finding> told(bool as_notes) {
    auto report = run(stack->engine->verify("prod", "users", reading()));
    BOOST_TEST_REQUIRE(report.has_value());
    auto some = as_notes ? report->notes : report->findings;
    std::erase_if(some, [](const auto& f) { return f.kind != "unique"; });
    return some;
  }
  void check_told(const std::vector<database::verify_finding>& found) {
    BOOST_TEST_REQUIRE(found.size() == 1u);
    auto of = [this](const char* key) { return run(stack->engine->get("prod", "users", key, reading()))->location; };
    BOOST_TEST(found[0].key == "a");
    if (!inspect().state.starts_with("read-only")) {  // there it is not known which messages are theirs
      BOOST_TEST((found[0].link.message == of("a").message));
      BOOST_TEST(contains(found[0].what, "row \"c\" (" + of("c").url() + ")"), found[0].what);
    }
    BOOST_TEST(contains(found[0].what, ") has \"x\" as well"), found[0].what);
    BOOST_TEST(found[0].beyond_repair);
  }
  // Nobody is bound, and nobody is in the way.
  void check_failed() {
    BOOST_TEST(index_state() == "failed");
    BOOST_TEST(update("a", R"({"z":1})").has_value());
    BOOST_TEST(update("c", R"({"z":1})").has_value());
    BOOST_TEST(find(R"({"email":"x"})") == "a c ");
  }
};

constexpr std::string_view clash_of_a_and_c = R"(1 value of the unique index on email of table users stands in several rows (rows "a" and "c" have "x"))";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(unique_after_loss, unique_loss_fixture)

BOOST_AUTO_TEST_CASE(rows_that_a_lost_deletion_brings_back_are_named_and_the_index_fails) {
  lose_deletion();
  restart();
  BOOST_TEST(contains(inspect().state, clash_of_a_and_c), inspect().state);
  BOOST_TEST(contains(inspect().state, "--accept-loss prod"));
  check_told(told(false));
  accept();
  BOOST_TEST_REQUIRE(inspect().state == "open");
  BOOST_TEST(contains(losses(), clash_of_a_and_c), losses());
  drain();
  check_told(told(true));
  check_failed();
  drain();
  restart();
  BOOST_TEST(losses() == "");
  check_failed();
  drain();
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(behind_it_copies_are_whole_and_the_rows_can_be_mended) {
  lose_deletion();
  accept();
  put("f", "x");
  auto kept = run(stack->engine->snapshot("prod", "users", reading()));
  BOOST_TEST_REQUIRE(kept.has_value());
  auto restored = run(stack->engine->restore("prod", kept->location.message, "copy", context()));
  BOOST_TEST_REQUIRE(restored.has_value(), restored.error().message);
  BOOST_TEST(restored->rows == 4u);
  BOOST_TEST(!make_index().has_value());
  for (const char* key : {"a", "f"}) BOOST_REQUIRE(remove(key).has_value());
  BOOST_TEST(make_index().has_value());
  BOOST_TEST(index_state() == "ready");
  BOOST_TEST(told(true).empty());
  BOOST_TEST(!insert("g", R"({"email":"x"})").has_value());
  restart();
  BOOST_TEST(index_state() == "ready");
  BOOST_TEST(!insert("g", R"({"email":"x"})").has_value());
}

BOOST_AUTO_TEST_CASE(a_lost_change_does_the_same) {
  begin();
  BOOST_REQUIRE(update("a", R"({"email":"moved"})").has_value());  // 5
  put("c", "x");
  auto channel = inspect().tables.at(0).channel;
  kill_and_remove_records({5});
  world.run_for(5s);  // what is on its way arrives
  for (const auto& m : simulation::messages_in(guild, channel)) {  // which would tell of it
    if (contains(m.content, "moved")) BOOST_REQUIRE(simulation::delete_message(guild, channel, m.id));
  }
  accept();
  BOOST_TEST(contains(losses(), clash_of_a_and_c), losses());
  check_failed();
}

BOOST_AUTO_TEST_CASE(a_row_that_only_its_message_tells_of_counts) {
  begin();
  put("b", "y");  // 5
  drain();
  BOOST_REQUIRE(remove("b").has_value());  // 6
  put("c", "y");
  kill_and_remove_records({5, 6});
  accept();
  BOOST_TEST(contains(losses(), R"(rows "b" and "c" have "y")"), losses());
  BOOST_TEST(index_state() == "failed");
}

BOOST_AUTO_TEST_CASE(values_that_are_not_in_memory_count) {
  options.memory_cap = 256 * 1024;
  begin();
  for (int begun = 0; begun < 240; begun += 40) {
    std::vector<database::new_row> rows;
    for (int i = begun; i < begun + 40; ++i) rows.push_back({fmt::format("k{}", i), fmt::format(R"({{"email":"e{}","text":"{}"}})", i, std::string(1'000, 't'))});
    put_all(std::move(rows));
    drain();
  }
  auto gone = remove("k7");
  BOOST_REQUIRE(gone.has_value());
  BOOST_REQUIRE(insert("new", R"({"email":"e7"})").has_value());
  put("last", "z");
  drain();
  kill_and_remove_records({gone->lsn});
  accept();
  BOOST_TEST(contains(losses(), R"(rows "k7" and "new" have "e7")"), losses());
  BOOST_TEST(index_state() == "failed");
  BOOST_TEST(update("k7", R"({"z":1})").has_value());
}

BOOST_AUTO_TEST_CASE(an_index_that_holds_stays) {
  begin();
  BOOST_REQUIRE(remove("a").has_value());  // 5
  put("c", "w");
  kill_and_remove_records({5});
  accept();
  BOOST_TEST(find("{}") == "a c ");
  BOOST_TEST(!contains(losses(), "unique"), losses());
  BOOST_TEST(index_state() == "ready");
  BOOST_TEST(!insert("g", R"({"email":"x"})").has_value());
}

BOOST_AUTO_TEST_CASE(killed_while_it_accepts_it_fails_at_the_next_start) {
  for (int n = 1; n < 600; n += 1 + n / 8) {
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      unique_loss_fixture f;
      f.lose_deletion();
      f.options.accept_loss = {"prod"};
      f.options.checkpoints.enabled = true;
      f.start();
      bool dead = false, opened = false;
      f.world.set_fuse(*f.process, static_cast<std::uint64_t>(n), [&] { dead = true; });
      f.process->spawn([](database::engine& e, base::steady_time limit, bool& yes) -> actor::task<void> {
        yes = (co_await e.open(limit)).has_value();
      }(*f.stack->engine, f.world.now() + 5min, opened));
      f.world.run_until([&] { return opened || dead; }, 5min);
      f.options.accept_loss.clear();
      f.restart();
      if (f.inspect().state != "open") f.accept();
      f.world.run_until([&] { return f.index_state() == "failed"; }, 1min);
      f.check_failed();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

// As many as there are, of which some are shown; each item of a list counts, an empty list does not.
BOOST_AUTO_TEST_CASE(values_of_several_rows_are_counted_and_some_are_shown) {
  database::table_state state{{1, "t", "id", {}}, "db"};
  std::uint64_t lsn = 0;
  auto put = [&](const std::string& key, const std::string& json) {
    ++lsn;
    state.replay(protocol::put_row{1, key, 1, json}, lsn, base::message_id{lsn});
  };
  state.replay(protocol::create_index{1, 1, "v", true}, ++lsn, base::message_id{lsn});
  for (int i = 0; i < 300; ++i) put(fmt::format("k{:03}", i), fmt::format(R"({{"v":{}}})", i / 2));
  put("l1", R"({"v":["p"]})");
  put("l2", R"({"v":["p","r"]})");
  put("l3", R"({"v":[]})");
  put("l4", R"({"v":[]})");
  for (bool failed : {false, true}) {
    if (failed) state.replay(protocol::index_outcome{1, 1, false, "why"}, ++lsn, base::message_id{lsn});
    auto all = state.clashing_indexes();
    BOOST_TEST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all[0].failed == failed);
    BOOST_TEST(all[0].values == 151u);
    BOOST_TEST(all[0].examples.size() == database::index_clashes::most_examples);
    BOOST_TEST(database::sentence_of(all[0], "t") == R"(151 values of the unique index on v of table t stand in several rows (rows "k000" and "k001" have 0; rows "k002" and "k003" have 1; )"
                                                     R"(rows "k004" and "k005" have 2; and 148 more))");
  }
}
