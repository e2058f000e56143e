#include "commands/import_file.hpp"

#include <boost/test/unit_test.hpp>

#include "commands/import_content_text.hpp"
#include "commands/import_summary.hpp"

using namespace dbcord::commands;

namespace {

std::string parsed_rows(std::string_view file, std::string_view at = "") { return dbcord::test::text_of_content(cut_import_file(file, at)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(import_files)

BOOST_AUTO_TEST_CASE(json_lines_become_rows_with_their_line_numbers) {
  BOOST_TEST(parsed_rows("{\"a\":1}\n\n  {\"a\":2}  \r\n{\"a\":3}") == "1:{\"a\":1};3:{\"a\":2};4:{\"a\":3};");
}

BOOST_AUTO_TEST_CASE(a_bad_line_is_refused_and_the_rest_goes_on) {
  BOOST_TEST(parsed_rows("{\"a\":1}\n{\"a\":}\n[1]\n{\"a\":4}\n{\"a\":5} x\n") ==
             "1:{\"a\":1};4:{\"a\":4}; !2:not valid JSON at character 6: expected a value, found `}` "
             "!3:a row must be a JSON object like {\"id\": \"u_1\"} "
             "!5:not valid JSON at character 9: expected nothing after the value, found `x`");
  BOOST_TEST(parsed_rows("garbage\n{\"a\":1}\n") == "2:{\"a\":1}; !1:not valid JSON at character 1: expected a value, found `g`");
}

BOOST_AUTO_TEST_CASE(a_row_that_names_a_field_twice_is_refused) {
  BOOST_TEST(parsed_rows("{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":2}]}\n{\"a\":1,\"\\u0061\":2}\n{\"x\":[{\"b\":1,\"c\":\"b\",\"b\":3}]}\n") ==
             "1:{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":2}]}; !2:the name `a` stands twice in one object; leave one out "
             "!3:the name `b` stands twice in one object; leave one out");
}

BOOST_AUTO_TEST_CASE(an_array_gives_its_objects_as_they_stand_there) {
  BOOST_TEST(parsed_rows(" [\n {\"a\": 1.50},\n {\"a\":\n  \"]\"}, 7 ]\n") == "2:{\"a\": 1.50};3:{\"a\":\n  \"]\"}; !4:a row must be a JSON object like {\"id\": \"u_1\"}");
  BOOST_TEST(parsed_rows("[]") == "");
  auto deepest = "{\"a\":" + std::string(63, '[') + std::string(63, ']') + "}";  // what an export has written
  BOOST_TEST(parsed_rows("[" + deepest + "]") == "1:" + deepest + ";");
  BOOST_TEST(parsed_rows("{\"x\":{\"y\":[" + deepest + "]}}", "x/y") == "1:" + deepest + ";");
}

BOOST_AUTO_TEST_CASE(a_path_leads_into_a_document) {
  std::string_view file = "{\"x\": [], \"3166-1\": [{\"a\":1}], \"d\": {\"r\\u00e9\": [{\"b\":2}]}}";
  BOOST_TEST(parsed_rows(file, "3166-1") == "1:{\"a\":1};");
  BOOST_TEST(parsed_rows(file, "/d/ré") == "1:{\"b\":2};");
  BOOST_TEST(parsed_rows(file, "3166-2") == "at: the file has no field `3166-2` there; its fields are `x`, `3166-1` and `d`.");
  BOOST_TEST(parsed_rows(file, "x/y") == "at: there is no field `y`, since what it is looked for in is not a JSON object.");
  BOOST_TEST(parsed_rows(file, "d") == "at: `d` is an object, not an array of rows; its only field is `ré`.");
  BOOST_TEST(parsed_rows("{\"n\":1}", "n") == "at: `n` is no array of rows.");
}

BOOST_AUTO_TEST_CASE(a_pretty_printed_document_asks_for_the_path) {
  BOOST_TEST(parsed_rows("{\n \"3166-1\": [\n {\"a\":1}\n ]\n}\n") ==
             "file: it is one JSON object over several lines, not a row a line; name the array of rows in it with at (its only field is `3166-1`).");
}

BOOST_AUTO_TEST_CASE(a_document_that_is_not_json_imports_nothing_and_says_where) {
  BOOST_TEST(parsed_rows("[{\"a\":1},\n {\"a\":2]") ==
             "file: not valid JSON at line 2, character 8: expected `,` or `}` after a value, found `]`; nothing was imported.");
}

BOOST_AUTO_TEST_CASE(files_of_another_kind_are_named) {
  BOOST_TEST(parsed_rows(" \n ") == "file: it is empty; send JSON lines, a JSON array of objects, or CSV.");
  BOOST_TEST(parsed_rows("id,name\n1,a\n") == "file: it must hold JSON lines (one object a line) or a JSON array of objects, so begin with { or [; CSV needs a name "
                                        "that ends in .csv, or format:csv.");
  BOOST_TEST(parsed_rows(std::string_view("\xFF\xFE{\0", 4)) == "file: it is UTF-16; save it as UTF-8.");
  BOOST_TEST(parsed_rows("\xEF\xBB\xBF{\"a\":1}") == "1:{\"a\":1};");
}

BOOST_AUTO_TEST_CASE(a_format_that_is_named_is_not_guessed) {
  auto as = [](std::string_view file, file_format format) {
    auto content = cut_import_file(file, "", format);
    return content ? std::to_string(content->rows.size()) + " rows, " + std::to_string(content->refused.size()) + " refused" : content.error().message;
  };
  BOOST_TEST(as("[1]\n{\"a\":1}\n", file_format::jsonl) == "1 rows, 1 refused");
  BOOST_TEST(as("[{\"a\":1}]\n", file_format::json) == "1 rows, 0 refused");
  BOOST_TEST(as("{\"a\":1}\n{\"a\":2}\n", file_format::json) ==
             "file: not valid JSON at line 2, character 1: expected nothing after the value, found `{`; nothing was imported.");
  BOOST_TEST(as("{\"a\":[]}", file_format::json) == "file: it is an object, not an array of rows; its only field is `a`.");
  BOOST_TEST(as("7", file_format::json) == "file: it is no array of rows.");
}

BOOST_AUTO_TEST_CASE(the_reports_figures_can_be_read_back) {
  auto counts = parse_import_sentence("❌ " + import_sentence({249, 3}, "prod.countries") + " more");
  BOOST_REQUIRE(counts.has_value());
  BOOST_TEST(counts->accepted == 249u);
  BOOST_TEST(counts->refused == 3u);
  BOOST_TEST(!parse_import_sentence("file: it is empty").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
