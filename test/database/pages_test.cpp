// Pages: many rows in one message. Nobody who reads or writes rows sees a difference, whatever is lost on the way.

#include <fmt/format.h>

#include "database/killed_purge.hpp"
#include "protocol/row_page.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct pages_fixture : database_fixture {
  static constexpr int rows = 300;

  pages_fixture() {
    options.page_from = 10;
    options.checkpoints.tail_messages = 10;
    options.checkpoints.share = 1000;
  }

  static std::string key(int i) { return fmt::format("k{}", 1'000 + (i * 7919) % 1'000); }  // not in the order of their keys
  static std::string json(int i, std::string_view text = "\xC3\xA4") { return fmt::format(R"({{"id":"{}","n":{},"x":1.10,"text":"{}"}})", key(i), i, text); }

  void import(int from, int to) {
    std::vector<database::new_row> some;
    for (int i = from; i < to; ++i) some.push_back({{}, json(i)});
    put_all(std::move(some));
  }
  void fill() {
    create();
    import(0, rows);
    drain();
  }
  auto users() { return *run(stack->engine->inspect_table("prod", "users", reading())); }
  void check_all() {
    for (int i = 0; i < rows; ++i) BOOST_TEST_REQUIRE(get(key(i)) == json(i));
  }
  database::verify_report verify() { return *run(stack->engine->verify("prod", "users", reading())); }
  std::vector<database::stored_message> messages() {
    database::call_options call{database::priority::read, world.now() + 10min};
    return run(stack->store.history_before(users().channel, {}, 100, call)).value().value;
  }
  std::size_t pages_in_channel() {
    std::size_t pages = 0;
    for (const auto& m : messages()) pages += protocol::decode_page(m.content) ? 1 : 0;
    return pages;
  }
  std::size_t pages_that_hold(const std::string& text) {
    database::call_options call{database::priority::read, world.now() + 10min};
    std::size_t found = 0;
    for (const auto& m : messages()) {
      for (auto a : m.attachments) {
        auto bytes = run(stack->store.download(a, call));
        found += bytes && contains(*bytes, text);
      }
    }
    return found;
  }
  database::vacuum_report vacuum(bool scan = false) {
    auto done = run(stack->engine->storage().vacuum("prod", "users", scan, reading()));
    BOOST_REQUIRE(done.has_value());
    return *done;
  }
  void no_history() { BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 0, 1, context())).has_value()); }
  void set_layout(protocol::table_layout layout) {
    auto done = run(stack->engine->storage().set_layout("prod", "users", layout, context()));
    BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  }
};

// A page with a row to be purged and with older versions of other rows, whose records have left the log.
struct purge_of_pages_fixture : pages_fixture {
  static constexpr int rows = 12;  // of which the first half has older versions
  static inline std::string oldest_part;

  void fill_shared_page() {
    create();
    std::vector<database::new_row> all{{{}, R"({"id":"gone","s":"tangerine"})"}};
    for (int i = 0; i < rows; ++i) all.push_back({{}, json(i)});
    BOOST_REQUIRE(run(stack->engine->import("prod", "users", std::move(all), context())).has_value());
    drain();
    BOOST_REQUIRE(pages_that_hold("tangerine") == 1u);
    oldest_part = messages().front().attachments.front().filename;
    for (int i = 0; i < rows / 2; ++i) BOOST_REQUIRE(update(key(i), R"({"extra":1})").has_value());
    drain();
    BOOST_REQUIRE(run(stack->engine->storage().purge("prod", "users", "nobody", context(1h)))->log == "");
  }
  database::purge_report purge() { return *run(stack->engine->storage().purge("prod", "users", "gone", context(1h))); }
  // Everything that can be known of the other rows.
  std::string others() {
    std::string text;
    for (int i = 0; i < rows; ++i) {
      auto past = run(stack->engine->history("prod", "users", {key(i), 10}, reading()));
      if (!past) return past.error().message;
      for (const auto& c : past->changes) text += fmt::format("{} v{} {}\n", key(i), c.version, c.lost.empty() ? c.json : "lost");
    }
    return text;
  }
};

