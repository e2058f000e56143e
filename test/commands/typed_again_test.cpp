// What is hard to see in keys and names of fields is stored as it is, and replies show it so that a person can type it again on a command line.

#include <fmt/format.h>

#include <algorithm>

#include "commands/command_line.hpp"
#include "commands/command_table.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"
#include "database/database_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct typed_again_fixture : database_fixture {
  commands::reply last;

  commands::reply give(std::string name, std::map<std::string, commands::argument_value, std::less<>> arguments, std::string file = {}) {
    commands::invocation call;
    call.name = std::move(name);
    if (!file.empty()) call.attachments["file"] = {"rows.jsonl", file.size(), [file](base::steady_time) { return content(file); }};
    for (auto& [argument, value] : arguments) call.arguments[argument] = value;
    call.arguments["database"] = std::string("prod");
    if (call.name != "dbc_txn") call.arguments["table"] = std::string("users");
    call.who = "42";
    call.idempotency_key = context().idempotency_key;
    call.deadline = world.now() + 5min;
    commands::services s{*stack->engine, process->env()};
    return run(commands::execute(s, std::move(call)));
  }
  static actor::task<base::result<std::string>> content(std::string bytes) { co_return bytes; }
  // As a person does, who has only read.
  commands::reply type(const std::string& name, const std::string& arguments) {
    auto line = fmt::format("/{} database:prod table:users {}", name, arguments);
    auto parsed = commands::parse_command_line(line, commands::command_definitions());
    BOOST_TEST_REQUIRE(parsed.has_value(), line);
    std::map<std::string, commands::argument_value, std::less<>> given;
    for (auto& a : parsed->arguments) given[a.name] = std::move(a.value);
    return give(name, std::move(given));
  }
  // The first code of a sentence.
  static std::string code_in(const std::string& text) {
    auto begin = text.find('`');
    if (begin == text.npos) return {};
    auto fence = text.substr(begin, text.find_first_not_of('`', begin) - begin);
    begin += fence.size();
    auto code = text.substr(begin, text.find(fence, begin) - begin);
    return fence.size() > 1 ? code.substr(1, code.size() - 2) : code;
  }
  void good(const commands::reply& r, const std::string& shown) {
    BOOST_TEST(r.ok, r.text);
    BOOST_TEST(!commands::has_hidden(one_line(r.text)), r.text);
    BOOST_TEST(contains(r.text, shown), r.text);
  }
  static std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }
  static std::string many(std::string_view what, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += what;
    return all;
  }
};

const char* const hard_to_see[] = {"\u202Eevil", "a\u200Db", "a\u200Bb", "\u200B", " ", "   ", "\u3164", "\u2800x", "\u061Ca", " x", "x ", "e\u0301", "\u00A0", "\"q\"", "\"", "\"\\u{202e}\"",
                                   "@everyone", "`x`", "``", "{", "[x]", "Ann Lee", "\\u{202e}", "$x", "..*[a-z]+", "-1", "1e999"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(typed_again, typed_again_fixture)

BOOST_AUTO_TEST_CASE(a_key_that_is_hard_to_see_is_found_by_what_replies_show) {
  create();
  std::vector<std::string> keys(std::begin(hard_to_see), std::end(hard_to_see));
  keys.push_back(std::string(256, 'k'));
  keys.push_back(many("\u200B", 85));
  for (const auto& key : keys) {
    BOOST_TEST_CONTEXT(commands::in_quotes(key)) {
      auto made = give("dbc_insert", {{"key", key}, {"value_json", std::string("{}")}});
      auto shown = code_in(made.text);
      good(made, shown);
      auto found = type("dbc_get", "key:" + shown);
      good(found, shown);
      BOOST_REQUIRE(found.rows.size() == 1u);
      BOOST_TEST(protocol::parse_json(found.rows[0])->find("id")->text == key);
      good(type("dbc_update", fmt::format("key:{} patch_json:{}", shown, R"({"n":1})")), shown);
      good(type("dbc_history", "key:" + shown), shown);
      good(type("dbc_find", "where_json:{} after:" + shown), shown);
      good(type("dbc_find", "where_json:{} before:" + shown), shown);
      good(type("dbc_delete", "key:" + shown), shown);
      auto gone = type("dbc_get", "key:" + shown);
      BOOST_TEST(!gone.ok);
      BOOST_TEST(!commands::has_hidden(gone.text), gone.text);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_index_on_a_field_that_is_hard_to_see_is_dropped_by_what_its_reply_shows) {
  create();
  std::size_t made = 0;
  for (std::string field : hard_to_see) {
    BOOST_TEST_CONTEXT(commands::in_quotes(field)) {
      auto done = give("dbc_index_create", {{"field", field}});
      BOOST_TEST(!commands::has_hidden(one_line(done.text)), done.text);
      if (!done.ok) {  // $x, a..b
        BOOST_TEST(done.text.starts_with("field: "), done.text);
        continue;
      }
      ++made;
      auto shown = code_in(done.text.substr(done.text.find(" index on ")));
      auto again = give("dbc_index_create", {{"field", field}, {"channel", true}});
      BOOST_TEST(!again.ok);
      auto typed = fmt::format("/dbc_index_channel database:prod table:users field:{} on:true", commands::typed_value(field));
      BOOST_TEST(contains(again.text, commands::fenced(typed)), again.text);
      good(type("dbc_index_drop", "field:" + shown), shown);
    }
  }
  BOOST_TEST(made > 20u);
}

// They are names of fields that some row may have, so they are no error.
BOOST_AUTO_TEST_CASE(lists_of_fields_that_are_hard_to_see_are_shown_in_the_hint) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  for (const char* argument : {"fields", "sort"}) {
    for (std::string field : {"\u202Ex", "a\u200Bb", "\u3164", "@everyone", "`x`"}) {
      BOOST_TEST_CONTEXT(argument << " " << commands::in_quotes(field)) {
        auto found = give("dbc_find", {{"where_json", std::string("{}")}, {argument, field}});
        good(found, "None of the rows shown has the field " + commands::quote_key(field));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_row_that_is_refused_is_named_by_what_can_be_seen) {
  create();
  auto key = std::string("\u202Eevil");
  BOOST_REQUIRE(insert(key, "{}").has_value());
  auto twice = give("dbc_insert", {{"key", key}, {"value_json", std::string("{}")}});
  BOOST_TEST(!twice.ok);
  BOOST_TEST(contains(twice.text, R"("\u{202e}evil")"), twice.text);
  auto of_file = give("dbc_import", {}, "{\"id\":\"" + key + "\"}\n{\"id\":\"b\"}\n");
  BOOST_TEST(of_file.ok, of_file.text);
  BOOST_TEST(!commands::has_hidden(one_line(of_file.text)), of_file.text);
  BOOST_TEST(contains(of_file.text, R"("\u{202e}evil")"), of_file.text);
  auto step = give("dbc_txn", {{"operations_json", std::string("[{\"op\":\"get\",\"table\":\"users\",\"key\":\"a\",\"\u202Ex\":1}]")}});
  BOOST_TEST(!step.ok);
  BOOST_TEST(contains(step.text, R"(\u{202e}x)"), step.text);
}

BOOST_AUTO_TEST_SUITE_END()
