// What is typed into a form.

#include "commands/handlers_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

BOOST_FIXTURE_TEST_SUITE(form_drafts, handlers_fixture)

BOOST_AUTO_TEST_CASE(what_was_typed_into_a_form_comes_back_with_a_refusal_and_the_form_opens_with_it_again) {
  in_users().with("key", std::string("u_1")).with("expected_version", std::int64_t{3}).with("t", std::string("0123ab-1"));
  call.by_control = true;
  engine.table_answer->id = "0123cdef01234567-2";  // another table of that name, by now
  auto refused = [&](std::string typed, std::string_view why, std::int64_t version) {
    auto form = call.arguments;
    BOOST_TEST(with("row_json", typed).run("dbc_edit").starts_with(why), last.text);
    BOOST_TEST(last.draft == typed);
    BOOST_REQUIRE(last.buttons.size() == 1u);
    auto again = last.buttons[0];
    BOOST_TEST(again.label == "Edit again");
    BOOST_TEST(!again.command.in_place);  // the text stays there
    call.arguments = again.command.arguments;
    call.name = again.command.name;
    BOOST_TEST(opens_form(*find_command(call.name), call));
    engine.get_answer = test::fake_engine::row("u_1", 4, R"({"id":"u_1","n":1})");
    run("dbc_edit");
    BOOST_REQUIRE_MESSAGE(last.opens.has_value(), last.text);
    BOOST_TEST(last.opens->fields.at(0).value == typed);
    BOOST_TEST(std::get<std::int64_t>(last.opens->command.arguments.at("expected_version")) == version);
    BOOST_TEST(std::get<std::string>(last.opens->command.arguments.at("t")) == (version == 3 ? "0123ab-1" : "0123cd-2"));
    BOOST_TEST(!last.opens->command.arguments.contains("draft"));
    call.arguments = form;
  };
  refused("{\n  \"id\": \"u_1\",\n", "! row_json: not valid JSON", 3);  // that it is version 4 by now nobody has told
  const std::vector<std::string> read{"inspect_table prod users", "get prod users u_1"};
  BOOST_TEST(engine.calls == read, boost::test_tools::per_element());
  engine.write_answer = base::error(database::errc::conflict, "row \"u_1\" of table users was changed meanwhile: it has version 4, not 3");
  refused(R"({"id":"u_1","n":2})", "! Row \"u_1\" of table users was changed meanwhile", 4);
  engine.access_answer.write = {base::role_id{7}};
  BOOST_TEST(with("row_json", std::string("{")).run("dbc_edit").starts_with("! You need the role <@&7>"));
  BOOST_TEST(last.draft == "{");
  engine.access_answer = {};
  call.by_control = false;  // typed as a command, which stays there to be typed again
  call.arguments.erase("t");
  run("dbc_edit");
  BOOST_TEST(last.draft == "");
  BOOST_TEST(last.buttons.empty());
  with("draft", std::string("x"));
  BOOST_TEST(run("dbc_edit").starts_with("! /dbc_edit has no argument `draft`"));
  call.by_control = true;
  call.arguments.erase("draft");
  engine.write_answer = test::fake_engine::receipt(5);
  BOOST_TEST(with("row_json", std::string("{}")).run("dbc_edit").starts_with("Updated"));
  BOOST_TEST(last.draft == "");
  BOOST_TEST(last.buttons.empty());
}

BOOST_AUTO_TEST_SUITE_END()
