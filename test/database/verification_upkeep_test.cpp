// Verification of what the next start needs: checkpoints and catalog.

#include "database/creation_record.hpp"
#include "database/verification_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct verified_upkeep : verification_fixture {
  verified_upkeep() {
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1000;
  }
  void fill_and_checkpoint() {
    fill();
    for (int i = 0; i < 15; ++i) put(fmt::format("k{:03}", i), i);
    BOOST_REQUIRE(world.run_until([&] { return inspect().checkpoints >= 2; }, 5min));
    world.run_for(10s);
    BOOST_TEST(verify().checkpoints == 2u);
  }
  base::channel_id catalog() { return channel_called("dbc-catalog"); }
  database::stored_message creation() { return message_with(catalog(), "dbcord/1 database"); }
  database::stored_message descriptor() { return message_with(catalog(), "dbcord/1 table"); }
  static std::string as_content(const std::string& text) {
    std::string json;
    for (char c : text) json += c == '\n' ? std::string("\\n") : c == '"' ? std::string("\\\"") : c == '\\' ? std::string("\\\\") : std::string(1, c);
    return "{\"content\":\"" + json + "\"}";
  }
  // One problem of that kind, which repair mends.
  void check_mended(std::string kind, base::message_id link, std::string then = "") {
    auto report = verify();
    BOOST_REQUIRE(report.findings.size() == 1u);
    BOOST_TEST(report.findings[0].kind == kind);
    BOOST_TEST((report.findings[0].link.message == link), report.findings[0].what);
    auto mended = repair();
    BOOST_TEST(mended.beyond_repair == 0u);
    BOOST_TEST(mended.checkpoints == (kind == "checkpoint" ? 2u : 0u));
    BOOST_TEST(mended.catalog_records == (kind == "catalog" ? 1u : 0u));
    BOOST_TEST(found() == then);
    restart();
    drain();
    BOOST_TEST(get("u_1") == R"({"id":"u_1","n":1})");
    BOOST_TEST(found() == then);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verification_of_upkeep, verified_upkeep)

BOOST_AUTO_TEST_CASE(a_checkpoint_whose_message_is_gone_is_told_and_replaced) {
  fill_and_checkpoint();
  auto newest = messages_of(channel_called("dbc-checkpoints")).back();
  take_away(newest);
  check_mended("checkpoint", newest.id);
}

BOOST_AUTO_TEST_CASE(so_is_one_whose_parts_are_gone) {
  fill_and_checkpoint();
  auto newest = messages_of(channel_called("dbc-checkpoints")).back();
  edit(newest, R"({"attachments":[]})");
  check_mended("checkpoint", newest.id);
}

BOOST_AUTO_TEST_CASE(so_is_one_whose_manifest_was_altered) {
  fill_and_checkpoint();
  auto newest = messages_of(channel_called("dbc-checkpoints")).back();
  edit(newest, R"({"content":"hello"})");
  check_mended("checkpoint", {});
}

BOOST_AUTO_TEST_CASE(so_is_one_whose_manifest_is_another_than_the_log_names) {
  fill_and_checkpoint();
  auto all = messages_of(channel_called("dbc-checkpoints"));
  auto newest = all.back(), older = all.front();
  BOOST_TEST_REQUIRE(older.content != newest.content);
  edit(newest, as_content(older.content));
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(contains(report.findings[0].what, "not the one that the log names"));
}

BOOST_AUTO_TEST_CASE(where_no_checkpoint_can_be_written_repair_says_so) {
  fill_and_checkpoint();
  take_away(messages_of(channel_called("dbc-checkpoints")).back());
  auto id = channel_called("dbc-checkpoints");
  stack->store.on_post = [id](base::channel_id to, const database::new_message&) { return to == id ? fault::refused : fault::none; };
  auto mended = repair();
  BOOST_TEST(mended.checkpoints == 0u);
  BOOST_REQUIRE(mended.failed.size() == 1u);
  BOOST_TEST(mended.failed[0].starts_with("no new checkpoint: "));
}

