#include "app/dot_env.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "app/options.hpp"
#include "support/temporary_directory.hpp"

using namespace dbcord::app;

BOOST_AUTO_TEST_SUITE(dot_env)

BOOST_AUTO_TEST_CASE(reads_names_values_comments_quotes_and_export) {
  auto pairs = parse_dot_env(
      "\xEF\xBB\xBF# a comment\n\nA=1\nexport B = two words \nC=\"x\\n\\\"y\\\"\" # trailing\nD='a # b'\r\nE=\nF=x#y\nG=x # y");
  BOOST_REQUIRE(pairs);
  env_pairs expected = {{"A", "1"}, {"B", "two words"}, {"C", "x\n\"y\""}, {"D", "a # b"}, {"E", ""}, {"F", "x#y"}, {"G", "x"}};
  BOOST_TEST((*pairs == expected));
}

BOOST_AUTO_TEST_CASE(an_error_names_the_line_and_what_is_wrong) {
  auto no_equals = parse_dot_env("A=1\nnonsense\n");
  BOOST_REQUIRE(!no_equals);
  BOOST_TEST(no_equals.error().message == "line 2: expected NAME=value");
  auto open_quote = parse_dot_env("A=\"x");
  BOOST_REQUIRE(!open_quote);
  BOOST_TEST(open_quote.error().message == "line 1: a quote is not closed");
  BOOST_TEST(!parse_dot_env("A='x' y"));
  BOOST_TEST(!parse_dot_env("1A=x"));
}

BOOST_AUTO_TEST_CASE(the_environment_wins_over_the_file) {
  dbcord::test::temporary_directory folder;
  std::ofstream(folder.path() / ".env") << "DBCORD_TEST_ONE=file\nDBCORD_TEST_TWO=file\n";
  ::setenv("DBCORD_TEST_ONE", "environment", 1);
  ::unsetenv("DBCORD_TEST_TWO");
  BOOST_TEST(load_dot_env(folder.path() / ".env").has_value());
  BOOST_TEST(std::getenv("DBCORD_TEST_ONE") == "environment");
  BOOST_TEST(std::getenv("DBCORD_TEST_TWO") == "file");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_none_of_dbcord_s_is_told_with_the_nearest_one) {
  env_pairs said = {{"DBCORD_GILD_ID", "1"}, {"DBCORD_GUILD_ID", "1"},  {"DISCORD_BOT_TOKEN", "x"},
                    {"EDITOR", "vi"},        {"DBCORD_COLOUR_OF_THE_PROMPT", "red"}, {"DBCORD_USER_TOKN", "x"}};
  auto told = unknown_names(said, environment_names());
  std::vector<std::string> expected = {"DBCORD_GILD_ID is no setting of dbcord and is ignored; did you mean DBCORD_GUILD_ID?",
                                       "DBCORD_COLOUR_OF_THE_PROMPT is no setting of dbcord and is ignored",
                                       "DBCORD_USER_TOKN is no setting of dbcord and is ignored; did you mean DBCORD_USER_TOKEN?"};
  BOOST_TEST(told == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_setting_of_the_readme_is_known) {
  auto known = environment_names();
  for (auto name : {"DBCORD_LOCAL", "DBCORD_LISTEN", "DBCORD_LIMITS", "DBCORD_MEMORY", "DBCORD_DATABASE_MEMORY", "DBCORD_LEASE", "DBCORD_STALENESS", "DBCORD_METRICS",
                    "DBCORD_DESCRIPTOR", "DBCORD_LOG_LEVEL", "DBCORD_FAULTS", "DBCORD_FSYNC", "DISCORD_API_URL", "DISCORD_BOT_TOKEN", "DBCORD_APPLICATION_ID"})
    BOOST_TEST((std::find(known.begin(), known.end(), name) != known.end()), name);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_no_error_and_a_bad_one_is_named) {
  dbcord::test::temporary_directory folder;
  BOOST_TEST(load_dot_env(folder.path() / ".env").has_value());
  std::ofstream(folder.path() / ".env") << "x\n";
  auto bad = load_dot_env(folder.path() / ".env");
  BOOST_REQUIRE(!bad);
  BOOST_TEST(bad.error().message.find(".env, line 1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
