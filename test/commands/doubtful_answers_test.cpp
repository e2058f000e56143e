// What commands find out, or say, before a person is told that something is not there.

#include "commands/handlers_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

BOOST_FIXTURE_TEST_SUITE(doubtful_answers, handlers_fixture)

// Another process may have made it: that is found out before anybody is told that there is none.
BOOST_AUTO_TEST_CASE(a_database_that_is_not_there_is_looked_for) {
  in_users().with("key", std::string("u_1"));
  run("dbc_get");
  BOOST_TEST(engine.looked_for.empty());
  with("database", std::string("shop"));
  run("dbc_get");
  BOOST_TEST(engine.looked_for == std::vector<std::string>{"shop"}, boost::test_tools::per_element());
  engine.look_answer = base::error(database::errc::fenced, "another dbcord process writes this database now");
  BOOST_TEST(run("dbc_get") == "! Another dbcord process writes this database now.");
  call.arguments.clear();
  BOOST_TEST(run("dbc_database_list") == "! Another dbcord process writes this database now.");
  BOOST_TEST(engine.looked_for.back() == "");
  with("database", std::string("shop"));
  engine.looked_for.clear();
  run("dbc_init");  // looks by itself
  BOOST_TEST(engine.looked_for.empty());
}

BOOST_AUTO_TEST_CASE(who_reads_is_told_where_rows_may_be_missing_or_not_alike) {
  in_users().with("key", std::string("u_1"));
  auto before = run("dbc_get");
  engine.known_caveat.log_lost = true;
  BOOST_TEST(run("dbc_get") == before + "\n⚠️ Part of this database's log is lost, so rows may be missing or old; `/dbc_inspect` says more.");
  engine.known_caveat = {false, true};
  engine.get_answer = test::fake_engine::row("u_1", 4, R"({"id":"u_1","n":1})");
  BOOST_TEST(contains(run("dbc_get"), "\n⚠️ The columns of `users` are being altered"), last.text);
  BOOST_TEST(!contains(with("value_json", std::string("{}")).run("dbc_insert"), "⚠️"), last.text);
}

BOOST_AUTO_TEST_SUITE_END()
