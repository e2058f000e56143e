// Verification: all is well when it is, and each kind of damage is found and named.

#include "database/verification_fixture.hpp"
#include "database/verify_findings.hpp"

using namespace dbcord;
using namespace dbcord::test;

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
  BOOST_TEST(report.versions == 2u);
  BOOST_TEST(report.garbage.all() == 0u);
  BOOST_TEST(report.catalog_records == 2u);
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

BOOST_AUTO_TEST_CASE(a_persons_message_is_foreign_in_the_table_and_wherever_only_dbcord_writes_and_no_problem) {
  options.checkpoints.close_messages = 1;
  fill();
  run(stack->engine->close(world.now() + 1min));
  restart();
  say_as_person(channel());
  BOOST_TEST(found() == "(foreign );");
  say_as_person(channel_called("dbc-catalog"));
  BOOST_TEST(found() == "(foreign );(foreign );");
  for (auto name : {"dbc-wal-1", "dbc-control", "dbc-checkpoints"}) say_as_person(channel_called(name));
  auto report = verify();
  BOOST_TEST(report.problems == 0u);
  BOOST_TEST(report.foreign == 5u);
  BOOST_TEST(report.notes.at(0).table == "users");
  for (auto where : {"in the catalog", "in the log", "in #dbc-control", "in #dbc-checkpoints"}) {
    BOOST_TEST(std::count_if(report.notes.begin(), report.notes.end(), [&](const auto& f) { return contains(f.what, where) && f.table.empty(); }) == 1, where);
  }
  BOOST_TEST(repair().beyond_repair == 0u);
}

BOOST_AUTO_TEST_CASE(so_many_messages_of_people_are_shown_that_other_notes_have_room) {
  database::verify_report report;
  fill();
  database::verify_findings findings(report, stack->store);
  for (int i = 0; i < 150; ++i) findings.add_foreign("x", {});
  BOOST_TEST(report.foreign == 150u);
  BOOST_TEST(report.notes.size() == database::verify_report::most_strangers);
}

BOOST_AUTO_TEST_CASE(a_whole_database_is_verified_and_mended_and_what_is_found_names_its_table) {
  fill();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "posts", "id", context())).has_value());
  for (auto key : {"a", "b"}) BOOST_REQUIRE(run(stack->engine->insert("prod", "posts", {key, "{}"}, context())).has_value());
  auto whole = [&] { return run(stack->engine->verify("prod", "", reading())).value(); };
  auto well = whole();
  BOOST_TEST(well.problems == 0u);
  BOOST_TEST(well.tables == 2u);
  BOOST_TEST(well.rows == verify().rows + 2);
  edit(message_of("u_1", 1), R"({"content":"hello"})");
  say_as_person(channel());
  auto report = whole();
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(report.findings[0].table == "users");
  BOOST_TEST(report.findings[0].key == "u_1");
  BOOST_TEST(report.log_records == verify().log_records);  // read once, not for each table
  BOOST_TEST(report.catalog_records == verify().catalog_records);
  BOOST_TEST(run(stack->engine->repair("prod", "", std::move(report), reading())).value().rewritten == 1u);
  drain();
  BOOST_TEST(whole().problems == 0u);
  BOOST_TEST(!run(stack->engine->verify("prod", "nobody", reading())).has_value());
}

BOOST_AUTO_TEST_CASE(a_rows_message_that_was_altered_is_damaged_named_by_its_key_and_written_again) {
  fill();
  auto altered = message_of("u_1", 1);
  edit(altered, R"({"content":"hello"})");
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(report.findings[0].kind == "damaged");
  BOOST_TEST(report.findings[0].key == "u_1");
  BOOST_TEST((report.findings[0].link.message == altered.id));
  BOOST_TEST(repair().rewritten == 1u);
  drain();
  BOOST_TEST(found() == "(duplicate );");
  BOOST_TEST(vacuum(false).kinds[database::garbage_kind::duplicate] == 1u);
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(a_table_whose_channel_is_gone_is_told_once) {
  fill();
  BOOST_REQUIRE(run(stack->rest.delete_channel(channel(), soon())).has_value());
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(contains(report.findings[0].what, "`/dbc_vacuum full:true`"));
  BOOST_TEST(report.findings[0].beyond_repair);
}

BOOST_AUTO_TEST_CASE(a_log_record_that_was_deleted_by_hand_is_lost) {
  fill();
  auto before = update("u_2", R"({"n":2})");
  auto last = update("u_1", R"({"n":2})");
  BOOST_REQUIRE(last.has_value());
  BOOST_REQUIRE(run(stack->rest.remove(inspect().log_channel, last->location.message, soon())).has_value());
  drain();
  auto report = verify();
  BOOST_REQUIRE(report.findings.size() == 1u);
  BOOST_TEST(report.findings[0].kind == "log");
  BOOST_TEST(contains(report.findings[0].what, "records are lost"));
  BOOST_TEST((report.findings[0].link.message == before->location.message));  // behind it they stood
}

BOOST_AUTO_TEST_CASE(what_listings_do_not_show_yet_is_not_lost) {
  fill();
  let_listings_lag();
  for (int i = 0; i < 20; ++i) {
    BOOST_REQUIRE(insert(fmt::format("k{:02}", i), "{}").has_value());
    auto report = verify();
    BOOST_TEST(report.problems == 0u, i << ": " << (report.findings.empty() ? "" : report.findings[0].what));
    BOOST_TEST(report.log_lsn >= inspect().lsn);
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_cannot_be_verified) {
  create();
  BOOST_TEST((run(stack->engine->verify("prod", "nobody", reading())).error().code == database::errc::unknown_table));
  BOOST_TEST((run(stack->engine->verify("nowhere", "users", reading())).error().code == database::errc::unknown_database));
}

BOOST_AUTO_TEST_SUITE_END()
