#include "commands/command_table.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <set>

#include "commands/fake_engine.hpp"

using namespace dbcord;
using namespace dbcord::commands;

BOOST_AUTO_TEST_SUITE(command_table)

BOOST_AUTO_TEST_CASE(names_and_arguments_are_those_of_the_source_document) {
  std::string all;
  for (const auto& c : table()) {
    all += std::string(c.name);
    for (const auto& a : c.arguments) all += " " + std::string(a.name) + (a.required ? "" : "?");
    all += "\n";
  }
  BOOST_TEST(all ==
             "dbc_init database\ndbc_table_create database table pk\n"
             "dbc_database_list\ndbc_table_list database\ndbc_schema_set database table schema_json force?\ndbc_schema_get database table\n"
             "dbc_index_create database table field unique?\ndbc_index_drop database table field\n"
             "dbc_insert database table value_json key?\n"
             "dbc_get database table key as_of?\ndbc_history database table key limit?\ndbc_history_set database table versions days\ndbc_update database table key patch_json\ndbc_delete database table key\n"
             "dbc_find database table where_json limit? skip? sort? fields? count? explain?\ndbc_txn database operations_json\ndbc_import database table file key_field? at?\ndbc_export database table format? where_json? skip?\ndbc_verify database table\n"
             "dbc_snapshot database table\ndbc_restore database snapshot table?\ndbc_inspect database?\n");
}

BOOST_AUTO_TEST_CASE(discords_limits_on_commands_hold) {
  for (const auto& c : table()) {
    BOOST_TEST_CONTEXT(c.name) {
      BOOST_TEST((c.help.size() >= 1 && c.help.size() <= 100));
      BOOST_TEST(c.help.ends_with('.'));
      BOOST_TEST(c.arguments.size() <= 25u);
      BOOST_TEST((c.run != nullptr));
      BOOST_TEST((c.time_limit < std::chrono::minutes(14)));
      bool optional_seen = false;
      std::set<std::string_view> names;
      for (const auto& a : c.arguments) {
        BOOST_TEST((!a.description.empty() && a.description.size() <= 100));
        BOOST_TEST(names.insert(a.name).second);
        BOOST_TEST(!(a.required && optional_seen));
        optional_seen |= !a.required;
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_payload_for_discord_says_the_same_as_the_table) {
  auto list = boost::json::parse(command_definitions_json()).as_array();
  BOOST_REQUIRE_EQUAL(list.size(), table().size());
  auto& init = list[0].as_object();
  BOOST_TEST(init["default_member_permissions"].as_string() == "32");
  auto named = [&](std::string_view name) -> boost::json::object& {
    auto it = std::find_if(list.begin(), list.end(), [&](auto& c) { return c.as_object()["name"].as_string() == name; });
    BOOST_REQUIRE(it != list.end());
    return it->as_object();
  };
  auto& find = named("dbc_find");
  BOOST_TEST(find["default_member_permissions"].is_null());
  auto& options = find["options"].as_array();
  BOOST_TEST(options[0].as_object()["autocomplete"].as_bool());
  BOOST_TEST(options[2].as_object()["type"].as_int64() == 3);
  BOOST_TEST(options[3].as_object()["type"].as_int64() == 4);
  BOOST_TEST(options[3].as_object()["max_value"].as_int64() == 10'000);
  BOOST_TEST(!options[3].as_object()["required"].as_bool());
  BOOST_TEST(named("dbc_import")["options"].as_array()[2].as_object()["type"].as_int64() == 11);
  BOOST_TEST(named("dbc_index_create")["options"].as_array()[3].as_object()["type"].as_int64() == 5);
}

BOOST_AUTO_TEST_CASE(completion_offers_what_begins_as_typed_before_what_contains_it) {
  test::fake_engine engine;
  engine.database_names = {"prod", "a-prod", "test", "pro"};
  engine.table_names = {"users"};
  invocation call;
  call.name = "dbc_get";
  BOOST_TEST(complete(engine, call, "database", "pro") == (std::vector<std::string>{"pro", "prod", "a-prod"}), boost::test_tools::per_element());
  BOOST_TEST(complete(engine, call, "table", "") == (std::vector<std::string>{"users"}), boost::test_tools::per_element());
  BOOST_TEST(complete(engine, call, "key", "").empty());
  BOOST_TEST(complete(engine, call, "nonsense", "").empty());
  engine.database_names.clear();
  for (int i = 0; i < 40; ++i) engine.database_names.push_back("d" + std::to_string(i));
  BOOST_TEST(complete(engine, call, "database", "").size() == 25u);
}

BOOST_AUTO_TEST_SUITE_END()
