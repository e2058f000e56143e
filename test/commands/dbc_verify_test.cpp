// /dbc_verify: what it says of messages of people, and of a whole database.
#include "commands/handlers_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

BOOST_FIXTURE_TEST_SUITE(dbc_verify_replies, handlers_fixture)

BOOST_AUTO_TEST_CASE(messages_of_people_are_a_warning_that_says_what_to_do) {
  database::verify_report found;
  found.foreign = 1;
  found.notes.push_back({"foreign", "", "this message is not by dbcord", test::fake_engine::link(), {}});
  engine.verify_answer = found;
  auto told = in_users().run("dbc_verify");
  BOOST_TEST(last.ok);
  BOOST_TEST(contains(told, " All is well. ⚠ 1 message by somebody else lies where only dbcord writes (kind foreign, with its link below)"), told);
  BOOST_TEST(contains(told, "delete it by hand, `repair:true` does not"), told);
  BOOST_TEST(last.rows.at(0) == R"({"kind":"foreign","what":"this message is not by dbcord","link":"https://discord.com/channels/1/2/3"})");
  engine.verify_answer->foreign = 2;
  engine.verify_answer->problems = 1;
  engine.verify_answer->findings.push_back({"missing", "k", "gone", {}, {}});
  told = run("dbc_verify");
  BOOST_TEST(!last.ok);
  BOOST_TEST(contains(told, " ⚠ 2 messages by somebody else lie where only dbcord writes (kind foreign, with their links below)"), told);
  BOOST_TEST(told.ends_with(" 1 problem found (1 missing; `repair:true` mends what can be mended):"), told);
  engine.verify_answer->foreign = 101;
  BOOST_TEST(contains(run("dbc_verify"), "(kind foreign, with the first 100 links below)"));
}

BOOST_AUTO_TEST_CASE(without_a_table_it_is_the_whole_database) {
  database::verify_report found;
  found.tables = 3;
  found.problems = 1;
  found.findings.push_back({"damaged", "k", "not readable", {}, {}, 0, false, "users"});
  engine.verify_answer = found;
  auto told = with("database", "prod").run("dbc_verify");
  BOOST_TEST(engine.calls.back() == "verify prod ");
  BOOST_TEST(told.starts_with("! `prod`: 3 tables and 0 rows, 0 messages read, "), told);
  BOOST_TEST(last.rows.at(0) == R"({"kind":"damaged","table":"users","key":"k","what":"not readable"})");
  in_users().run("dbc_verify");
  BOOST_TEST(last.rows.at(0) == R"({"kind":"damaged","key":"k","what":"not readable"})");  // of which table is plain
}

BOOST_AUTO_TEST_SUITE_END()
