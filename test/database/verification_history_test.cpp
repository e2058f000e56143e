// Verification of older versions: what only a message had, and what the log still has.

#include "database/verification_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct verified_history : verification_fixture {
  verified_history() {
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1000;
    options.checkpoints.segment_messages = 8;
  }
  // The row "a" with two older versions in messages of their own.
  void make_versions() {
    create();
    for (int n : {1, 2, 3}) put("a", n);
  }
  // The log does not have them any more.
  void truncate() {
    auto newest = inspect().lsn;
    for (int i = 0; i < 100 && inspect().log_first_lsn <= newest; ++i) put(fmt::format("k{:03}", i), i);
    world.run_for(1min);
    BOOST_TEST_REQUIRE(inspect().log_first_lsn > newest);
  }
  std::string as_of(std::uint64_t lsn) {
    auto found = run(stack->engine->get_as_of("prod", "users", "a", {lsn, {}}, reading()));
    return found ? found->json : found.error().message;
  }
  std::string found_as_of(std::uint64_t lsn) {
    database::find_request request;
    request.where_json = R"({"id":"a"})";
    request.as_of = database::moment{lsn, {}};
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    if (!found) return found.error().message;
    return found->rows.empty() ? "none" : found->rows.front().json;
  }
  // Newest first.
  std::string told_history() {
    auto history = run(stack->engine->history("prod", "users", {"a", 10}, reading()));
    if (!history) return history.error().message;
    std::string all;
    for (const auto& c : history->changes) all += fmt::format("{}:{};", c.version, c.lost.empty() ? c.json : "lost");
    return all;
  }
  base::channel_id channel_;
  void check_lost(const database::stored_message& message) {
    auto lsn = protocol::decode_row(message.content)->lsn;
    auto report = verify();
    BOOST_REQUIRE(report.findings.size() == 1u);
    const auto& f = report.findings[0];
    BOOST_TEST(f.kind == "history");
    BOOST_TEST(f.key == "a");
    BOOST_TEST(f.lsn == lsn);
    BOOST_TEST((f.link.message == message.id));
    BOOST_TEST(contains(f.what, "version 1 is lost"));
    BOOST_TEST(!as_of(lsn).starts_with("{"));
    auto mended = repair();
    BOOST_TEST(mended.versions == 0u);
    BOOST_TEST(mended.beyond_repair == 1u);
    BOOST_TEST(found() == "history a;");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verification_of_history, verified_history)

BOOST_AUTO_TEST_CASE(versions_that_are_kept_and_those_behind_the_horizon_are_well) {
  make_versions();
  truncate();
  BOOST_TEST(found() == "");
  BOOST_TEST(verify().versions == 2u);
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 1, 1, context())).has_value());
  take_away(message_of("a", 1));
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(one_whose_message_is_gone_is_lost_where_the_log_does_not_have_it) {
  make_versions();
  truncate();
  auto message = message_of("a", 1);
  take_away(message);
  check_lost(message);
}

BOOST_AUTO_TEST_CASE(so_is_one_whose_message_was_altered) {
  make_versions();
  truncate();
  auto message = message_of("a", 1);
  edit(message, R"({"content":"hello"})");
  check_lost(message);
}

