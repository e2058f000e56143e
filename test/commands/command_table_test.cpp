#include "commands/command_table.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <algorithm>
#include <set>

#include "commands/fake_engine.hpp"
#include "simulation/virtual_environment.hpp"

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
             "dbc_init database restore?\ndbc_table_create database table pk\n"
             "dbc_database_list\ndbc_table_list database\ndbc_schema_set database table schema_json? force? file?\ndbc_schema_get database table\n"
             "dbc_schema_alter database table add? rule_json? drop? rename? to? force?\ndbc_describe database\n"
             "dbc_index_create database table field unique? ordered? channel?\ndbc_index_drop database table field\ndbc_index_channel database table field on\n"
             "dbc_insert database table value_json? key? file?\n"
             "dbc_get database table key as_of?\ndbc_history database table key limit? thread?\ndbc_history_set database table versions days history?\ndbc_layout_set database table layout\ndbc_update database table key patch_json? expected_version? file?\ndbc_delete database table key expected_version?\n"
             "dbc_edit database table key row_json? expected_version? file?\n"
             "dbc_find database table where_json limit? skip? after? before? sort? fields? count? explain? via? as_of?\ndbc_txn database operations_json? file?\ndbc_import database table file key_field? at? format? mode?\ndbc_export database table format? where_json? skip? after?\ndbc_verify database table? repair?\n"
             "dbc_reindex database table\ndbc_vacuum database table? scan? full?\ndbc_purge database table key confirm?\n"
             "dbc_snapshot database table?\ndbc_snapshot_list database table?\ndbc_snapshot_get database snapshot\ndbc_snapshot_drop database snapshot confirm?\n"
             "dbc_restore database snapshot table? as?\ndbc_inspect database?\n"
             "dbc_stats database table?\ndbc_drop database table confirm?\ndbc_database_drop database confirm?\ndbc_jobs job? cancel? receipt?\ndbc_access database level? roles?\ndbc_policy database deletions?\nEdit row channel content\n");
}