BOOST_AUTO_TEST_CASE(a_tables_description_that_is_gone_is_written_again) {
  fill();
  auto gone = descriptor();
  take_away(gone);
  check_mended("catalog", gone.id);
}

BOOST_AUTO_TEST_CASE(so_is_one_that_says_something_else) {
  fill();
  auto altered = descriptor();
  auto text = altered.content;
  text.replace(text.find("\"id\""), 4, "\"no\"");
  edit(altered, as_content(text));
  check_mended("catalog", altered.id);
}

BOOST_AUTO_TEST_CASE(a_record_of_creation_that_is_gone_is_written_again_and_the_next_start_finds_the_database) {
  fill();
  take_away(creation());
  check_mended("catalog", {});
}

BOOST_AUTO_TEST_CASE(so_is_one_that_cannot_be_read) {
  fill();
  auto altered = creation();
  edit(altered, R"({"content":"hello"})");
  check_mended("catalog", altered.id, "(catalog );");
}

BOOST_AUTO_TEST_CASE(one_that_names_another_channel_is_overruled) {
  fill();
  auto altered = creation();
  auto record = database::decode_creation(altered.content);
  BOOST_REQUIRE(record.has_value());
  record->control = channel();
  edit(altered, as_content(database::encode_creation(*record)));
  check_mended("catalog", altered.id);
}

// Discord goes on naming its last message, so it looks like a channel whose history may not be read.
BOOST_AUTO_TEST_CASE(an_emptied_catalog_is_told_and_written_again_and_rows_are_verified_all_the_same) {
  fill();
  world.run_for(1min);
  for (const auto& m : messages_of(catalog())) take_away(m);
  take_away(message_of("u_1", 1));
  auto report = verify();
  BOOST_TEST(found() == "missing u_1;catalog ;catalog ;");
  BOOST_TEST(report.rows > 0u);
  auto mended = repair();
  BOOST_TEST(mended.catalog_records == 2u);
  BOOST_TEST(mended.rewritten == 1u);
  BOOST_TEST(mended.beyond_repair == 0u);
  BOOST_TEST(mended.failed.empty());
  drain();
  BOOST_TEST(found() == "");
  restart();
  drain();
  BOOST_TEST(get("u_1") == R"({"id":"u_1","n":1})");
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(so_is_one_that_was_emptied_a_moment_ago) {
  create();
  for (const auto& m : messages_of(catalog())) take_away(m);
  BOOST_TEST(found() == "catalog ;catalog ;");
}

BOOST_AUTO_TEST_CASE(a_catalog_that_is_hidden_is_not_taken_for_emptied) {
  fill();
  world.run_for(1min);
  stack->store.hidden = true;
  stack->store.faults_of_reads_in = catalog();
  auto report = run(stack->engine->verify("prod", "", reading()));
  BOOST_REQUIRE(!report.has_value());
  BOOST_TEST(contains(report.error().message, "may not be allowed"), report.error().message);
}

BOOST_AUTO_TEST_CASE(a_topic_that_was_changed_is_told_with_what_it_should_be_and_stays) {
  fill();
  auto all = run(stack->rest.channels(soon()));
  std::string topic;
  for (const auto& c : all.value().value) {
    if (c.id == catalog()) topic = c.topic;
  }
  request("PATCH", "/channels/" + catalog().str(), R"({"topic":"our catalog"})", guild.credentials().owner_token);
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(report.findings[0].kind == "catalog");
  BOOST_TEST(contains(report.findings[0].what, "`" + topic + "`"));
  BOOST_TEST(report.findings[0].beyond_repair);
  BOOST_TEST(repair().beyond_repair == 1u);
  BOOST_TEST(found() == "catalog ;");
}

BOOST_AUTO_TEST_CASE(a_control_channel_that_is_gone_is_told) {
  fill();
  world.run_for(5min);
  BOOST_REQUIRE(run(stack->rest.delete_channel(channel_called("dbc-control"), soon())).has_value());
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(contains(report.findings[0].what, "the control channel"));
}

BOOST_AUTO_TEST_SUITE_END()