BOOST_AUTO_TEST_CASE(so_is_a_large_one_whose_file_is_gone) {
  create();
  BOOST_REQUIRE(insert("a", "{\"x\":\"" + std::string(5'000, 'x') + "\"}").has_value());
  drain();
  put("a", 2);
  truncate();
  auto message = message_of("a", 1);
  edit(message, R"({"attachments":[]})");
  check_lost(message);
}

BOOST_AUTO_TEST_CASE(what_the_log_still_has_is_no_problem_and_is_written_again) {
  for (bool altered : {false, true}) {
    BOOST_TEST_CONTEXT("altered: " << altered) {
      verified_history f;
      f.options.checkpoints.segment_messages = 1'000;
      f.make_versions();
      auto message = f.message_of("a", 1);
      auto lsn = protocol::decode_row(message.content)->lsn;
      if (altered) f.edit(message, R"({"content":"hello"})");
      else f.take_away(message);
      BOOST_TEST(f.found() == "(history a);");
      BOOST_TEST(f.repair().versions == 1u);
      BOOST_TEST(f.found() == (altered ? "(duplicate );" : ""));
      BOOST_TEST((f.message_of("a", 1).id != message.id));
      BOOST_TEST(f.vacuum(false).removed == 1u);  // one that is gone counts as removed
      f.restart();
      f.drain();
      BOOST_TEST(f.as_of(lsn) == R"({"id":"a","n":1})");
      BOOST_TEST(f.verify().problems == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_page_that_is_gone_takes_rows_and_versions_along_and_both_are_written_again) {
  options.page_from = 10;
  options.checkpoints.segment_messages = 1'000;
  create();
  std::vector<database::new_row> some;
  for (int i = 0; i < 20; ++i) some.push_back({fmt::format("k{:02}", i), R"({"n":1})"});
  auto imported = run(stack->engine->import("prod", "users", std::move(some), context()));
  BOOST_REQUIRE(imported.has_value());
  drain();
  for (int i = 0; i < 3; ++i) put(fmt::format("k{:02}", i), 2);
  take_away(message_with(channel(), "dbcord/1 page"));
  auto report = verify();
  BOOST_TEST(report.problems == 17u);
  BOOST_TEST(report.findings.at(0).kind == "missing");
  BOOST_TEST(report.notes.size() == 3u);
  auto mended = repair();
  BOOST_TEST(mended.rewritten == 17u);
  BOOST_TEST(mended.versions == 3u);
  drain();
  BOOST_TEST(found() == "");
  auto then = run(stack->engine->get_as_of("prod", "users", "k01", {imported->last_lsn, {}}, reading()));
  BOOST_TEST(then->json == R"({"id":"k01","n":1})");
}

BOOST_AUTO_TEST_CASE(a_version_that_only_a_record_of_the_log_had_is_lost_with_that) {
  options.checkpoints.segment_messages = 1'000;
  create();
  stack->store.on_post = [this](base::channel_id id, const database::new_message&) { return id == channel_ ? fault::refused : fault::none; };
  channel_ = channel();
  auto first = insert("a", R"({"n":1})");
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  stack->store.on_post = nullptr;
  drain();
  for (int i = 0; i < 15; ++i) put(fmt::format("k{:03}", i), i);
  world.run_for(1min);
  BOOST_TEST_REQUIRE(inspect().checkpoint_lsn > first->lsn);
  BOOST_TEST(found() == "");
  BOOST_REQUIRE(run(stack->rest.remove(inspect().log_channel, first->location.message, soon())).has_value());
  restart();
  drain();
  BOOST_TEST(found() == "history a;");
}

// Its record went with a segment: a link into the one that took its place would lead nowhere.
BOOST_AUTO_TEST_CASE(a_deletion_whose_record_is_truncated_has_no_link) {
  create();
  put("a", 1);
  BOOST_REQUIRE(remove("a").has_value());
  drain();
  auto newest = [this] { return run(stack->engine->history("prod", "users", {"a", 10}, reading()))->changes.at(0); };
  auto before = newest();
  BOOST_TEST(before.deleted);
  BOOST_TEST((before.location.channel == inspect().log_channel));
  BOOST_TEST(bool(before.location.message));
  truncate();
  auto after = newest();
  BOOST_TEST(after.deleted);
  BOOST_TEST(after.lost == "");
  BOOST_TEST(!after.location.message);
}

// Nobody has it: no message, since a person deleted it, nor the log, nor memory.
BOOST_AUTO_TEST_CASE(a_row_that_is_changed_before_its_deleted_message_is_written_again_leaves_no_version) {
  make_versions();
  truncate();
  auto row = message_of("a", 3);
  stack->store.on_post = [](base::channel_id, const database::new_message& m) { return protocol::decode_row(m.content) ? fault::refused : fault::none; };
  take_away(row);
  stack->engine->messages_deleted(row.channel, {row.id});
  world.run_for(1s);
  BOOST_TEST(get("a") == R"({"id":"a","n":3})");
  BOOST_REQUIRE(update("a", R"({"n":4})").has_value());
  stack->store.on_post = nullptr;
  drain();
  BOOST_TEST(found() == "(lost a);");
  BOOST_TEST(told_history() == "4:{\"id\":\"a\",\"n\":4};3:lost;2:{\"id\":\"a\",\"n\":2};1:{\"id\":\"a\",\"n\":1};");
}

BOOST_AUTO_TEST_CASE(one_that_people_deleted_takes_no_older_ones_along) {
  make_versions();
  auto first = protocol::decode_row(message_of("a", 1).content)->lsn, second = protocol::decode_row(message_of("a", 2).content)->lsn;
  truncate();
  auto gone = message_of("a", 2);
  take_away(gone);
  stack->engine->messages_deleted(gone.channel, {gone.id});
  world.run_for(1s);
  std::string sentence = "version 2 of row \"a\" is lost: people deleted its message";
  auto check = [&] {
    BOOST_TEST(told_history() == "3:{\"id\":\"a\",\"n\":3};2:lost;1:{\"id\":\"a\",\"n\":1};");
    BOOST_TEST(as_of(first) == R"({"id":"a","n":1})");
    BOOST_TEST(contains(as_of(second), sentence));
    BOOST_TEST(found_as_of(first) == R"({"id":"a","n":1})");
    BOOST_TEST(contains(found_as_of(second), sentence));
    BOOST_TEST(found() == "(lost a);");
  };
  check();
  for (bool killed : {false, true}) {
    BOOST_TEST_CONTEXT("killed: " << killed) {
      if (!killed) truncate();  // a checkpoint knows of it; it holds no record of the log back
      restart();
      drain();
      check();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
