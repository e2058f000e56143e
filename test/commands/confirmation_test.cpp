// Buttons that delete, on a real database: one that is pressed when what it asked about is gone, and another one has its name, deletes nothing.

#include "commands/handlers_fixture.hpp"
#include "database/database_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct confirmation_fixture : database_fixture {
  commands::reply give(std::string name, std::map<std::string, commands::argument_value, std::less<>> arguments) {
    commands::invocation call;
    call.name = std::move(name);
    call.arguments = std::move(arguments);
    call.who = "42";
    call.idempotency_key = context().idempotency_key;
    call.deadline = world.now() + 5min;
    commands::services s{*stack->engine, process->env()};
    return run(commands::execute(s, std::move(call)));
  }
  std::string press(const commands::reply& asked) {
    const auto& command = asked.buttons.at(0).command;
    return give(command.name, command.arguments).text;
  }
  void create_users() { BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value()); }
  void create_database() {
    BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
    create_users();
  }
  void drop_database() {
    BOOST_REQUIRE(give("dbc_database_drop", {{"database", "prod"}, {"confirm", "prod"}}).ok);
    world.run_for(1min);
  }
};

constexpr std::string_view another_table = "The table users that this was asked about was dropped since, and another one has its name; nothing was deleted.";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(confirmations, confirmation_fixture)

BOOST_AUTO_TEST_CASE(an_old_button_drops_no_new_table_of_that_name) {
  create();
  auto asked = give("dbc_drop", {{"database", "prod"}, {"table", "users"}});
  BOOST_REQUIRE(give("dbc_drop", {{"database", "prod"}, {"table", "users"}, {"confirm", "users"}}).ok);
  BOOST_TEST(press(asked).starts_with("There is no table `users`"));
  create_users();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST(press(asked) == another_table);
  restart();
  BOOST_TEST(press(asked) == another_table);
  BOOST_TEST(find("{}") == "a ");
  auto anew = give("dbc_drop", {{"database", "prod"}, {"table", "users"}});
  restart();  // the table is the same one
  BOOST_TEST(press(anew).starts_with("Dropped the table `prod.users`"));
}

BOOST_AUTO_TEST_CASE(a_button_that_was_shown_fewer_rows_asks_again) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto asked = give("dbc_drop", {{"database", "prod"}, {"table", "users"}});
  BOOST_REQUIRE(insert("b", "{}").has_value());
  BOOST_REQUIRE(insert("c", "{}").has_value());
  const auto& command = asked.buttons.at(0).command;
  auto again = give(command.name, command.arguments);
  BOOST_TEST(again.text.starts_with("Nothing was deleted: 2 rows came since this was asked. Delete the table `prod.users` with 3 rows"));
  BOOST_TEST(find("{}") == "a b c ");
  BOOST_TEST(press(again).starts_with("Dropped the table `prod.users`"));
}

BOOST_AUTO_TEST_CASE(a_button_that_was_shown_fewer_rows_of_a_database_asks_again) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "posts", "id", context())).has_value());
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto asked = give("dbc_database_drop", {{"database", "prod"}});
  BOOST_REQUIRE(run(stack->engine->insert("prod", "posts", {"", R"({"id":"p"})"}, context())).has_value());
  const auto& command = asked.buttons.at(0).command;
  auto again = give(command.name, command.arguments);
  BOOST_TEST(again.text.starts_with("Nothing was deleted: 1 row came since this was asked. Delete the database `prod` with 2 tables and 2 rows, "), again.text);
  BOOST_TEST(find("{}") == "a ");
  BOOST_REQUIRE(remove("a").has_value());  // what is gone need not be agreed to
  BOOST_TEST(press(again).starts_with("Dropped the database `prod`"));
}

BOOST_AUTO_TEST_CASE(nor_one_in_a_new_database_of_that_name_where_numbers_of_tables_begin_anew) {
  create();
  auto asked = give("dbc_drop", {{"database", "prod"}, {"table", "users"}});
  drop_database();
  create_database();
  BOOST_TEST(press(asked) == another_table);
  BOOST_TEST(find("{}") == "");
}

BOOST_AUTO_TEST_CASE(an_old_button_drops_no_new_database_of_that_name) {
  create();
  auto asked = give("dbc_database_drop", {{"database", "prod"}});
  drop_database();
  create_database();
  BOOST_TEST(press(asked) == "The database prod that this was asked about was dropped since, and another one has its name; nothing was deleted.");
  BOOST_TEST(find("{}") == "");
  auto anew = give("dbc_database_drop", {{"database", "prod"}});
  BOOST_TEST(press(anew).starts_with("Dropped the database `prod`"));
}

