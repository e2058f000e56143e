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
    {"dbc_verify", {argument("repair", commands::argument_kind::boolean)}},
    {"dbc_import", {argument("database"), argument("file", commands::argument_kind::attachment)}},
    {"other", {}}};

std::vector<std::string> names(std::string_view line) { return names_for(understand_completion(line, known), known); }
using texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(shell_completion)

BOOST_AUTO_TEST_CASE(the_first_word_completes_to_commands_with_the_slash_as_typed) {
  BOOST_TEST((names("") == texts{"/dbc_get", "/dbc_import", "/dbc_verify", "/other"}));
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

BOOST_AUTO_TEST_CASE(a_flag_is_one_of_two_words) {
  auto words = [](std::string_view line) { return words_for(understand_completion(line, known), known); };
  BOOST_TEST((words("/dbc_verify repair:") == texts{"false", "true"}));
  BOOST_TEST((words("/dbc_verify repair:t") == texts{"true"}));
  BOOST_TEST(words("/dbc_get key:t").empty());
}

BOOST_AUTO_TEST_CASE(a_value_may_have_blanks_and_stand_in_quotes) {
  auto before = [](std::string_view line) {
    std::string text;
    for (const auto& a : understand_completion(line, known).before.arguments) text += a.name + "=" + std::get<std::string>(a.value) + ";";
    return text;
  };
  BOOST_TEST(before("/dbc_get database:\"my shop\" table:a b key:") == "database=my shop;table=a b;");
  BOOST_TEST(before("/dbc_get database:\"a table:b\" key:") == "database=a table:b;");
  BOOST_TEST(before("/dbc_get database:a b t") == "database=a b;");
  BOOST_TEST((names("/dbc_get database:a b t") == texts{"table:"}));
  auto open = understand_completion("/dbc_get key:\"a table:", known);
  BOOST_TEST(open.argument == "key");
  BOOST_TEST(open.typed == "\"a table:");
  BOOST_TEST(open.value == "a table:");
  BOOST_TEST(understand_completion("/dbc_get key:\"a\\\"b", known).value == "a\"b");
}

BOOST_AUTO_TEST_CASE(a_completed_value_is_read_as_what_it_is) {
  auto inserted = [](std::string typed, texts candidates) {
    return insertion_for(understand_completion("/dbc_get key:" + typed, known), candidates, true);
  };
  BOOST_TEST(inserted("u", {"u_1"}) == "u_1 ");
  BOOST_TEST(inserted("u", {"u_1", "u_2"}) == "u_");
  BOOST_TEST(inserted("\"", {"\"q\""}) == R"("\"q\"" )");
  BOOST_TEST(inserted("", {"\"q\""}) == R"("\"q\"" )");
  BOOST_TEST(inserted("bb", {"bb "}) == "\"bb \" ");
  BOOST_TEST(inserted("aa", {"aa table:t"}) == "\"aa table:t\" ");
  BOOST_TEST(inserted("aa", {"aa table:t", "aa"}) == "\"aa");
  BOOST_TEST(inserted("\"aa", {"aa table:t", "aa"}) == "\"aa");
  BOOST_TEST(inserted("x", {"x\u202Ey"}) == R"("x\u{202e}y" )");
  BOOST_TEST(inserted("Z", {"Zoé", "Zoë"}) == "Zo");
  for (std::string value : {"u_1", "\"q\"", "bb ", "aa table:t", "x\\", "x\u202Ey", "Zoë", " a", "{", "a \"b\" c"}) {
    auto line = "/dbc_get database:d table:t key:" + inserted("", {value});
    auto parsed = commands::parse_command_line(line, known);
    BOOST_TEST_REQUIRE(parsed.has_value(), line);
    BOOST_TEST(std::get<std::string>(parsed->arguments.back().value) == value);
  }
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
  BOOST_TEST(common_beginning({"é", "ë"}).empty());
  BOOST_TEST(common_beginning({"a", "b"}).empty());
  BOOST_TEST(common_beginning({}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
