// Records of the log that are there and do not hold what was written: what they alone had is named and given up, everything else goes on.

#include "database/row_operation.hpp"
#include "database/verification_fixture.hpp"
#include "protocol/json_node.hpp"
#include "protocol/log_record.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct damaged_log : verification_fixture {
  damaged_log() {
    options.checkpoints.tail_messages = 10;
    options.checkpoints.share = 1000;
    options.checkpoints.segments_kept = 1'000;
  }

  // The first version of the row lies only in the record that it answers.
  database::write_receipt insert_in_log_only(const std::string& key, const std::string& json = R"({"n":1})") {
    stack->store.on_post = [table = channel()](base::channel_id in, const database::new_message&) { return in == table ? fault::refused : fault::none; };
    auto first = insert(key, json);
    BOOST_REQUIRE(first.has_value());
    BOOST_REQUIRE(update(key, R"({"n":2})").has_value());
    stack->store.on_post = nullptr;
    drain();
    return *first;
  }
  void checkpoint_behind(const database::write_receipt& record) {
    for (int i = 0; i < 30 && inspect().checkpoint_lsn <= record.lsn; ++i) put(fmt::format("o{:02}", i), i);
    world.run_for(1min);
    BOOST_TEST_REQUIRE(inspect().checkpoint_lsn > record.lsn);
  }
  // Of the same size, with other bytes.
  void damage(const database::message_link& record) {
    auto message = *run(stack->rest.fetch(record.channel, record.message, soon()));
    auto content = message.value.content;
    const std::string value = contains(content, R"("n":1)") ? R"("n":1)" : R"(\"n\":1)";
    auto at = content.find(value);
    BOOST_TEST_REQUIRE(at != std::string::npos, content);
    content[at + value.size() - 1] = '7';
    edit(message.value, "{\"content\":" + protocol::to_json(protocol::json_node::make_string(content)) + "}");
  }
  std::string told_history(std::string key) {
    auto history = run(stack->engine->history("prod", "users", {std::move(key), 10}, reading()));
    if (!history) return history.error().message;
    std::string all;
    for (const auto& c : history->changes) all += fmt::format("{}:{};", c.version, c.lost.empty() ? c.json : "lost");
    return all;
  }
};

const std::string only_second = R"(2:{"id":"a","n":2};1:lost;)";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(damaged_log_records, damaged_log)

BOOST_AUTO_TEST_CASE(a_version_that_one_alone_had_is_named_and_given_up) {
  create();
  auto first = insert_in_log_only("a");
  checkpoint_behind(first);
  BOOST_TEST(found() == "");
  damage(first.location);
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 1u);
  const auto& f = report.findings[0];
  BOOST_TEST(f.kind == "history");
  BOOST_TEST(f.key == "a");
  BOOST_TEST(f.lsn == first.lsn);
  BOOST_TEST(f.beyond_repair);
  BOOST_TEST((f.link.message == first.location.message));
  BOOST_TEST((f.link.channel == first.location.channel));
  BOOST_TEST(f.what == fmt::format("version 1 is lost: log record {}, which alone had it, is damaged", first.lsn));
  BOOST_TEST(told_history("a") == only_second);
  BOOST_TEST(repair().failed.empty());
  BOOST_TEST(found() == "(lost a);");
  BOOST_TEST(told_history("a") == only_second);
  BOOST_TEST(get("a") == R"({"id":"a","n":2})");
}