BOOST_AUTO_TEST_CASE(an_old_button_erases_nothing_of_a_new_table) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto asked = give("dbc_purge", {{"database", "prod"}, {"table", "users"}, {"key", "a"}});
  BOOST_REQUIRE(give("dbc_drop", {{"database", "prod"}, {"table", "users"}, {"confirm", "users"}}).ok);
  create_users();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_TEST(press(asked) == "The table users that this was asked about was dropped since, and another one has its name; nothing was erased.");
  BOOST_TEST(find("{}") == "a ");
  auto anew = give("dbc_purge", {{"database", "prod"}, {"table", "users"}, {"key", "a"}});
  BOOST_TEST(press(anew).starts_with("Erased row `a`"));
}

BOOST_AUTO_TEST_CASE(an_old_button_erases_no_later_row_of_that_key) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  std::map<std::string, commands::argument_value, std::less<>> arguments{{"database", "prod"}, {"table", "users"}, {"key", "a"}};
  auto asked = give("dbc_purge", arguments);
  BOOST_REQUIRE(update("a", R"({"n":2})").has_value());
  const std::string written = "Row \"a\" of table users was written since this was asked; nothing was erased, look at it and give the command again.";
  BOOST_TEST(press(asked) == written);
  BOOST_REQUIRE(remove("a").has_value());
  auto gone = give("dbc_purge", arguments);
  BOOST_TEST(gone.text.find("There is no such row now; what is left of an earlier one is erased.") != std::string::npos, gone.text);
  BOOST_REQUIRE(insert("a", R"({"n":3})").has_value());
  restart();
  for (const auto& old : {asked, gone}) BOOST_TEST(press(old) == written);
  BOOST_TEST(get("a") == R"({"id":"a","n":3})");
  auto anew = give("dbc_purge", arguments);
  BOOST_TEST(press(anew).starts_with("Erased row `a`"));
  BOOST_TEST(press(anew).starts_with("Nothing of row `a` was found"));  // what it asked about is gone: what may be left is looked for
  auto never = give("dbc_purge", arguments);
  BOOST_TEST(never.text.find("no older version of one is known") != std::string::npos, never.text);
  arguments["key"] = std::string("a`b");
  BOOST_TEST(give("dbc_purge", arguments).text.find("give the command with `` confirm:a`b ``.") != std::string::npos);
  BOOST_TEST(never.text.find(" It takes about ") != std::string::npos, never.text);
}

BOOST_AUTO_TEST_CASE(a_table_that_was_moved_into_another_channel_is_the_same_one) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto asked = give("dbc_drop", {{"database", "prod"}, {"table", "users"}});
  BOOST_REQUIRE(give("dbc_vacuum", {{"database", "prod"}, {"table", "users"}, {"full", true}}).ok);
  BOOST_TEST(press(asked).starts_with("Dropped the table `prod.users`"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(confirming_buttons, handlers_fixture)

BOOST_AUTO_TEST_CASE(a_button_that_asked_first_drops_or_erases_in_what_it_asked_about_only) {
  in_users();
  engine.table_answer->id = "d1-7";
  auto press = [&](std::string name) {
    run(name);
    call.arguments = last.buttons.at(0).command.arguments;
    return run(std::move(name));
  };
  auto asked = call.arguments;
  BOOST_TEST(press("dbc_drop").starts_with("Dropped the table"));
  BOOST_TEST(engine.write_context->expected_id == "d1-7");
  call.arguments = asked;
  engine.get_answer = test::fake_engine::row("#k", 1, "{}");
  engine.get_answer->lsn = 17;
  with("key", std::string("#k"));
  BOOST_TEST(press("dbc_purge").starts_with("Nothing of row"));
  BOOST_TEST(engine.write_context->expected_id == "d1-7");
  BOOST_TEST((engine.write_context->expected_lsn == std::optional<std::uint64_t>(17)));
  for (std::string bad : {"#", "#d1-7", "#d1-7@", "#d1-7@x", "#d1-7@1x", "#@1"}) {
    auto calls = engine.calls.size();
    BOOST_TEST(with("confirm", bad).run("dbc_purge") == "! confirm: `" + bad + "` is not the row's key `#k`; nothing was erased.");
    BOOST_TEST(engine.calls.size() == calls);
  }
  with("confirm", std::string("#k")).run("dbc_purge");  // a key is no id
  BOOST_TEST(engine.write_context->expected_id == "");
  BOOST_TEST(!engine.write_context->expected_lsn);
  call.arguments = {{"database", std::string("prod")}};
  engine.database_answer->id = "d1";
  BOOST_TEST(press("dbc_database_drop").starts_with("Dropped the database"));
  BOOST_TEST(engine.write_context->expected_id == "d1");
  call.arguments = {{"database", std::string("prod")}};
  engine.unfinished_answer = database::unfinished_restore{"42", false, "d2"};
  BOOST_TEST(press("dbc_database_drop").starts_with("Dropped the database"));
  BOOST_TEST(engine.write_context->expected_id == "d2");
  auto calls = engine.calls.size();
  with("confirm", std::string("#"));
  BOOST_TEST(run("dbc_database_drop") == "! confirm: `#` is not the database's name `prod`; nothing was deleted.");
  BOOST_TEST(engine.calls.size() == calls);
}

BOOST_AUTO_TEST_SUITE_END()
