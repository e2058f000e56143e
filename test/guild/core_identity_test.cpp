// First start, tokens, and the routes that tell who and where one is.

#include <boost/test/unit_test.hpp>

#include "dbcord/base/time_text.hpp"
#include "guild/guild_fixture.hpp"
#include "guild/text.hpp"

namespace dbcord::guild::test {
namespace {

BOOST_AUTO_TEST_SUITE(core_identity)

BOOST_AUTO_TEST_CASE(the_first_start_makes_a_guild_an_owner_a_bot_and_a_channel) {
  guild_fixture g;
  BOOST_TEST(g.records.size() == 1u);
  auto guild = g.bot("GET", "/guilds/" + g.guild_id());
  BOOST_TEST(guild.str("name") == "dbcord");
  auto me = g.bot("GET", "/users/@me");
  BOOST_TEST(me.at("bot").as_bool());
  BOOST_TEST(me.id() == g.application_id());
  auto owner = g.owner("GET", "/users/@me");
  BOOST_TEST(owner.str("username") == "owner");
  BOOST_TEST(!has(owner.body, "bot"));
  BOOST_TEST(guild.str("owner_id") == owner.id());
  BOOST_TEST(g.bot("GET", g.channel_path()).str("name") == "general");
}

BOOST_AUTO_TEST_CASE(ids_have_the_digits_that_client_libraries_expect) {
  guild_fixture g;
  for (auto& id : {g.guild_id(), g.application_id(), g.channel_id()})
    BOOST_TEST((id.size() >= 17 && id.size() <= 19));
}

BOOST_AUTO_TEST_CASE(the_bot_token_has_three_parts_and_begins_with_its_id) {
  guild_fixture g;
  auto token = g.credentials().bot_token;
  BOOST_TEST(std::count(token.begin(), token.end(), '.') == 2);
  BOOST_TEST(token.substr(0, token.find('.')) == base64url(g.application_id()));
}

BOOST_AUTO_TEST_CASE(a_wrong_missing_or_misplaced_token_is_refused_with_401) {
  guild_fixture g;
  auto who = g.credentials();
  for (auto& header : {std::string(), std::string("Bot x"), who.bot_token, "Bot " + who.owner_token,
                       std::string("Bot "), "Bearer " + who.bot_token}) {
    auto refused = g.request("GET", "/api/v10/users/@me", "", header);
    BOOST_TEST(refused.status == 401);
    BOOST_TEST(refused.text == R"({"message":"401: Unauthorized","code":0})");
  }
}

BOOST_AUTO_TEST_CASE(every_answer_has_a_date_and_a_body_has_its_type) {
  guild_fixture g;
  auto found = g.bot("GET", "/users/@me");
  BOOST_TEST(found.header("Date").value() == base::to_http_date(g.now));
  BOOST_TEST(found.header("content-type").value() == "application/json");
  auto deleted = g.bot("DELETE", g.channel_path() + "/messages/" + g.post("x").id());
  BOOST_TEST(deleted.status == 204);
  BOOST_TEST(deleted.text.empty());
  BOOST_TEST(!deleted.header("content-type").has_value());
  BOOST_TEST(deleted.header("Date").has_value());
}

BOOST_AUTO_TEST_CASE(unknown_paths_methods_and_versions_have_their_errors) {
  guild_fixture g;
  BOOST_TEST(g.bot("GET", "/nothing").status == 404);
  BOOST_TEST(g.request("GET", "/").status == 404);
  BOOST_TEST(g.request("GET", "/apix/v10/gateway").status == 404);
  BOOST_TEST(g.bot("PUT", "/users/@me").text == R"({"message":"405: Method Not Allowed","code":0})");
  BOOST_TEST(g.request("GET", "/api/v4/gateway").code() == 50041);
  for (auto path : {"/api/v10/gateway", "/api/v9/gateway", "/api/gateway"}) {
    BOOST_TEST(g.request("GET", path).status == 200);
  }
}

BOOST_AUTO_TEST_CASE(the_gateway_is_named_without_a_query_and_with_all_start_limits) {
  guild_fixture g;
  auto found = g.bot("GET", "/gateway/bot");
  BOOST_TEST(found.str("url") == "ws://127.0.0.1:8080");
  BOOST_TEST(found.at("shards").as_int64() == 1);
  BOOST_TEST(found.at("session_start_limit.total").as_int64() == 1000);
  BOOST_TEST(found.at("session_start_limit.remaining").as_int64() == 1000);
  BOOST_TEST(found.at("session_start_limit.max_concurrency").as_int64() == 1);
  BOOST_TEST(found.at("session_start_limit.reset_after").as_int64() == 0);
  g.core().set_public_url("https://guild.example");
  BOOST_TEST(g.bot("GET", "/gateway/bot").str("url") == "wss://guild.example");
  BOOST_TEST(g.owner("GET", "/gateway/bot").status == 403);
}

BOOST_AUTO_TEST_CASE(the_application_is_shown_on_both_paths_with_its_content_flag) {
  guild_fixture g;
  auto found = g.bot("GET", "/applications/@me");
  BOOST_TEST(found.text == g.bot("GET", "/oauth2/applications/@me").text);
  BOOST_TEST(found.id() == g.application_id());
  BOOST_TEST((found.at("flags").as_int64() & 1 << 19) != 0);
  auto options = guild_fixture::default_options();
  options.message_content_intent = false;
  guild_fixture without(options);
  BOOST_TEST((without.bot("GET", "/applications/@me").at("flags").as_int64() & 1 << 19) == 0);
}

BOOST_AUTO_TEST_CASE(users_members_roles_and_own_guilds_are_found) {
  guild_fixture g;
  auto guild = "/guilds/" + g.guild_id();
  BOOST_TEST(g.bot("GET", "/users/" + g.application_id()).str("username") == "dbcord");
  BOOST_TEST(g.bot("GET", "/users/1").code() == 10013);
  BOOST_TEST(g.bot("GET", "/users/abc").at("errors.user_id._errors.0.code").as_string() ==
             "NUMBER_TYPE_COERCE");
  auto member = g.bot("GET", guild + "/members/" + g.application_id());
  BOOST_TEST(member.at("roles").as_array().size() == 1u);
  BOOST_TEST(member.str("user.id") == g.application_id());
  BOOST_TEST(g.bot("GET", guild + "/members/1").code() == 10013);
  BOOST_TEST(g.bot("GET", "/users/@me/guilds/" + g.guild_id() + "/member").text == member.text);
  auto roles = g.bot("GET", guild + "/roles");
  BOOST_TEST(roles.str("0.id") == g.guild_id());
  BOOST_TEST(roles.str("1.permissions") == "8");
  BOOST_TEST(roles.str("1.tags.bot_id") == g.application_id());
  BOOST_TEST(has(roles.body, "0.colors.primary_color"));
  auto guilds = g.bot("GET", "/users/@me/guilds?with_counts=true");
  BOOST_TEST(guilds.str("0.id") == g.guild_id());
  BOOST_TEST(guilds.at("0.approximate_member_count").as_int64() == 2);
  BOOST_TEST(g.bot("GET", "/users/@me/guilds?after=" + g.guild_id()).text == "[]");
  BOOST_TEST(g.bot("GET", "/guilds/1").code() == 10004);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
