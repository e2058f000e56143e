// What /dbc_inspect says of all databases, and of the tables of one.
#include "commands/handlers_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::commands;
using namespace dbcord::test;

BOOST_FIXTURE_TEST_SUITE(dbc_inspect_suite, handlers_fixture)

BOOST_AUTO_TEST_CASE(inspect_shows_every_database_or_every_table_of_one) {
  database::database_summary summary;
  summary.name = "prod";
  summary.state = "open";
  summary.lsn = 9;
  summary.groups = 2;
  summary.transactions = 5;
  summary.log_channel = base::channel_id{8};
  summary.tables.push_back({});
  summary.tables[0].name = "users";
  summary.tables[0].primary_key = "id";
  summary.tables[0].rows = 3;
  summary.tables[0].not_materialised = 1;
  engine.database_answer = summary;
  engine.figures_answer->waiting_rows = 1;
  BOOST_TEST(run("dbc_inspect") == "2 databases. More about one: `/dbc_inspect database:prod`.");
  BOOST_TEST(last.rows.size() == 2u);
  BOOST_TEST(last.rows[0].starts_with("{\"database\":\"prod\",\"state\":\"open\",\"tables\":1,\"rows\":3,"));
  BOOST_TEST(with("database", "prod").run("dbc_inspect") ==
             "Database `prod` is open: 1 table, 3 rows.\n- Its log is <#8>, at LSN 9; since the start 5 transactions in 2 commit groups."
             "\n- 1 row still gets a message of its own.");
  engine.figures_answer->lost_rows = 1;
  engine.figures_answer->waiting_rows = 0;  // what is lost does not wait
  BOOST_TEST(run("dbc_inspect").ends_with("commit groups.\n- The value of 1 row is lost: people deleted the message that had it, and the log does not have it any more. `/dbc_edit` with the whole "
                                          "row, or `/dbc_import` with mode:upsert, writes such a row anew, `/dbc_delete` deletes it; `/dbc_verify` names it."));
  engine.figures_answer->lost_rows = 0;
  summary.tables[0].versions_given_up = 9'000;
  summary.tables[0].last_given_up = base::system_time(1000s);
  engine.database_answer = summary;
  BOOST_TEST(contains(run("dbc_inspect"), "\n- Memory was short: 9,000 older versions of rows of `users` were given up since the start, before their time, the last at 1970-01-01T00:16:40Z. "
                                          "`--memory` makes room; `/dbc_history_set` keeps fewer."), last.text);
  BOOST_TEST(contains(last.rows.at(0), R"("versions_given_up":9000)"));
  summary.tables[0].versions_given_up = 0;
  summary.tables[0].altering = "rename:a to:b";
  summary.tables[0].altering_back = "rename:b to:a";
  engine.database_answer = summary;
  BOOST_TEST(contains(run("dbc_inspect"), "The columns of `users` are being altered (rename:a to:b)"));
  BOOST_TEST(contains(last.text, "`/dbc_schema_alter table:users rename:a to:b` again, or the next start, goes on; `/dbc_schema_alter table:users rename:b to:a` takes it back."));
  BOOST_TEST(contains(last.rows.at(0), R"("altering":"rename:a to:b")"));
  BOOST_TEST(last.rows.at(0).starts_with("{\"table\":\"users\",\"primary_key\":\"id\",\"rows\":3,"));
}

BOOST_AUTO_TEST_CASE(inspect_without_databases_says_how_to_begin_and_a_broken_one_hides_no_other) {
  engine.database_names.clear();
  BOOST_TEST(run("dbc_inspect") == "There are no databases yet. Make one with `/dbc_init database:prod`.");
  engine.closed = {"prod: it is not as its descriptor declares"};
  BOOST_TEST(run("dbc_inspect") == "No database is open: there is one that could not be opened.\nNot open: prod: it is not as its descriptor declares.");
  BOOST_TEST(run("dbc_database_list") == last.text);
  engine.closed.push_back("other: Missing Permissions.");
  BOOST_TEST(run("dbc_inspect") == "No database is open: there are 2 that could not be opened.\nNot open: prod: it is not as its descriptor declares.\nNot open: other: Missing Permissions.");
  engine.closed.pop_back();
  engine.database_names = {"prod"};
  engine.database_answer = base::error(database::errc::damaged, "segment 2 of the log is gone");
  BOOST_TEST(run("dbc_inspect") == "1 database. More about one: `/dbc_inspect database:prod`.\n`prod`: Segment 2 of the log is gone.\nNot open: prod: it is not as its descriptor declares.");
}

BOOST_AUTO_TEST_SUITE_END()
