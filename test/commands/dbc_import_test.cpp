// Replies of /dbc_import, and what /dbc_export writes as CSV.

#include "commands/handlers_fixture.hpp"

using namespace dbcord;
using namespace dbcord::commands;
using test::at;

BOOST_FIXTURE_TEST_SUITE(import_replies, test::handlers_fixture)

BOOST_AUTO_TEST_CASE(import_reports_accepted_and_refused_by_line) {
  database::import_report report;
  report.accepted = 2;
  report.location = test::fake_engine::link();
  report.refused.push_back({1, "b", "table users of database prod has a row with key \"b\" already"});
  engine.import_answer = report;
  in_users().attach("{\"id\":\"a\"}\n{\"id\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
  BOOST_TEST(run("dbc_import") ==
             "Imported 2 rows into `prod.users`, refused 2. " + at +
                 "\n- line 2: not valid JSON at character 6: expected `:` after the field name, found `}`"
                 "\n- line 3, `b`: table users of database prod has a row with key \"b\" already");
  BOOST_TEST(engine.imported.size() == 3u);
  BOOST_REQUIRE(last.files.size() == 1u);
  BOOST_TEST(last.files[0].name == "refused.jsonl");
  BOOST_TEST(last.files[0].bytes ==
             "{\"line\":2,\"reason\":\"not valid JSON at character 6: expected `:` after the field name, found `}`\"}\n"
             "{\"line\":3,\"key\":\"b\",\"reason\":\"table users of database prod has a row with key \\\"b\\\" already\"}\n");
}

BOOST_AUTO_TEST_CASE(items_of_a_list_are_numbered_since_many_may_begin_on_one_line) {
  database::import_report report;
  report.accepted = 1;
  report.location = test::fake_engine::link();
  report.refused.push_back({1, "b", "no"});
  engine.import_answer = report;
  in_users().attach(R"([{"id":"a"}, 7, {"id":"b"}])" "\n");
  BOOST_TEST(run("dbc_import") == "Imported 1 row into `prod.users`, refused 2. " + at +
                                      "\n- line 1: a row must be a JSON object like {\"id\": \"u_1\"} (item 2 of the list)\n- line 1, `b`: no (item 3 of the list)");
  BOOST_TEST(last.files.at(0).bytes.ends_with("{\"line\":1,\"item\":3,\"key\":\"b\",\"reason\":\"no\"}\n"), last.files.at(0).bytes);
}

BOOST_AUTO_TEST_CASE(import_shows_ten_refusals_and_files_all) {
  std::string bytes;
  for (int i = 0; i < 12; ++i) bytes += "{x}\n";
  BOOST_TEST(in_users().attach(bytes).run("dbc_import").ends_with("… and 2 more, all in the attached `refused.jsonl`."));
  BOOST_TEST(!last.ok);
  BOOST_TEST(std::count(last.files[0].bytes.begin(), last.files[0].bytes.end(), '\n') == 12);
}

BOOST_AUTO_TEST_CASE(a_document_that_is_taken_for_a_row_is_told_where_its_rows_may_be) {
  database::import_report report;
  report.refused.push_back({0, "", "the row has no field \"id\", the primary key of the table"});
  engine.import_answer = report;
  in_users().attach(R"({"n":[1],"rows":[{"id":"a"},{"id":"b"}]})" "\n");
  BOOST_TEST(run("dbc_import").ends_with("\n- line 1: the row has no field \"id\", the primary key of the table; if the rows are those in its field `rows`, import it with `at:rows`"));
  attach(R"({"n":[1],"tags":[]})");
  BOOST_TEST(run("dbc_import").ends_with("the primary key of the table"));
  attach("{\"rows\":[{}]}\n{\"rows\":[{}]}\n");
  BOOST_TEST(run("dbc_import").ends_with("the primary key of the table"));
  engine.import_answer->refused.front().key = "k";
  attach(R"({"rows":[{}]})");
  BOOST_TEST(run("dbc_import").ends_with("the primary key of the table"));
}

BOOST_AUTO_TEST_CASE(import_checks_the_key_field_against_the_tables_own) {
  database::database_summary summary;
  summary.tables.push_back({});
  summary.tables[0].name = "users";
  summary.tables[0].primary_key = "id";
  engine.database_answer = summary;
  in_users().attach("{}").with("key_field", "alpha_3");
  BOOST_TEST(run("dbc_import") == "! key_field: `alpha_3` is not what tells the rows of `users` apart; its primary key is `id`. Give that, or make a table with that pk.");
  BOOST_TEST(engine.imported.empty());
  BOOST_TEST(with("key_field", "id").run("dbc_import").starts_with("Imported"));
}

BOOST_AUTO_TEST_CASE(import_reads_csv_by_the_tables_schema_and_names_lines_of_the_file) {
  database::table_summary summary;
  summary.primary_key = "id";
  summary.schema_json = R"({"properties":{"name":"str","age":"int"}})";
  engine.table_answer = summary;
  database::import_report report;
  report.accepted = 1;
  report.location = test::fake_engine::link();
  report.refused.push_back({1, "d", "table users of database prod has a row with key \"d\" already"});
  engine.import_answer = report;
  in_users().attach("id,name,age\na,\"12\n3\",30\nb,x,old\nc,x,1,2\nd,,4\n");
  call.attachments["file"].name = "Users.CSV";
  BOOST_TEST(run("dbc_import") == "Imported 1 row into `prod.users`, refused 3. " + at +
                                      "\n- line 4: the field age must be of type int, not \"old\""
                                      "\n- line 5: it has 4 cells, but the header names 3 fields"
                                      "\n- line 6, `d`: table users of database prod has a row with key \"d\" already");
  BOOST_TEST_REQUIRE(engine.imported.size() == 2u);
  BOOST_TEST(engine.imported[0].json == "{\"id\":\"a\",\"name\":\"12\\n3\",\"age\":30}");
  BOOST_TEST(engine.imported[1].json == "{\"id\":\"d\",\"age\":4}");
}

BOOST_AUTO_TEST_CASE(import_takes_the_format_from_the_argument_or_the_files_name_and_refuses_nonsense_before_it_fetches) {
  in_users().attach("id\n1\n").with("format", "csv");
  BOOST_TEST(run("dbc_import").starts_with("Imported"));
  BOOST_TEST(engine.imported.at(0).json == "{\"id\":1}");
  call.attachments["file"].name = "rows.csv";
  BOOST_TEST(with("format", "jsonl").run("dbc_import") == "! Imported 0 rows into `prod.users`, refused 2."
             "\n- line 1: not valid JSON at character 1: expected a value, found `i`\n- line 2: a row must be a JSON object like {\"id\": \"u_1\"}");
  engine.calls.clear();
  BOOST_TEST(with("format", "xls").run("dbc_import") == "! format: `xls` is not a format; use jsonl, json or csv.");
  call.arguments.erase("format");
  BOOST_TEST(with("at", "rows").run("dbc_import") == "! at: only in a JSON document is something to be looked for, and this is CSV; leave at out.");
  call.arguments.erase("at");
  BOOST_TEST(engine.calls.empty());
  attach("id,id\n1,2\n").call.attachments["file"].name = "rows.csv";
  BOOST_TEST(run("dbc_import") == "! file: the header has the field `id` twice.");
  database::table_summary summary;
  summary.primary_key = "key";
  engine.table_answer = summary;
  attach("id,n\n1,2\n").call.attachments["file"].name = "rows.csv";
  BOOST_TEST(run("dbc_import") == "! file: the header has no column `key`, the primary key.");
  engine.table_answer = base::error(database::errc::unknown_table);
  engine.table_names = {};
  BOOST_TEST(run("dbc_import").starts_with("! There is no table `users` in `prod`"));
}

// Seven rows of a mebibyte each, all quotes, which CSV doubles.
BOOST_AUTO_TEST_CASE(export_as_csv_goes_on_in_another_file_when_quotes_make_it_too_large) {
  database::find_answer answer;
  auto row_of = [](std::size_t quotes) {
    std::string json = "{\"t\":[\"";
    for (std::size_t i = 0; i < quotes; ++i) json += "\\\"";
    return json + "\"]}";
  };
  for (int i = 0; i < 7; ++i) answer.rows.push_back(test::fake_engine::row("k" + std::to_string(i), 1, row_of(512 * 1024)));
  answer.matched = 17;
  engine.find_answer = answer;
  in_users().with("format", "csv").with("skip", std::int64_t{10});
  BOOST_TEST(run("dbc_export") == "Exported 4 rows of `prod.users`. That is 11 to 14 of 17: a file holds no more. Go on with `after:k3`.");
  BOOST_TEST_REQUIRE(last.files.size() == 1u);
  BOOST_TEST(last.files[0].bytes.size() < 10'000'000u);
  answer.rows = {test::fake_engine::row("huge", 1, row_of(4'000'000))};
  engine.find_answer = answer;
  BOOST_TEST(run("dbc_export") == "! format: the row with the key `huge` is too large as csv; use jsonl.");
}

BOOST_AUTO_TEST_CASE(import_replaces_rows_that_are_there_if_it_is_asked_to) {
  database::import_report report;
  report.accepted = 3;
  report.replaced = 2;
  report.location = test::fake_engine::link();
  engine.import_answer = report;
  in_users().attach("{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n").with("mode", "upsert");
  BOOST_TEST(run("dbc_import") == "Imported 3 rows into `prod.users`, refused 0. Of these 2 replaced rows that were there. " + at);
  BOOST_TEST(engine.write_context->replace_rows);
  engine.import_answer->replaced.reset();  // an earlier delivery did it
  BOOST_TEST(run("dbc_import") == "Imported 3 rows into `prod.users`, refused 0. " + at);
  engine.import_answer->replaced = 0;
  BOOST_TEST(with("mode", "insert").run("dbc_import") == "Imported 3 rows into `prod.users`, refused 0. " + at);
  BOOST_TEST(!engine.write_context->replace_rows);
  engine.calls.clear();
  BOOST_TEST(with("mode", "merge").run("dbc_import") == "! mode: `merge` is not known here; use insert or upsert.");
  BOOST_TEST(engine.calls.empty());
}

BOOST_AUTO_TEST_CASE(import_says_when_the_file_is_missing_too_large_or_cannot_be_fetched) {
  BOOST_TEST(in_users().run("dbc_import") == "! file: attach a file.");
  BOOST_TEST(attach("{}", 26u << 20).run("dbc_import") == "! file: `rows.jsonl` has 27,262,976 bytes, and at most 26,214,400 can be imported at once; cut it into parts.");
  auto bad = base::error(base::errc::timeout, "no answer in time");
  BOOST_TEST(attach(bad).run("dbc_import") == "! file: `rows.jsonl` could not be fetched (no answer in time); send the command again.");
  BOOST_TEST(attach("").run("dbc_import") == "! file: it is empty; send JSON lines, a JSON array of objects, or CSV.");
  BOOST_TEST(engine.calls.empty());
}

BOOST_AUTO_TEST_SUITE_END()
