// Older versions of which only their messages are left, and which the newest checkpoint has without these: a start finds them by adoption.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "protocol/row_message.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

constexpr auto not_yet = "table users: what lies in its channel is still being found out; try again in a while";

struct adopted_history : database_fixture {
  adopted_history() {
    options.checkpoints.tail_messages = 20;
    options.checkpoints.share = 1000;
    options.checkpoints.segment_messages = 8;
    options.checkpoints.close_messages = 1'000;
  }

  // Row "a", whose message comes into being only after the newest checkpoint was captured, and whose record is truncated behind that. Then it is changed.
  void make_version() {
    create();
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "other", "id", context())).has_value());
    channel = inspect().tables.at(0).channel;
    int manifests = 0;
    stack->store.on_post = [&](base::channel_id in, const database::new_message& m) {
      if (contains(m.content, "`dbcord/1 checkpoint-manifest ") && ++manifests == 3) stack->store.release.notify();
      auto header = protocol::decode_row(m.content);
      return in == channel && header && header->key == "a" ? fault::held : fault::none;
    };
    first = insert("a", first_value)->lsn;
    for (int i = 0; i < 100 && inspect().checkpoints < 3; ++i) {
      auto json = fmt::format(R"({{"id":"k{}"}})", i);
      BOOST_REQUIRE(run(stack->engine->insert("prod", "other", {fmt::format("k{}", i), json}, context())).has_value());
    }
    stack->store.on_post = nullptr;
    drain();
    world.run_for(1min);
    BOOST_REQUIRE(inspect().checkpoints == 3u);
    BOOST_REQUIRE(inspect().log_first_lsn > first);
    BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
    drain();
  }
  // Kill -9 and a new process, to which the table's channel cannot be read yet.
  void restart_blind() {
    kill();
    start();
    stack->store.faults_of_reads_in = channel;
    stack->store.unreadable = true;
    BOOST_REQUIRE(open().has_value());
  }
  void refuse_files() {
    stack->store.on_fetch_of_file = [this](const database::attachment_info& file) {
      bool of_row = contains(file.url, channel.str());
      refused += of_row;
      return !of_row;
    };
  }
  void begin_without_its_file() {
    first_value = R"({"id":"a","t":")" + std::string(5'000, 'x') + "\"}";
    make_version();
    kill();
    start();
    refuse_files();
    BOOST_REQUIRE(open().has_value());
  }
  void see() {
    stack->store.unreadable = false;
    world.run_for(1min);
  }
  std::string as_of_first() {
    auto found = run(stack->engine->get_as_of("prod", "users", "a", {first, {}}, reading()));
    return found ? found->json : found.error().message;
  }
  std::string history() {
    auto answer = run(stack->engine->history("prod", "users", {"a", 10}, reading()));
    if (!answer) return answer.error().message;
    std::string text = answer->complete ? "" : "(incomplete) ";
    for (const auto& c : answer->changes) text += c.lost.empty() ? c.json : "(lost)";
    return text;
  }
  std::uint64_t past_versions() { return inspect().tables.at(0).past_versions; }

  std::string first_value = R"({"id":"a","n":1})";
  base::channel_id channel;
  std::uint64_t first = 0;
  int refused = 0;  // downloads of rows
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(adoption_of_history, adopted_history)

BOOST_AUTO_TEST_CASE(a_version_that_only_its_message_holds_is_kept_until_that_is_found) {
  make_version();
  restart_blind();
  BOOST_TEST(past_versions() == 1u);
  BOOST_TEST(as_of_first() == not_yet);
  BOOST_TEST(history() == not_yet);
  auto in_thread = run(stack->engine->administration().show_in_thread("prod", "users", "a", reading()));
  BOOST_TEST(!in_thread);
  if (!in_thread) BOOST_TEST(in_thread.error().message == not_yet);
  see();
  BOOST_TEST(past_versions() == 1u);
  BOOST_TEST(as_of_first() == R"({"id":"a","n":1})");
  BOOST_TEST(history() == R"({"id":"a","n":2}{"id":"a","n":1})");
}

