// Verification: all is well when it is, and each kind of damage is found and named.

#include <fmt/format.h>

#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct verification_fixture : database_fixture {
  database::verify_report verify() {
    auto report = run(stack->engine->verify("prod", "users", reading()));
    if (!report) BOOST_FAIL(report.error().message);
    return *report;
  }
  // "missing u_1; foreign ;"
  std::string found() {
    auto report = verify();
    BOOST_TEST(report.problems == report.findings.size());
    std::string text;
    for (const auto& f : report.findings) text += f.kind + " " + f.key + ";";
    return text;
  }
  void fill() {
    create();
    for (int i = 0; i < 3; ++i) BOOST_REQUIRE(insert(fmt::format("u_{}", i), R"({"n":1})").has_value());
    drain();
  }
  base::message_id message_of(std::string key) { return run(stack->engine->get("prod", "users", std::move(key), reading()))->location.message; }
  database::call_options soon() { return {database::priority::read, world.now() + 1min}; }
  auto channel() { return inspect().tables.at(0).channel; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verification, verification_fixture)

BOOST_AUTO_TEST_CASE(a_healthy_table_is_well_also_with_old_versions_and_large_rows) {
  fill();
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", false, context())).has_value());
  BOOST_REQUIRE(update("u_1", R"({"n":2})").has_value());
  BOOST_REQUIRE(remove("u_2").has_value());
  BOOST_REQUIRE(insert("big", "{\"x\":\"" + std::string(5'000, 'x') + "\"}").has_value());
  drain();
  auto report = verify();
  BOOST_TEST(report.problems == 0u);
  BOOST_TEST(report.rows == 3u);
  BOOST_TEST(report.messages == 5u);
  BOOST_TEST(report.superseded == 2u);
  BOOST_TEST(report.attachments == 1u);
  BOOST_TEST(report.not_materialised == 0u);
  BOOST_TEST(report.log_lsn == inspect().lsn);
  restart();
  drain();
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(a_row_message_that_was_deleted_by_hand_is_missing) {
  fill();
  BOOST_REQUIRE(run(stack->rest.remove(channel(), message_of("u_1"), soon())).has_value());
  BOOST_TEST(found() == "missing u_1;");
}

BOOST_AUTO_TEST_CASE(a_message_that_is_no_row_is_damage) {
  fill();
  database::new_message text;
  text.content = "hello";
  text.nonce = "n";
  BOOST_REQUIRE(run(stack->rest.post(channel(), std::move(text), soon())).has_value());
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(report.findings[0].kind == "damaged");
  BOOST_TEST((report.findings[0].link.message != base::message_id{}));
}

BOOST_AUTO_TEST_CASE(a_persons_message_is_foreign) {
  fill();
  auto answer = guild.inspect({"POST", "/api/v10/channels/" + channel().str() + "/messages",
                               {{"Authorization", guild.credentials().owner_token}, {"User-Agent", "test"}, {"Content-Type", "application/json"}},
                               R"({"content":"hello"})"});
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(found() == "foreign ;");
}

BOOST_AUTO_TEST_CASE(a_log_record_that_was_deleted_by_hand_is_lost) {
  fill();
  auto last = update("u_1", R"({"n":2})");
  BOOST_REQUIRE(last.has_value());
  BOOST_REQUIRE(run(stack->rest.remove(inspect().log_channel, last->location.message, soon())).has_value());
  drain();
  BOOST_TEST(found() == "log ;");
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_cannot_be_verified) {
  create();
  BOOST_TEST((run(stack->engine->verify("prod", "nobody", reading())).error().code == database::errc::unknown_table));
  BOOST_TEST((run(stack->engine->verify("nowhere", "users", reading())).error().code == database::errc::unknown_database));
}

BOOST_AUTO_TEST_SUITE_END()
