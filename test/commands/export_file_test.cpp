// Exports: each format, and that JSON lines come back through an import as they were.

#include "commands/export_file.hpp"

#include <boost/test/unit_test.hpp>

#include "commands/import_file.hpp"

using namespace dbcord::commands;

BOOST_AUTO_TEST_SUITE(export_files)

const std::vector<std::string> rows{R"({"id":"a","n":1.50,"t":"x, \"y\"\nz"})", R"({"id":"b","list":[1,"q"],"n":null})", R"({"id":"c","=1+1":true})"};

BOOST_AUTO_TEST_CASE(what_is_exported_as_json_is_imported_unchanged) {
  for (auto format : {export_format::jsonl, export_format::json}) {
    auto content = cut_import_file(export_file(rows, format), "");
    BOOST_TEST_REQUIRE(content.has_value());
    BOOST_TEST_REQUIRE(content->rows.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) BOOST_TEST(content->rows[i].json == rows[i]);
  }
}

BOOST_AUTO_TEST_CASE(csv_has_a_column_for_every_field_and_quotes_what_needs_it) {
  BOOST_TEST(export_file(rows, export_format::csv) ==
             "id,n,t,list,=1+1\r\na,1.50,\"x, \"\"y\"\"\nz\",,\r\nb,,,\"[1,\"\"q\"\"]\",\r\nc,,,,true\r\n");
}

BOOST_AUTO_TEST_CASE(formats_have_names) {
  BOOST_TEST((export_format_named("csv") == export_format::csv));
  for (auto name : {"", "xml", "CSV "}) BOOST_TEST(!export_format_named(name).has_value(), name);
}

BOOST_AUTO_TEST_SUITE_END()
