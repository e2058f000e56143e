// /dbc_find of rows as they were.

#include "commands/handlers_fixture.hpp"

using namespace dbcord;

BOOST_FIXTURE_TEST_SUITE(find_as_of_command, test::handlers_fixture)

BOOST_AUTO_TEST_CASE(find_shows_rows_as_of_a_moment_and_says_so) {
  database::find_answer answer;
  answer.matched = 3;
  answer.plan = "key";
  for (int i = 0; i < 2; ++i) answer.rows.push_back(test::fake_engine::row("k", 1, "{}"));
  engine.find_answer = answer;
  (void)in_users().with("where_json", "{}").run("dbc_find");
  BOOST_TEST(!engine.find_request->as_of.has_value());
  in_users().with("as_of", "17").with("limit", std::int64_t{2});
  BOOST_TEST(run("dbc_find") == "3 rows of `prod.users` as of `17` match (key). Shown: 1 to 2. Go on with `after:k`.");
  BOOST_TEST(engine.find_request->as_of->lsn == 17u);
  BOOST_TEST(std::get<std::string>(last.buttons.at(0).command.arguments.at("as_of")) == "17");
  BOOST_TEST(with("as_of", "2026-11-23").with("explain", true).run("dbc_find") == "Plan of this find in `prod.users` as of `2026-11-23`: key.");
  BOOST_TEST(engine.find_request->as_of->lsn == 0u);
  BOOST_TEST(with("as_of", "last week").run("dbc_find") == "! as_of: `last week` is neither an LSN nor a time like 2026-11-23T12:00:00Z.");
  engine.find_answer = base::error(database::errc::horizon, "as_of: too old");
  BOOST_TEST(with("as_of", "2").run("dbc_find") == "! as_of: too old.");
}

BOOST_AUTO_TEST_SUITE_END()