BOOST_AUTO_TEST_CASE(discords_limits_on_commands_hold) {
  for (const auto& c : table()) {
    BOOST_TEST_CONTEXT(c.name) {
      BOOST_TEST((c.help.size() >= 1 && c.help.size() <= 100));
      BOOST_TEST(c.help.ends_with('.'));
      BOOST_TEST(c.arguments.size() <= 25u);
      BOOST_TEST((c.run != nullptr));
      BOOST_TEST((c.long_work || c.time_limit < std::chrono::minutes(14)));
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

// Those that stand in a description are offered, and no others.
BOOST_AUTO_TEST_CASE(words_that_an_argument_may_be_are_named_in_its_description) {
  std::size_t seen = 0;
  for (const auto& c : table()) {
    for (const auto& a : c.arguments) {
      BOOST_TEST((a.complete == completion::word) == !a.words.empty(), a.name);
      for (const auto& w : a.words) BOOST_TEST_CONTEXT(c.name << " " << w) BOOST_TEST(a.description.find(w) != std::string_view::npos);
      seen += a.words.size();
    }
  }
  BOOST_TEST(seen > 10u);
}

BOOST_AUTO_TEST_CASE(the_command_of_a_messages_menu_has_no_options_and_no_description) {
  auto list = boost::json::parse(command_definitions_json()).as_array();
  auto& last = list.back().as_object();
  BOOST_TEST(last["name"].as_string() == "Edit row");
  BOOST_TEST(last["type"].as_int64() == 3);
  BOOST_TEST(last["description"].as_string() == "");
  BOOST_TEST(!last.contains("options"));
}

BOOST_AUTO_TEST_CASE(completion_offers_what_begins_as_typed_before_what_contains_it) {
  simulation::virtual_environment sim;
  test::fake_engine engine;
  engine.database_names = {"prod", "a-prod", "test", "pro"};
  engine.table_names = {"users"};
  engine.suggestions = {"u_1", "u_2"};
  invocation call;
  call.name = "dbc_get";
  call.arguments["database"] = "prod";
  call.arguments["table"] = "users";
  services s{engine, sim.env()};
  using names = std::vector<std::string>;
  auto complete = [&](std::string argument, std::string typed) {
    names values;
    for (auto& offered : sim.run(commands::complete(s, call, argument, typed))) values.push_back(std::move(offered.value));
    return values;
  };
  BOOST_TEST(complete("database", "pro") == names({"pro", "prod", "a-prod"}), boost::test_tools::per_element());
  BOOST_TEST(complete("table", "") == names({"users"}), boost::test_tools::per_element());
  BOOST_TEST(complete("key", "u") == names({"u_1", "u_2"}), boost::test_tools::per_element());
  BOOST_TEST(engine.calls.back() == "suggest prod users 0 u");
  BOOST_TEST(complete("nonsense", "").empty());
  call.name = "dbc_find";
  BOOST_TEST(complete("sort", "age desc, na") == names({"age desc, u_1", "age desc, u_2"}), boost::test_tools::per_element());
  BOOST_TEST(engine.calls.back() == "suggest prod users 1 na");
  BOOST_TEST(complete("via", "") == names({"auto", "memory", "search"}), boost::test_tools::per_element());
  BOOST_TEST(complete("via", "se") == names({"search"}), boost::test_tools::per_element());
  call.name = "dbc_import";
  BOOST_TEST(complete("key_field", "u") == names({"u_1", "u_2"}), boost::test_tools::per_element());
  BOOST_TEST(engine.calls.back() == "suggest prod users 1 u");
  call.name = "dbc_find";
  engine.suggestions = {std::string(101, 'k')};  // Discord takes no choice longer than 100 characters
  BOOST_TEST(complete("sort", "").empty());
  engine.access_answer.read = {base::role_id{7}};
  BOOST_TEST(complete("table", "").empty());
  call.roles = {base::role_id{7}};
  BOOST_TEST(complete("table", "").size() == 1u);
  engine.database_names.clear();
  for (int i = 0; i < 40; ++i) engine.database_names.push_back("d" + std::to_string(i));
  BOOST_TEST(complete("database", "").size() == 25u);
}

BOOST_AUTO_TEST_CASE(snapshots_are_offered_by_what_they_are_of_and_stand_for_their_ids) {
  simulation::virtual_environment sim;
  test::fake_engine engine;
  base::system_time noon(std::chrono::seconds(1'795'780'800));
  auto at = [](std::uint64_t id) { return database::message_link{base::guild_id{1}, base::channel_id{2}, base::message_id{id}}; };
  engine.snapshots_answer = std::vector<database::kept_snapshot>{{"users", noon, 1, 3, 400, 1, 5, true, at(31)}, {"", noon, 2, 9, 800, 2, 7, true, at(42)},
                                                                 {"users", noon, 1, 1, 0, 1, 8, false, at(53)}};  // what is not whole is not offered
  services s{engine, sim.env()};
  invocation call;
  call.name = "dbc_restore";
  call.arguments["database"] = "prod";
  auto labels = [&](std::string typed) {
    std::string text;
    for (const auto& offered : sim.run(commands::complete(s, call, "snapshot", typed))) text += offered.label + "=" + offered.value + ";";
    return text;
  };
  BOOST_TEST(labels("") == "whole database, 2026-11-27T12:00:00Z, LSN 7, 9 rows=42;users, 2026-11-27T12:00:00Z, LSN 5, 3 rows=31;");
  BOOST_TEST(labels("user") == "users, 2026-11-27T12:00:00Z, LSN 5, 3 rows=31;");
  BOOST_TEST(labels("4") == "whole database, 2026-11-27T12:00:00Z, LSN 7, 9 rows=42;");
  BOOST_TEST(labels("x") == "");
  engine.snapshots_answer = base::error(database::errc::unavailable);
  BOOST_TEST(labels("") == "");
}

// Its file would be lost where its reply cannot be shown any more.
BOOST_AUTO_TEST_CASE(what_reads_many_values_is_long_work_and_what_answers_with_a_file_ends_within_its_token) {
  BOOST_TEST(find_command("dbc_export")->long_work);
  BOOST_TEST((find_command("dbc_export")->time_limit < std::chrono::minutes(14)));
  BOOST_TEST(find_command("dbc_schema_set")->long_work);
  BOOST_TEST(find_command("dbc_find")->long_work);
  BOOST_TEST((find_command("dbc_find")->time_limit < std::chrono::minutes(14)));
}

// Roles may widen that; without any, a member who may not change the server's channels administers no database either.
BOOST_AUTO_TEST_CASE(what_needs_the_right_to_administer_is_not_offered_to_every_member) {
  for (const auto& c : table()) {
    if (c.access == protocol::access_level::administer) BOOST_TEST((c.needed != permission::everyone), c.name);
  }
}

// A new command is read-only only if it is named here.
BOOST_AUTO_TEST_CASE(whoever_may_only_read_can_give_no_command_that_changes_anything) {
  const std::set<std::string> reading{"dbc_table_list", "dbc_schema_get", "dbc_describe", "dbc_get", "dbc_history", "dbc_find", "dbc_export", "dbc_inspect", "dbc_stats", "dbc_snapshot_list"};
  std::set<std::string> found;
  for (const auto& c : table()) {
    if (c.access == protocol::access_level::read) found.emplace(c.name);
  }
  BOOST_TEST(found == reading, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