BOOST_AUTO_TEST_CASE(threads_of_other_tables_rows_do_not_wait_for_it) {
  make_version();
  restart_blind();
  for (const char* table : {"users", "other"}) BOOST_REQUIRE(run(stack->engine->administration().set_row_threads("prod", table, true, context())).has_value());
  BOOST_REQUIRE(update("a", R"({"n":3})").has_value());
  BOOST_REQUIRE(run(stack->engine->insert("prod", "other", {"z", R"({"id":"z"})"}, context())).has_value());
  world.run_for(20s);
  auto shown = run(stack->engine->administration().show_in_thread("prod", "other", "z", reading()));
  BOOST_REQUIRE(shown.has_value());
  BOOST_TEST(!shown->made);
  BOOST_TEST(shown->added == 0u);
  BOOST_TEST(stack->engine->administration().row_threads_of("prod")->waiting == 1u);
  see();
  world.run_for(1min);
  BOOST_TEST(stack->engine->administration().row_threads_of("prod")->waiting == 0u);
  BOOST_TEST(run(stack->engine->administration().show_in_thread("prod", "users", "a", reading()))->added == 0u);
}

BOOST_AUTO_TEST_CASE(one_whose_message_is_not_found_is_lost_then) {
  make_version();
  auto messages = run(stack->rest.history_before(channel, {}, 100, {database::priority::read, world.now() + 1min}));
  BOOST_REQUIRE(messages.has_value());
  for (const auto& m : messages->value) {
    auto header = protocol::decode_row(m.content);
    if (!header || header->lsn != first) continue;
    BOOST_REQUIRE(run(stack->rest.remove(channel, m.id, {database::priority::read, world.now() + 1min})).has_value());
  }
  restart_blind();
  BOOST_TEST(past_versions() == 1u);
  BOOST_TEST(update("a", R"({"n":3})").has_value());  // the third one gives no reason to take the first for lost
  BOOST_TEST(!contains(as_of_first(), "is lost"));
  see();
  BOOST_TEST(past_versions() == 2u);
  BOOST_TEST(contains(as_of_first(), "version 1 of row \"a\" is lost"));
  BOOST_TEST(history() == R"({"id":"a","n":3}{"id":"a","n":2}(lost))");
}

BOOST_AUTO_TEST_CASE(a_purge_erases_nothing_before) {
  make_version();
  restart_blind();
  auto early = run(stack->engine->storage().purge("prod", "users", "b", context(10s)));
  BOOST_TEST(!early);
  if (!early) BOOST_TEST(early.error().message == not_yet);
  see();
  BOOST_TEST(run(stack->engine->storage().purge("prod", "users", "b", context())).has_value());
  BOOST_TEST(as_of_first() == first_value);
}

// Reading it is tried five times; the next start tries again, however many checkpoints were taken since.
BOOST_AUTO_TEST_CASE(one_whose_file_cannot_be_read_is_not_forgotten) {
  begin_without_its_file();
  world.run_for(1min);
  BOOST_TEST(refused == 5);
  BOOST_TEST(!inspect().tables.at(0).adopting);
  BOOST_TEST(past_versions() == 1u);
  BOOST_TEST(as_of_first() == not_yet);
  world.run_for(1h);
  for (int i = 0; i < 60; ++i) BOOST_REQUIRE(insert(fmt::format("n{}", i), "{}").has_value());
  drain();
  world.run_for(1min);
  BOOST_TEST(inspect().checkpoints > 1u);
  restart();
  world.run_for(1min);
  BOOST_TEST(as_of_first() == first_value);
}

BOOST_AUTO_TEST_CASE(it_is_tried_again_later_and_the_table_does_not_move_before) {
  begin_without_its_file();
  world.run_for(1min);
  auto early = run(stack->engine->administration().move_table("prod", "users", context(1min)));
  BOOST_TEST(!early);
  if (!early) BOOST_TEST(early.error().message == not_yet);
  auto purged = run(stack->engine->storage().purge("prod", "users", "b", context(1min)));
  BOOST_TEST(!purged);
  if (!purged) BOOST_TEST(purged.error().message == not_yet);
  world.run_for(5min);
  BOOST_TEST(refused == 6);
  stack->store.on_fetch_of_file = nullptr;
  world.run_for(10min);
  BOOST_TEST(as_of_first() == first_value);
  auto moved = run(stack->engine->administration().move_table("prod", "users", context(1h)));
  BOOST_TEST(moved.has_value());
  BOOST_TEST(as_of_first() == first_value);
}

