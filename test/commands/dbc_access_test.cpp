// Which roles may do what: shown, set, and what is said of those that the server has no more.

#include "commands/guild_roles.hpp"
#include "commands/handlers_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct scripted_roles final : guild_role_source {
  base::result<std::vector<guild_role>> answer = std::vector<guild_role>();
  actor::task<base::result<std::vector<guild_role>>> roles(base::steady_time) override { co_return answer; }
};

struct access_fixture : handlers_fixture {
  access_fixture() { with("database", std::string("prod")); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(access_command, access_fixture)

BOOST_AUTO_TEST_CASE(roles_are_shown_and_set) {
  BOOST_TEST(run("dbc_access").find("- write: everybody who sees the commands") != std::string::npos);
  with("level", std::string("write")).with("roles", std::string("<@&7>, 8"));
  BOOST_TEST(run("dbc_access").find("- write: <@&7>, <@&8>") != std::string::npos);
  BOOST_TEST(engine.calls.back() == R"(set_access prod {"write":["7","8"]})");
  with("roles", std::string("none")).run("dbc_access");
  BOOST_TEST(engine.calls.back() == "set_access prod {}");
  BOOST_TEST(with("roles", std::string("@everyone")).run("dbc_access") == "! roles: `@everyone` is no role; choose roles with @, or give their ids, or none.");
  call.roles = {base::role_id{5}};
  with("level", std::string("administer")).with("roles", std::string("7"));
  auto calls = engine.calls.size();
  BOOST_TEST(run("dbc_access") == "! roles: you have none of these roles, so you could not change this any more; name one of yours, too, or ask somebody who has the permission Manage "
                                  "Server.");
  BOOST_TEST(engine.calls.size() == calls);
  with("roles", std::string("7 5")).run("dbc_access");
  BOOST_TEST(engine.calls.back() == R"(set_access prod {"administer":["5","7"]})");
  call.permissions = static_cast<std::uint64_t>(permission::manage_guild);
  with("roles", std::string("7")).run("dbc_access");
  BOOST_TEST(engine.calls.back() == R"(set_access prod {"administer":["7"]})");
  BOOST_TEST(with("level", std::string("own")).run("dbc_access") == "! level: `own` is not a level; use read, write or administer.");
}

BOOST_AUTO_TEST_CASE(only_roles_that_the_server_has_are_set_unless_a_database_is_restored) {
  scripted_roles source;
  source.answer = std::vector<guild_role>{{base::role_id{1}, true}, {base::role_id{7}}};
  call.name = "dbc_access";
  with("level", std::string("read"));
  auto told = [&](std::string roles) {
    with("roles", std::move(roles));
    return sim.run(execute({engine, sim.env(), nullptr, nullptr, nullptr, &source}, call)).text;
  };
  BOOST_TEST(told("99999") == "roles: this server has no role with the id `99999`; choose roles with @, or give their ids, or none.");
  BOOST_TEST(told("<@&7> <@&99999>").starts_with("roles: this server has no role with the id `99999`"));
  BOOST_TEST(told("1") == "roles: `1` is @everyone; give none if everybody may.");
  BOOST_TEST(told("7").find("- read: <@&7>\n- write: <@&7>\n") != std::string::npos);
  source.answer = base::error(base::errc::timeout, "Discord does not answer");
  BOOST_TEST(told("7") == "roles: which roles this server has could not be read (Discord does not answer); nothing was changed, try again.");
  BOOST_TEST(told("none").find("- read: everybody") != std::string::npos);  // nothing to ask
  engine.unfinished_answer = database::unfinished_restore{call.who, false, "d1"};
  with("database", std::string("prod#d1"));
  BOOST_TEST(told("99999").find("- read: <@&99999>") != std::string::npos);  // of the guild that the copy is from
}

BOOST_AUTO_TEST_CASE(roles_that_the_server_has_no_more_are_shown_as_deleted_and_can_be_taken_out) {
  scripted_roles source;
  source.answer = std::vector<guild_role>{{base::role_id{1}, true}, {base::role_id{7}}};
  call.name = "dbc_access";
  auto told = [&] { return sim.run(execute({engine, sim.env(), nullptr, nullptr, nullptr, &source}, call)).text; };
  engine.access_answer.write = {base::role_id{7}, base::role_id{8}};
  engine.access_answer.administer = {base::role_id{9}};
  call.permissions = static_cast<std::uint64_t>(permission::manage_guild);
  BOOST_TEST(told() == "Who may do what in `prod`:\n- read: everybody who sees the commands\n- write: <@&7>, `8` (deleted), `9` (deleted)\n- administer: `9` (deleted)\n"
                       "Whoever has the permission Manage Server may do everything.\n`/dbc_access database:prod level:write roles:7` takes the deleted one out.\n"
                       "No role is left that was to administer: name others with `/dbc_access database:prod level:administer roles:…`, or none for everybody.");
  with("level", std::string("write")).with("roles", std::string("7"));
  BOOST_TEST(told().starts_with("Who may do what in `prod`:\n- read: everybody who sees the commands\n- write: <@&7>, `9` (deleted)\n"));
  BOOST_TEST(engine.calls.back() == R"(set_access prod {"write":["7"],"administer":["9"]})");
  call.arguments = {{"database", std::string("prod")}};
  source.answer = base::error(base::errc::timeout, "Discord does not answer");
  BOOST_TEST(told().find("- write: <@&7>, <@&8>, <@&9>") != std::string::npos);  // nobody knows
  BOOST_TEST(run("dbc_access").find("- write: <@&7>, <@&8>, <@&9>") != std::string::npos);  // there is nobody to ask
  source.answer = std::vector<guild_role>{{base::role_id{1}, true}};
  engine.unfinished_answer = database::unfinished_restore{call.who, false, "d1"};
  with("database", std::string("prod#d1"));
  BOOST_TEST(told().find("deleted") == std::string::npos);  // they are of the guild that the copy is from
}

BOOST_AUTO_TEST_SUITE_END()
