#include "commands/command_reference.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

using namespace dbcord::commands;

BOOST_AUTO_TEST_CASE(readme_has_the_reference_that_the_command_table_makes) {
  std::ifstream in(DBCORD_SOURCE_DIR "/README.md");
  std::string readme{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  bool same = readme.find("<!-- commands -->\n" + command_reference() + "<!-- /commands -->\n") != readme.npos;
  BOOST_TEST(same, "put the output of build/release/tools/command_reference between the markers in README.md");
}
