// Application commands: what may be registered, and what stays the same when it is registered again.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

struct command_fixture : guild_fixture {
  std::string global() const { return "/applications/" + application_id() + "/commands"; }
  std::string local() const {
    return "/applications/" + application_id() + "/guilds/" + guild_id() + "/commands";
  }
  answer create(const json::object& command) { return bot("POST", local(), command); }
  // A command with these options.
  answer create_with(const json::array& options) {
    return create({{"name", "a"}, {"description", "d"}, {"options", options}});
  }
};

json::object command(std::string_view name, std::string_view description = "d") {
  return {{"name", name}, {"description", description}};
}

BOOST_FIXTURE_TEST_SUITE(core_command, command_fixture)

BOOST_AUTO_TEST_CASE(a_new_command_gives_201_the_same_again_200_with_the_same_id) {
  auto made = create(command("dbc_get"));
  BOOST_TEST(made.status == 201);
  BOOST_TEST(made.str("application_id") == application_id());
  BOOST_TEST(made.str("guild_id") == guild_id());
  BOOST_TEST(made.at("type").as_int64() == 1);
  auto again = create(command("dbc_get"));
  BOOST_TEST(again.status == 200);
  BOOST_TEST(again.text == made.text);
  auto changed = create(command("dbc_get", "other"));
  BOOST_TEST(changed.id() == made.id());
  BOOST_TEST(changed.str("version") != made.str("version"));
  BOOST_TEST(create({{"name", "dbc_get"}, {"type", 3}}).status == 201);
}

BOOST_AUTO_TEST_CASE(a_bulk_overwrite_replaces_the_list_and_keeps_ids_by_name) {
  auto kept = create(command("kept")).id();
  create(command("gone"));
  auto put = bot("PUT", local(), json::array{command("new"), command("kept")});
  BOOST_REQUIRE_EQUAL(put.status, 200);
  BOOST_TEST(put.body.as_array().size() == 2u);
  BOOST_TEST(put.str("1.id") == kept);
  restart();
  BOOST_TEST(bot("GET", local()).text == put.text);
  BOOST_TEST(owner("GET", local()).text == put.text);
  BOOST_TEST(bot("PUT", local(), json::array{}).text == "[]");
}

BOOST_AUTO_TEST_CASE(global_and_guild_commands_are_two_lists) {
  BOOST_TEST(bot("POST", global(), command("a")).status == 201);
  BOOST_TEST(!has(bot("GET", global()).body, "0.guild_id"));
  BOOST_TEST(bot("GET", local()).text == "[]");
}

BOOST_AUTO_TEST_CASE(one_command_can_be_read_changed_and_removed) {
  auto path = local() + "/" + create(command("a")).id();
  create(command("b"));
  BOOST_TEST(bot("GET", path).str("name") == "a");
  auto changed = bot("PATCH", path, {{"description", "new"}});
  BOOST_TEST(changed.str("description") == "new");
  BOOST_TEST(changed.str("name") == "a");
  BOOST_TEST(bot("PATCH", path, {{"name", "b"}}).code() == 40041);
  BOOST_TEST(bot("DELETE", path).status == 204);
  BOOST_TEST(bot("GET", path).code() == 10063);
  BOOST_TEST(bot("DELETE", path).code() == 10063);
}

BOOST_AUTO_TEST_CASE(people_may_read_but_not_register) {
  BOOST_TEST(owner("POST", local(), command("a")).status == 403);
  BOOST_TEST(owner("GET", local()).status == 200);
  BOOST_TEST(bot("GET", "/applications/5/commands").code() == 10002);
  BOOST_TEST(bot("GET", "/applications/" + application_id() + "/guilds/5/commands").code() == 10004);
}