BOOST_AUTO_TEST_CASE(it_is_tried_again_though_rows_wait_to_be_written) {
  begin_without_its_file();
  world.run_for(1min);
  stack->store.on_post = [this](base::channel_id in, const database::new_message&) { return in == channel ? fault::lost_before : fault::none; };
  BOOST_REQUIRE(insert("b", "{}").has_value());
  world.run_for(6min);
  BOOST_TEST(inspect().tables.at(0).not_materialised == 1u);
  BOOST_TEST(refused == 6);
  stack->store.on_fetch_of_file = nullptr;
  world.run_for(10min);
  BOOST_TEST(as_of_first() == first_value);
  BOOST_TEST(inspect().tables.at(0).not_materialised == 1u);
}

// The channel that the table leaves would be deleted with it.
BOOST_AUTO_TEST_CASE(its_channel_is_not_left_before_it_is_read) {
  first_value = R"({"id":"a","t":")" + std::string(5'000, 'x') + "\"}";
  make_version();
  stack->store.on_post = [this](base::channel_id in, const database::new_message& m) {
    return in != channel && protocol::decode_row(m.content) ? fault::refused : fault::none;
  };
  auto begun = run(stack->engine->administration().move_table("prod", "users", context(30s)));
  BOOST_REQUIRE(begun.has_value());
  BOOST_TEST(begun->stopped.has_value());
  kill();
  start();
  refuse_files();
  BOOST_REQUIRE(open().has_value());
  world.run_for(2min);
  auto moving = [this] { return run(stack->engine->inspect_table("prod", "users", reading()))->moving_from; };
  BOOST_TEST((moving() == channel));
  auto early = run(stack->engine->administration().move_table("prod", "users", context(1min)));
  BOOST_TEST(!early);
  if (!early) BOOST_TEST(early.error().message == not_yet);
  for (int i = 0; i < 60; ++i) BOOST_REQUIRE(insert(fmt::format("n{}", i), "{}").has_value());
  world.run_for(2min);
  BOOST_TEST((moving() == channel));
  stack->store.on_fetch_of_file = nullptr;
  world.run_for(20min);
  auto moved = run(stack->engine->administration().move_table("prod", "users", context(1h)));
  BOOST_TEST_REQUIRE(moved.has_value(), moved.error().message);
  BOOST_TEST(!moving());
  BOOST_TEST(as_of_first() == first_value);
}

// Nothing of the table would ever be written again.
BOOST_AUTO_TEST_CASE(a_page_that_cannot_be_read_holds_nothing_up) {
  create();
  BOOST_REQUIRE(run(stack->engine->storage().set_layout("prod", "users", protocol::table_layout::pages, context())).has_value());
  channel = inspect().tables.at(0).channel;
  std::vector<database::new_row> rows;
  for (int i = 0; i < 5; ++i) rows.push_back({{}, fmt::format(R"({{"id":"p{}"}})", i)});
  BOOST_REQUIRE(run(stack->engine->import("prod", "users", std::move(rows), context())).has_value());
  drain();
  kill();
  start();
  refuse_files();
  BOOST_REQUIRE(open().has_value());
  world.run_for(1min);
  BOOST_TEST(refused == 5);
  BOOST_REQUIRE(insert("late", "{}").has_value());
  drain();
  BOOST_TEST(inspect().tables.at(0).not_materialised == 0u);
  stack->store.on_fetch_of_file = nullptr;
  world.run_for(10min);
  auto vacuumed = run(stack->engine->storage().vacuum("prod", "users", false, reading()));
  BOOST_REQUIRE(vacuumed.has_value());
  BOOST_TEST(vacuumed->kinds[database::garbage_kind::duplicate] == 1u);  // the rows were written once more meanwhile
  for (int i = 0; i < 5; ++i) BOOST_TEST(get(fmt::format("p{}", i)) == fmt::format(R"({{"id":"p{}"}})", i));
}

BOOST_AUTO_TEST_SUITE_END()
