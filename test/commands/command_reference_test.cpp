#include "commands/command_reference.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

using namespace dbcord::commands;

BOOST_AUTO_TEST_CASE(a_command_is_explained_with_each_of_its_arguments) {
  auto help = command_help("dbc_delete");
  BOOST_REQUIRE(help.has_value());
  BOOST_TEST(help->starts_with("/dbc_delete database:… table:… key:… [expected_version:…]\n  Delete "), *help);
  BOOST_TEST(help->find("\n    key: the row's key") != std::string::npos, *help);
  BOOST_TEST(!command_help("dbc_dele").has_value());
  BOOST_TEST(!command_help("Edit row").has_value());
}

BOOST_AUTO_TEST_CASE(readme_has_the_reference_that_the_command_table_makes) {
  std::ifstream in(DBCORD_SOURCE_DIR "/README.md");
  std::string readme{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  bool same = readme.find("<!-- commands -->\n" + command_reference() + "<!-- /commands -->\n") != readme.npos;
  BOOST_TEST(same, "put the output of build/release/tools/command_reference between the markers in README.md");
}
