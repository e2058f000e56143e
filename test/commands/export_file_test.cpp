// Exports: each format, and that JSON lines come back through an import as they were.

#include "commands/export_file.hpp"

#include <boost/test/unit_test.hpp>

#include "commands/import_file.hpp"

using namespace dbcord::commands;

BOOST_AUTO_TEST_SUITE(export_files)

const std::vector<std::string> rows{R"({"id":"a","n":1.50,"t":"x, \"y\"\nz"})", R"({"id":"b","list":[1,"q"],"n":null})", R"({"id":"c","=1+1":true})"};

BOOST_AUTO_TEST_CASE(what_is_exported_as_json_is_imported_unchanged) {
  for (auto format : {file_format::jsonl, file_format::json}) {
    auto content = cut_import_file(export_file(rows, format, 1'000).value(), "");
    BOOST_TEST_REQUIRE(content.has_value());
    BOOST_TEST_REQUIRE(content->rows.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) BOOST_TEST(content->rows[i].json == rows[i]);
  }
}

BOOST_AUTO_TEST_CASE(csv_has_a_column_for_every_field_and_quotes_what_needs_it) {
  BOOST_TEST(export_file(rows, file_format::csv, 1'000).value() ==
             "id,n,t,list,=1+1\r\na,1.50,\"x, \"\"y\"\"\nz\",,\r\nb,null,,\"[1,\"\"q\"\"]\",\r\nc,,,,true\r\n");
}

// Texts that look like other values are told from them: by quotes, and as JSON strings where quotes are needed anyway.
BOOST_AUTO_TEST_CASE(csv_marks_texts_that_look_like_values) {
  const std::vector<std::string> looks{R"({"id":"1","a":"true","b":"","c":"[1]","d":"007","e":"\"x\"","g.h":{},"i":[]})"};
  BOOST_TEST(export_file(looks, file_format::csv, 1'000).value() ==
             "id,a,b,c,d,e,\"\"\"g.h\"\"\",i\r\n\"1\",\"true\",\"\",\"\"\"[1]\"\"\",007,\"\"\"x\"\"\",\"{}\",\"[]\"\r\n");
}

BOOST_AUTO_TEST_CASE(a_file_that_would_be_too_large_is_none) {
  for (auto format : {file_format::jsonl, file_format::json, file_format::csv}) {
    auto size = export_file(rows, format, 1'000).value().size();
    BOOST_TEST(export_file(rows, format, size).has_value());
    BOOST_TEST(!export_file(rows, format, size - 1).has_value());
  }
}

// Would be 20,000 times 20,000 commas.
BOOST_AUTO_TEST_CASE(rows_that_share_no_field_do_not_fill_the_memory_with_commas) {
  std::vector<std::string> strangers;
  for (int i = 0; i < 20'000; ++i) strangers.push_back("{\"f" + std::to_string(i) + "\":1}");
  BOOST_TEST(!export_file(strangers, file_format::csv, 10'000'000).has_value());
}

BOOST_AUTO_TEST_CASE(formats_have_names) {
  BOOST_TEST((file_format_named("csv").value() == file_format::csv));
  for (auto name : {"", "xml", "CSV "}) BOOST_TEST(file_format_named(name).error().message.starts_with("format: "), name);
}

BOOST_AUTO_TEST_CASE(an_imported_files_format_is_named_or_seen_by_its_name) {
  auto format = [](std::string_view named, std::string_view file, std::string_view at = "") {
    auto found = import_format(named, file, at);
    return !found ? found.error().message : *found ? std::string(extension_of(**found)) : std::string("by content");
  };
  BOOST_TEST(format("", "rows.csv") == "csv");
  BOOST_TEST(format("", "ROWS.Csv") == "csv");
  BOOST_TEST(format("", "csv") == "by content");
  BOOST_TEST(format("", "rows.csv.json") == "by content");
  BOOST_TEST(format("csv", "rows.txt") == "csv");
  BOOST_TEST(format("json", "rows.csv") == "json");
  BOOST_TEST(format("xml", "rows.csv") == "format: `xml` is not a format; use jsonl, json or csv.");
  BOOST_TEST(format("json", "x", "a/b") == "json");
  BOOST_TEST(format("", "rows.csv", "a/b") == "at: only in a JSON document is something to be looked for, and this is CSV; leave at out.");
  BOOST_TEST(format("jsonl", "x", "a/b") == "at: only in a JSON document is something to be looked for, and this is JSON lines; leave at out.");
}

BOOST_AUTO_TEST_SUITE_END()