BOOST_AUTO_TEST_CASE(one_that_the_next_start_needs_is_left_behind_by_checkpoints) {
  options.checkpoints.tail_messages = 1'000;
  create();
  auto first = insert_in_log_only("a");
  put("b", 1);
  BOOST_REQUIRE(inspect().checkpoints == 0u);
  damage(first.location);
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 2u);
  for (const auto& f : report.findings) BOOST_TEST((f.link.message == first.location.message));
  BOOST_TEST(report.findings[0].kind == "history");
  BOOST_TEST(report.findings[1].kind == "log");
  BOOST_TEST(contains(report.findings[1].what, "is damaged: its checksum is wrong"), report.findings[1].what);
  BOOST_TEST(!report.findings[1].beyond_repair);
  BOOST_TEST(report.rows == 2u);
  auto mended = repair();
  BOOST_TEST(mended.checkpoints == 2u);
  BOOST_TEST(mended.log_left_behind);
  BOOST_TEST(mended.failed.empty());
  BOOST_TEST(found() == "(lost a);");
  restart();
  world.run_for(1min);
  BOOST_TEST(inspect().state == "open");
  BOOST_TEST(inspect().losses.empty());
  BOOST_TEST(get("a") == R"({"id":"a","n":2})");
  BOOST_TEST(get("b") == R"({"id":"b","n":1})");
  BOOST_TEST(told_history("a") == only_second);
  BOOST_TEST(found() == "(lost a);");
}

BOOST_AUTO_TEST_CASE(a_version_whose_message_is_gone_as_well_does_not_end_a_verification_nor_a_move) {
  options.checkpoints.tail_messages = 5;
  create();
  auto first = insert("a", R"({"n":1})");
  BOOST_REQUIRE(first.has_value());
  drain();
  put("a", 2);
  checkpoint_behind(*first);
  take_away(message_of("a", 1));
  BOOST_TEST(found() == "(history a);");
  damage(first->location);
  BOOST_TEST(found() == "history a;");
  auto moved = run(stack->engine->administration().move_table("prod", "users", context(1h)));
  BOOST_TEST_REQUIRE(moved.has_value(), moved.error().message);
  BOOST_TEST(moved->stopped.value_or("") == "");
  BOOST_TEST(found() == "(lost a);");
  BOOST_TEST(told_history("a") == only_second);
}

BOOST_AUTO_TEST_CASE(vacuum_writes_the_other_versions_elsewhere_and_the_log_can_go) {
  options.checkpoints.segment_messages = 8;
  create();
  std::vector<database::write_receipt> firsts;
  for (std::string key : {"a", "b", "c"}) firsts.push_back(insert_in_log_only(key));
  for (int i = 0; i < 20; ++i) put(fmt::format("o{:02}", i), i);
  world.run_for(1min);
  BOOST_TEST_REQUIRE(inspect().log_first_lsn <= firsts.front().lsn);
  damage(firsts[0].location);
  auto done = vacuum(false);
  BOOST_TEST(done.versions_written == 2u);
  BOOST_TEST(done.log == "");
  for (int i = 20; i < 60; ++i) put(fmt::format("o{:02}", i), i);
  world.run_for(1min);
  BOOST_TEST(inspect().log_first_lsn > firsts.back().lsn);
  BOOST_TEST(told_history("a") == only_second);
  BOOST_TEST(told_history("b") == R"(2:{"id":"b","n":2};1:{"id":"b","n":1};)");
  BOOST_TEST(found() == "(lost a);");
}

// Trouble that may pass is told as such.
BOOST_AUTO_TEST_CASE(what_discord_does_not_show_now_is_no_damage) {
  create();
  auto first = insert_in_log_only("a", "{\"n\":1,\"x\":\"" + std::string(5'000, 'x') + "\"}");
  checkpoint_behind(first);
  auto its = run(stack->rest.fetch(first.location.channel, first.location.message, soon()))->value.attachments.at(0);
  restart();  // nothing of it is kept
  drain();
  stack->store.on_fetch_of_file = [id = its.id](const database::attachment_info& a) { return a.id != id; };
  auto failed = run(stack->engine->verify("prod", "users", reading()));
  BOOST_TEST(!failed.has_value());
  (void)vacuum(false);
  stack->store.on_fetch_of_file = nullptr;
  BOOST_TEST(found() == "");
  restart();
  drain();
  stack->store.expired = {its.id};
  BOOST_TEST(found() == "");
  BOOST_TEST(stack->store.expired.empty());
  restart();
  drain();
  stack->store.on_download = [id = its.id](const database::attachment_info& a, std::string& bytes) {
    if (a.id == id) bytes[bytes.size() / 2] ^= 1;
  };
  BOOST_TEST(found() == "history a;");
}

BOOST_AUTO_TEST_SUITE_END()
