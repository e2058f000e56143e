#include "app/shell_completion.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/temporary_directory.hpp"

using namespace dbcord;
using namespace dbcord::app;

namespace {

commands::argument_definition argument(std::string name, commands::argument_kind kind = commands::argument_kind::text) {
  commands::argument_definition a;
  a.name = std::move(name);
  a.kind = kind;
  return a;
}
const std::vector<commands::command_definition> known = {
    {"dbc_get", {argument("database"), argument("table"), argument("key")}},
    {"dbc_import", {argument("database"), argument("file", commands::argument_kind::attachment)}},
    {"other", {}}};

std::vector<std::string> names(std::string_view line) { return names_for(understand_completion(line, known), known); }
using texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(shell_completion)

BOOST_AUTO_TEST_CASE(the_first_word_completes_to_commands_with_the_slash_as_typed) {
  BOOST_TEST((names("") == texts{"/dbc_get", "/dbc_import", "/other"}));
  BOOST_TEST((names("  /dbc_i") == texts{"/dbc_import"}));
  BOOST_TEST((names("oth") == texts{"other"}));
  BOOST_TEST(names("/x").empty());
}

BOOST_AUTO_TEST_CASE(then_argument_names_that_are_not_there_yet) {
  BOOST_TEST((names("/dbc_get ") == texts{"database:", "key:", "table:"}));
  BOOST_TEST((names("/dbc_get database:a t") == texts{"table:"}));
  BOOST_TEST((names("dbc_get database:a ") == texts{"key:", "table:"}));
  BOOST_TEST(names("/unknown d").empty());
}

BOOST_AUTO_TEST_CASE(a_value_knows_what_stands_before_it) {
  auto point = understand_completion("/dbc_get database:shop table:us", known);
  BOOST_TEST((point.what == completing::value));
  BOOST_TEST(point.argument == "table");
  BOOST_TEST(point.typed == "us");
  BOOST_REQUIRE(point.before.arguments.size() == 1u);
  BOOST_TEST(point.before.arguments[0].name == "database");
  BOOST_TEST(std::get<std::string>(point.before.arguments[0].value) == "shop");
  BOOST_TEST((understand_completion("/dbc_get nonsense:x", known).what == completing::nothing));
}

BOOST_AUTO_TEST_CASE(an_attachment_completes_to_files) {
  test::temporary_directory folder;
  std::ofstream(folder.path() / "rows.jsonl") << "x";
  std::filesystem::create_directory(folder.path() / "rowdir");
  auto typed = (folder.path() / "row").string();
  auto point = understand_completion("/dbc_import database:a file:" + typed, known);
  BOOST_TEST((point.what == completing::file));
  BOOST_TEST((files_for(point.typed) == texts{typed + "dir/", typed + "s.jsonl"}));
  BOOST_TEST(files_for("/nowhere/at/all").empty());
}

BOOST_AUTO_TEST_CASE(the_common_beginning_is_what_can_be_typed_without_choosing) {
  BOOST_TEST(common_beginning({"database:", "data:"}) == "data");
  BOOST_TEST(common_beginning({"a"}) == "a");
  BOOST_TEST(common_beginning({"a", "b"}).empty());
  BOOST_TEST(common_beginning({}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
