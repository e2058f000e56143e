#include "commands/command_line.hpp"

#include <boost/test/unit_test.hpp>

#include "dbcord/base/random.hpp"

using namespace dbcord::commands;

namespace {

struct command_line_fixture {
  std::vector<command_definition> commands = command_definitions();

  dbcord::base::result<parsed_line> parse(std::string_view line) { return parse_command_line(line, commands); }

  // "command|name=value|name=value", or the sentence.
  std::string shown(std::string_view line) {
    auto parsed = parse(line);
    if (!parsed) return parsed.error().message;
    auto text = parsed->command;
    for (const auto& a : parsed->arguments) {
      text += "|" + a.name + "=";
      if (auto s = std::get_if<std::string>(&a.value)) text += *s;
      if (auto n = std::get_if<std::int64_t>(&a.value)) text += "#" + std::to_string(*n);
    }
    return text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(command_line, command_line_fixture)

BOOST_AUTO_TEST_CASE(the_source_documents_session_is_understood) {
  BOOST_TEST(shown("/dbc_init database:prod") == "dbc_init|database=prod");
  BOOST_TEST(shown("/dbc_table_create database:prod table:users pk:id") == "dbc_table_create|database=prod|table=users|pk=id");
  BOOST_TEST(shown("/dbc_insert database:prod table:users key:u_1 value_json:{\"id\":\"u_1\",\"email\":\"a@example.com\",\"role\":\"student\"}") ==
             "dbc_insert|database=prod|table=users|key=u_1|value_json={\"id\":\"u_1\",\"email\":\"a@example.com\",\"role\":\"student\"}");
  BOOST_TEST(shown("/dbc_find database:prod table:users where_json:{\"role\":\"student\"}") ==
             "dbc_find|database=prod|table=users|where_json={\"role\":\"student\"}");
  BOOST_TEST(shown("/dbc_update database:prod table:users key:u_1 patch_json:{\"role\":\"admin\"}") ==
             "dbc_update|database=prod|table=users|key=u_1|patch_json={\"role\":\"admin\"}");
}

BOOST_AUTO_TEST_CASE(the_slash_is_optional_and_white_space_does_not_matter) {
  BOOST_TEST(shown("  dbc_get   database: prod\ttable:users \n key:u_1  ") == "dbc_get|database=prod|table=users|key=u_1");
}

BOOST_AUTO_TEST_CASE(json_keeps_spaces_colons_and_what_looks_like_an_argument) {
  BOOST_TEST(shown("/dbc_insert database:prod table:users value_json:{\"a\": \"x key:1 table:y\", \"b\": {\"c\": [1, \" database:z\"]}} key:k") ==
             "dbc_insert|database=prod|table=users|value_json={\"a\": \"x key:1 table:y\", \"b\": {\"c\": [1, \" database:z\"]}}|key=k");
}

BOOST_AUTO_TEST_CASE(json_with_escaped_quotes_ends_where_it_ends) {
  BOOST_TEST(shown(R"(/dbc_insert database:p table:t value_json:{"a":"\" key:1 \\"} key:k)") ==
             R"(dbc_insert|database=p|table=t|value_json={"a":"\" key:1 \\"}|key=k)");
}

BOOST_AUTO_TEST_CASE(malformed_json_does_not_swallow_the_arguments_behind_it) {
  BOOST_TEST(shown("/dbc_find database:p table:t where_json:{role:student} limit:5") ==
             "dbc_find|database=p|table=t|where_json={role:student}|limit=#5");
}

BOOST_AUTO_TEST_CASE(a_simple_value_may_contain_colons_and_spaces) {
  BOOST_TEST(shown("/dbc_get database:p table:t key:a:b c d") == "dbc_get|database=p|table=t|key=a:b c d");
}

BOOST_AUTO_TEST_CASE(quotes_protect_what_looks_like_an_argument) {
  BOOST_TEST(shown("/dbc_get database:\"p\" key:\"x table:y \\\"z\\\" \\\\\" table:t") == "dbc_get|database=p|key=x table:y \"z\" \\|table=t");
  BOOST_TEST(shown("/dbc_get database:p table:t key:\"a\" and \"b\"") == "dbc_get|database=p|table=t|key=\"a\" and \"b\"");
}

BOOST_AUTO_TEST_CASE(an_argument_begins_only_at_the_start_of_a_word) {
  BOOST_TEST(shown("/dbc_get database:p table:t key:xtable:y") == "dbc_get|database=p|table=t|key=xtable:y");
}

BOOST_AUTO_TEST_CASE(numbers_become_numbers) {
  BOOST_TEST(shown("/dbc_find database:p table:t where_json:{} limit:10 skip:\"20\"") ==
             "dbc_find|database=p|table=t|where_json={}|limit=#10|skip=#20");
  BOOST_TEST(shown("/dbc_find database:p table:t where_json:{} limit:ten") == "limit: must be a whole number, not `ten`.");
  BOOST_TEST(shown("/dbc_find database:p table:t where_json:{} limit:1.5") == "limit: must be a whole number, not `1.5`.");
  BOOST_TEST(shown("/dbc_find database:p table:t where_json:{} limit:0") == "limit: must be from 1 to 10000, not 0.");
}

BOOST_AUTO_TEST_CASE(an_attachment_is_its_path) {
  auto parsed = parse("/dbc_import database:p table:t file:\"/tmp/my rows.jsonl\" at:3166-1");
  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST((parsed->arguments[2].kind == argument_kind::attachment));
  BOOST_TEST(std::get<std::string>(parsed->arguments[2].value) == "/tmp/my rows.jsonl");
}

BOOST_AUTO_TEST_CASE(an_unknown_command_gets_the_nearest_name) {
  BOOST_TEST(shown("/dbc_insrt database:p") == "There is no command /dbc_insrt; did you mean /dbc_insert?");
  BOOST_TEST(shown("/frobnicate").starts_with("There is no command /frobnicate; there is `dbc_init`, "));
  BOOST_TEST(shown("") == "Write a command, like /dbc_inspect.");
  BOOST_TEST(shown("/") == "Write a command, like /dbc_inspect.");
}

BOOST_AUTO_TEST_CASE(an_unknown_argument_gets_the_nearest_name) {
  BOOST_TEST(shown("/dbc_get databse:p table:t key:k") == "/dbc_get has no argument `databse`; did you mean `database`?");
  BOOST_TEST(shown("/dbc_get database:p tabel:t key:k") == "/dbc_get has no argument `tabel`; did you mean `table`? If it belongs to the value of `database`, write that in quotes.");
  BOOST_TEST(shown("/dbc_find database:p table:t where_json:{\"a\":1} limt:3") == "/dbc_find has no argument `limt`; did you mean `limit`?");
  BOOST_TEST(shown("/dbc_index_create database:p table:t field:n visible:true unique:true") ==
             "/dbc_index_create has no argument `visible`; it has `database`, `table`, `field`, `unique`, `ordered` and `channel`. If it belongs to the value of `field`, write that in quotes.");
  BOOST_TEST(shown("/dbc_get database:p table:t key:n ordered:true").starts_with("/dbc_get has no argument `ordered`; it has `database`, `table`, `key` and `as_of`."));
  BOOST_TEST(shown("/dbc_get database:p table:t key:\"n ordered:true\"") == "dbc_get|database=p|table=t|key=n ordered:true");
  BOOST_TEST(shown("/dbc_get database:p table:t key:n version:1").starts_with("/dbc_get has no argument `version`"));
  BOOST_TEST(shown("/dbc_table_create database:p table:t pk:id schema_json:{\"a\":1}").starts_with("/dbc_table_create has no argument `schema_json`"));
  BOOST_TEST(shown("/dbc_get database:p table:t key:see https://x.org at: 5") == "dbc_get|database=p|table=t|key=see https://x.org at: 5");
  BOOST_TEST(shown("/dbc_init colour:red") == "/dbc_init has no argument `colour`; it has `database` and `restore`.");
}

BOOST_AUTO_TEST_CASE(what_is_no_text_in_utf8_is_named) {
  BOOST_TEST(shown("/dbc_get database:d table:users key:\xFF\xFE") == "key: must be text in UTF-8.");
  BOOST_TEST(shown("/dbc_import database:d table:t file:\xFF.csv") == "dbc_import|database=d|table=t|file=\xFF.csv");
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_twice_there_is_named) {
  BOOST_TEST(shown("/dbc_get database:p table:t") == "/dbc_get needs `key`; add key:…");
  BOOST_TEST(shown("/dbc_get database:p table:t key:k key:l") == "key: this argument stands there twice; leave one out.");
  BOOST_TEST(shown("/dbc_get database:p table: key:k") == "table: write a value behind the colon.");
  BOOST_TEST(shown("/dbc_get prod") == "Write arguments as name:value; `prod` is not like that.");
}

BOOST_AUTO_TEST_CASE(definitions_from_the_guild_parse_lines_as_our_own_do) {
  auto fetched = command_definitions_from_json(R"([
    {"id":"1","type":1,"name":"dbc_find","description":"x","options":[
      {"type":3,"name":"database","description":"x","required":true},{"type":3,"name":"where_json","description":"x"},
      {"type":4,"name":"limit","description":"x","min_value":1.0,"max_value":50},{"type":11,"name":"file","description":"x"}]},
    {"id":"2","type":2,"name":"User Command"},
    {"id":"3","type":1,"name":"nested","options":[{"type":1,"name":"sub","description":"x"}]}, 7])");
  BOOST_REQUIRE(fetched.has_value());
  BOOST_REQUIRE_EQUAL(fetched->size(), 1u);
  auto parsed = parse_command_line("/dbc_find database:p where_json:{\"a\": \"x limit:1\"} limit:2", *fetched);
  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST(std::get<std::string>(parsed->arguments[1].value) == "{\"a\": \"x limit:1\"}");
  BOOST_TEST(std::get<std::int64_t>(parsed->arguments[2].value) == 2);
  BOOST_TEST(parse_command_line("/dbc_find database:p limit:51", *fetched).error().message == "limit: must be from 1 to 50, not 51.");
  BOOST_TEST(!command_definitions_from_json("{}").has_value());
  BOOST_TEST(!command_definitions_from_json("[").has_value());
}