// So little memory that hardly a value stays.
struct small_pages_fixture : pages_fixture {
  small_pages_fixture() { options.memory_cap = 48 * 1024; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pages, pages_fixture)

BOOST_AUTO_TEST_CASE(many_rows_become_one_message_and_few_become_their_own) {
  fill();
  BOOST_TEST(messages().size() == 1u);
  BOOST_TEST(users().pages == 1u);
  BOOST_TEST(contains(messages().front().content, "page of 300 rows"));
  BOOST_REQUIRE(insert("alone", "{}").has_value());
  drain();
  BOOST_TEST(messages().size() == 2u);
  BOOST_TEST(users().pages == 1u);
  auto report = verify();
  BOOST_TEST(report.problems == 0u);
  BOOST_TEST(report.messages == 2u);
}

BOOST_AUTO_TEST_CASE(a_kill_leaves_pages_that_the_next_process_takes_over) {
  fill();
  for (int i = 0; i < 3; ++i) {
    restart();
    check_all();
    drain();
    BOOST_TEST(messages().size() == 1u);
    BOOST_TEST(verify().problems == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_page_is_adopted_though_no_checkpoint_knows_it) {
  options.checkpoints.enabled = false;
  create();
  import(0, rows);
  for (int i = 0; i < 100 && pages_in_channel() == 0; ++i) world.run_for(100ms);
  BOOST_REQUIRE(pages_in_channel() == 1u);
  BOOST_REQUIRE(update(key(3), R"({"n":-1})").has_value());
  restart();
  drain();
  BOOST_TEST(pages_in_channel() == 1u);
  BOOST_TEST(contains(get(key(3)), "-1"));
  BOOST_TEST(get(key(4)) == json(4));
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(a_page_whose_answer_was_lost_is_a_copy_that_a_scan_finds) {
  create();
  bool once = true;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    bool page = contains(m.content, "page of");
    return page && std::exchange(once, false) ? fault::lost_after : fault::none;
  };
  import(0, rows);
  drain();
  BOOST_TEST(!once);
  BOOST_TEST(pages_in_channel() == 2u);
  BOOST_TEST(vacuum().found == 0u);
  BOOST_TEST(vacuum(true).removed == 1u);
  BOOST_TEST(pages_in_channel() == 1u);
  check_all();
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(a_page_that_discord_refuses_is_written_row_by_row) {
  create();
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) { return contains(m.content, "page of") ? fault::content : fault::none; };
  import(0, 40);
  drain();
  BOOST_TEST(messages().size() == 40u);
  for (int i = 0; i < 40; ++i) BOOST_TEST(get(key(i)) == json(i));
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(rows_that_discord_refuses_are_tried_again_until_it_takes_them) {
  options.lease = 1h;  // hours pass, in which Discord need not be asked every ten seconds
  options.page_from = 1'000;
  create();
  std::uint64_t attempts = 0;
  auto channel = users().channel;
  stack->store.on_post = [&](base::channel_id to, const database::new_message&) {
    attempts += to == channel;
    return to == channel ? fault::content : fault::none;
  };
  import(0, 20);
  world.run_for(5s);
  BOOST_TEST(users().not_materialised == 20u);
  BOOST_TEST(attempts == 40u);  // as text and as a file
  world.run_for(30s);
  BOOST_TEST(attempts == 72u);  // 16 of them
  world.run_for(24h);
  BOOST_TEST(attempts < 72u + 32 * 32);  // once an hour in the end
  stack->store.on_post = nullptr;
  world.run_for(2h);
  BOOST_TEST(users().not_materialised == 0u);
  for (int i = 0; i < 20; ++i) BOOST_TEST(get(key(i)) == json(i));
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(rows_of_a_page_deleted_by_hand_are_written_again) {
  fill();
  auto page = messages().front();
  database::call_options call{database::priority::read, world.now() + 10min};
  BOOST_REQUIRE(run(stack->store.remove(page.channel, page.id, call)).has_value());
  auto found = verify();
  BOOST_TEST(found.problems == static_cast<std::uint64_t>(rows));
  auto repaired = run(stack->engine->repair("prod", "users", found, reading()));
  BOOST_TEST(repaired->rewritten == static_cast<std::uint64_t>(rows));
  drain();
  BOOST_TEST(verify().problems == 0u);
  page = messages().front();
  BOOST_REQUIRE(run(stack->store.remove(page.channel, page.id, call)).has_value());
  stack->engine->messages_deleted(page.channel, {page.id});
  world.run_for(1s);
  drain();
  BOOST_TEST(users().deleted_by_hand == static_cast<std::uint64_t>(rows));
  BOOST_TEST(verify().problems == 0u);
  check_all();
}

BOOST_AUTO_TEST_CASE(vacuum_rewrites_what_is_left_of_a_sparse_page_and_then_removes_it) {
  fill();
  no_history();
  for (int i = 0; i < rows - 5; ++i) BOOST_REQUIRE(remove(key(i)).has_value());
  auto first = vacuum();
  BOOST_TEST(first.pages_rewritten == 1u);
  BOOST_TEST(first.rows_moved == 5u);
  BOOST_TEST(first.removed == 0u);
  drain();
  auto second = vacuum();
  BOOST_TEST(second.removed == 1u);
  BOOST_TEST(second.pages_rewritten == 0u);
  BOOST_TEST(pages_in_channel() == 0u);
  for (int i = rows - 5; i < rows; ++i) BOOST_TEST(get(key(i)) == json(i));
  restart();
  for (int i = rows - 5; i < rows; ++i) BOOST_TEST(get(key(i)) == json(i));
  BOOST_TEST(users().rows == 5u);
  for (const auto& f : verify().findings) BOOST_ERROR(f.kind << " " << f.key << " " << f.what);
}

BOOST_AUTO_TEST_CASE(purging_a_row_rewrites_the_page_that_holds_it) {
  create();
  std::vector<database::new_row> all{{{}, R"({"id":"gone","s":"tangerine"})"}};
  for (int i = 0; i < rows; ++i) all.push_back({{}, json(i)});
  BOOST_REQUIRE(run(stack->engine->import("prod", "users", std::move(all), context())).has_value());
  drain();
  BOOST_REQUIRE(update("gone", R"({"t":"tangerine"})").has_value());
  for (int i = 0; i < 30; ++i) BOOST_REQUIRE(update(key(i), R"({"extra":1})").has_value());
  drain();
  BOOST_TEST(pages_that_hold("tangerine") >= 1u);
  auto report = run(stack->engine->storage().purge("prod", "users", "gone", context(1h)));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->messages == "");
  BOOST_TEST(pages_that_hold("tangerine") == 0u);
  BOOST_TEST(get(key(100)) == json(100));
  restart();
  BOOST_TEST(pages_that_hold("tangerine") == 0u);
  BOOST_TEST(get(key(100)) == json(100));
  BOOST_TEST(users().rows == static_cast<std::uint64_t>(rows));
  drain();
  BOOST_TEST(verify().problems == 0u);
}

BOOST_FIXTURE_TEST_CASE(older_versions_of_others_survive_the_purge_of_a_row_in_their_page, purge_of_pages_fixture) {
  fill_shared_page();
  auto before = others();
  auto report = purge();
  BOOST_TEST(report.messages == "");
  BOOST_TEST(report.log == "");  // so the log has them no more
  BOOST_TEST(pages_that_hold("tangerine") == 0u);
  BOOST_TEST(others() == before);
  restart();
  BOOST_TEST(others() == before);
  drain();
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(a_purge_that_is_killed_anywhere_costs_others_nothing) {
  for (int n = 150; n < 1'500; n += 40 + n / 4) {
    BOOST_TEST_CONTEXT("killed after " << n << " handlers") {
      purge_of_pages_fixture f;
      f.fill_shared_page();
      auto before = f.others();
      purge_and_be_killed(f, n);
      BOOST_TEST(f.others() == before);
      BOOST_TEST(f.purge().messages == "");
      BOOST_TEST(f.pages_that_hold("tangerine") == 0u);
      BOOST_TEST(f.others() == before);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(what_discord_does_not_store_elsewhere_keeps_its_page_and_is_told, purge_of_pages_fixture) {
  fill_shared_page();
  auto before = others();
  stack->store.on_post = [its = users().channel](base::channel_id channel, const database::new_message&) {
    return channel == its ? fault::content : fault::none;
  };
  auto report = purge();
  BOOST_TEST(contains(report.messages, "it lies in a page with others, which are not elsewhere yet"));
  BOOST_TEST(contains(report.messages, "Discord does not store"));
  BOOST_TEST(others() == before);
  stack->store.on_post = nullptr;
  BOOST_TEST(purge().messages == "");
  BOOST_TEST(pages_that_hold("tangerine") == 0u);
  BOOST_TEST(others() == before);
}

BOOST_FIXTURE_TEST_CASE(versions_that_cannot_be_read_any_more_go_with_their_page, purge_of_pages_fixture) {
  fill_shared_page();
  for (int i = 0; i < rows; ++i) BOOST_REQUIRE(update(key(i), R"({"again":1})").has_value());  // only versions lie in the page then
  drain();
  BOOST_REQUIRE(run(stack->engine->storage().purge("prod", "users", "nobody", context(1h))).has_value());  // so the log has them no more
  stack->store.on_download = [](const database::attachment_info& its, std::string& bytes) {
    if (its.filename == oldest_part) bytes.front() ^= 1;
  };
  auto report = purge();
  BOOST_TEST(report.messages == "");
  BOOST_TEST(pages_that_hold("tangerine") == 0u);
  stack->store.on_download = nullptr;
  BOOST_TEST(contains(others(), key(0) + " v1 lost"));  // the page was its only place
  BOOST_TEST(contains(others(), key(0) + " v2"));
  for (int i = 0; i < rows; ++i) BOOST_TEST_REQUIRE(contains(get(key(i)), "again"));
  drain();
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(older_versions_that_lie_in_pages_can_be_read) {
  fill();
  BOOST_REQUIRE(update(key(5), R"({"n":-5})").has_value());
  drain();
  restart();
  auto history = run(stack->engine->history("prod", "users", {key(5), 10}, reading()));
  BOOST_REQUIRE(history.has_value());
  BOOST_REQUIRE(history->changes.size() == 2u);
  BOOST_TEST(history->changes[1].json == json(5));
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(the_layout_is_kept_by_log_and_checkpoint) {
  create();
  set_layout(protocol::table_layout::rows);
  restart();
  import(0, 40);
  drain();
  BOOST_TEST(messages().size() == 40u);
  set_layout(protocol::table_layout::pages);
  for (int i = 0; i < 15; ++i) BOOST_REQUIRE(insert(fmt::format("z{}", i), "{}").has_value());
  drain();
  world.run_for(10min);  // a checkpoint
  BOOST_TEST(inspect().checkpoints > 0u);
  restart();
  BOOST_TEST(users().layout == "pages");
  import(40, 43);
  drain();
  BOOST_TEST(pages_in_channel() >= 1u);
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(pages_beyond_memory, small_pages_fixture)

BOOST_AUTO_TEST_CASE(values_are_read_from_pages_again) {
  fill();
  check_all();
  BOOST_TEST(users().memory <= options.memory_cap);
  restart();
  check_all();
  BOOST_TEST(verify().problems == 0u);
  database::find_request request;
  request.where_json = R"({"n":{"$lt":50}})";
  request.limit = 1'000;
  auto found = run(stack->engine->find("prod", "users", request, reading()));
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->matched == 50u);
  for (const auto& row : found->rows) BOOST_TEST(contains(row.json, "\"x\":1.10"));
}

BOOST_AUTO_TEST_CASE(a_damaged_part_is_found_and_mended_from_the_log) {
  fill();
  auto page = messages().front();
  database::call_options call{database::priority::read, world.now() + 10min};
  // Somebody who can write to the bot's messages is not there; a page that lost its attachment is like one that is gone.
  BOOST_REQUIRE(run(stack->store.remove(page.channel, page.id, call)).has_value());
  check_all();  // from the log
  auto found = verify();
  BOOST_TEST(found.problems == static_cast<std::uint64_t>(rows));
  BOOST_REQUIRE(run(stack->engine->repair("prod", "users", found, reading())).has_value());
  drain();
  BOOST_TEST(verify().problems == 0u);
  check_all();
}

BOOST_AUTO_TEST_SUITE_END()