BOOST_AUTO_TEST_CASE(names_and_descriptions_are_checked) {
  for (auto name : {"", "Upper", "with space", "a.b", "dollar$"}) {
    BOOST_TEST(has(create(command(name)).body, "errors.name"), name);
  }
  BOOST_TEST(has(create(command(std::string(33, 'a'))).body, "errors.name"));
  BOOST_TEST(create(command("größe_1-a'b")).status == 201);
  BOOST_TEST(has(create({{"name", "a"}}).body, "errors.description"));
  BOOST_TEST(has(create(command("a", std::string(101, 'd'))).body, "errors.description"));
  BOOST_TEST(has(create({{"name", "a"}, {"description", "d"}, {"type", 9}}).body, "errors.type"));
}

BOOST_AUTO_TEST_CASE(options_are_checked) {
  BOOST_TEST(create_with({option(3, "a", true), option(3, "b")}).status == 201);
  BOOST_TEST(has(create_with({option(3, "a"), option(3, "b", true)}).body, "errors.options.1.required"));
  BOOST_TEST(has(create_with({option(3, "a"), option(4, "a")}).body, "errors.options.1.name"));
  BOOST_TEST(has(create_with({option(12, "a")}).body, "errors.options.0.type"));
  BOOST_TEST(has(create_with({option(1, "a"), option(3, "b")}).body, "errors.options._errors"));
  BOOST_TEST(has(create_with(json::array(26, option(3, "a"))).body, "errors.options._errors"));
  BOOST_TEST(has(create_with({5}).body, "errors.options.0.name"));
  auto bounded = option(4, "a");
  bounded["min_length"] = 5;
  BOOST_TEST(has(create_with({bounded}).body, "errors.options.0.min_length"));
}

BOOST_AUTO_TEST_CASE(choices_are_checked) {
  auto with = [](int type, const json::array& choices) {
    auto o = option(type, "a");
    o["choices"] = choices;
    return json::array{o};
  };
  BOOST_TEST(create_with(with(3, {{{"name", "n"}, {"value", "v"}}})).status == 201);
  BOOST_TEST(has(create_with(with(3, {{{"name", "n"}, {"value", 5}}})).body, "errors.options.0.choices.0"));
  BOOST_TEST(has(create_with(with(5, {{{"name", "n"}, {"value", true}}})).body, "errors.options.0.choices"));
  json::array many(26, json::object{{"name", "n"}, {"value", "v"}});
  BOOST_TEST(has(create_with(with(3, many)).body, "errors.options.0.choices"));
}

BOOST_AUTO_TEST_CASE(sub_commands_nest_two_deep) {
  auto leaf = option(1, "leaf");
  leaf["options"] = json::array{option(3, "x")};
  auto group = option(2, "group");
  group["options"] = json::array{leaf};
  BOOST_TEST(create_with({group}).status == 201);
  auto deep = option(2, "deep");
  deep["options"] = json::array{group};
  BOOST_TEST(create_with({deep}).code() == 50035);
}

BOOST_AUTO_TEST_CASE(a_command_has_at_most_8000_characters_and_a_scope_100_commands) {
  json::array options;
  for (int i = 0; i < 25; ++i) {
    auto o = option(3, "o" + std::to_string(i));
    json::array choices;
    for (int k = 0; k < 4; ++k)
      choices.push_back({{"name", std::string(50, 'n')}, {"value", std::string(50, 'v')}});
    o["choices"] = choices;
    options.push_back(o);
  }
  BOOST_TEST(create_with(options).at("errors.name._errors.0.code").as_string() ==
             "APPLICATION_COMMAND_TOO_LARGE");
  json::array all;
  for (int i = 0; i < 100; ++i) all.push_back(command("c" + std::to_string(i)));
  BOOST_TEST(bot("PUT", local(), all).status == 200);
  BOOST_TEST(create(command("one-more")).code() == 30032);
  all.push_back(command("c0"));
  BOOST_TEST(bot("PUT", local(), all).code() == 50035);
  BOOST_TEST(bot("PUT", local(), json::object()).code() == 50035);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