BOOST_AUTO_TEST_CASE(a_line_ends_within_a_value_while_its_json_or_quote_is_open) {
  auto open = [this](std::string_view line) { return ends_within_value(line, commands); };
  BOOST_TEST(open("/dbc_txn database:bank operations_json:["));
  BOOST_TEST(open("/dbc_txn database:bank operations_json:[\n  {\"op\": \"get\", \"table\": \"t\",\n"));
  BOOST_TEST(open("/dbc_txn operations_json:[{\"op\": \"get"));
  BOOST_TEST(open("/dbc_get database:a table:\"b key:c"));
  BOOST_TEST(open("/dbc_get database:a table:\"b \\\" c"));
  BOOST_TEST(!open("/dbc_get database:a table:\"b\" key:c"));
  BOOST_TEST(!open("/dbc_get database:a table:b key:5\""));
  BOOST_TEST(!open("/dbc_txn database:bank operations_json:[{\"op\": \"get\"}]"));
  BOOST_TEST(!open("/dbc_txn database:bank operations_json:[{op"));  // no further text makes that right
  BOOST_TEST(!open("/dbc_txn database:bank operations_json:"));
  BOOST_TEST(!open("/dbc_nonsense value_json:{"));
  BOOST_TEST(!open(""));
}

BOOST_AUTO_TEST_CASE(no_line_crashes_the_parser) {
  dbcord::base::seeded_random random(7);
  const std::string letters = "{}[]\":\\ ,a1/\t key:table:database:value_json:";
  for (int i = 0; i < 20'000; ++i) {
    std::string line = "/dbc_insert ";
    for (auto n = random.below(40); n > 0; --n) line += letters[random.below(letters.size())];
    auto parsed = parse(line);
    if (!parsed) BOOST_REQUIRE(!parsed.error().message.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
