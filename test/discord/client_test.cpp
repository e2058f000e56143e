// The calls at start against the guild's core.

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "discord/guild_fixture.hpp"
#include "discord/permissions.hpp"

namespace dbcord::discord::test {

BOOST_FIXTURE_TEST_SUITE(start_up_calls, guild_fixture)

BOOST_AUTO_TEST_CASE(the_bot_learns_who_and_where_it_is) {
  auto me = run(client.me(after(10s)));
  BOOST_REQUIRE(me.has_value());
  BOOST_TEST((me->id == identity().self));
  BOOST_TEST(me->bot);
  auto application = run(client.application(after(10s)));
  BOOST_REQUIRE(application.has_value());
  BOOST_TEST((application->id == guild.credentials().application));
  BOOST_TEST(application->message_content());
  auto gateway = run(client.gateway_bot(after(10s)));
  BOOST_REQUIRE(gateway.has_value());
  BOOST_TEST(gateway->url.starts_with("ws://"));
  BOOST_TEST(gateway->total == 1'000);
  auto info = run(client.guild(guild.credentials().guild, after(10s)));
  BOOST_REQUIRE(info.has_value());
  BOOST_TEST((info->owner != me->id));
}

BOOST_AUTO_TEST_CASE(an_administrator_lacks_nothing) {
  auto report =
      run(client.permissions(guild.credentials().guild, identity().self, permission::needed, after(10s)));
  BOOST_REQUIRE(report.has_value());
  BOOST_TEST(report->missing.empty());
}

BOOST_AUTO_TEST_CASE(commands_are_replaced_as_a_whole) {
  auto c = guild.credentials();
  auto list = boost::json::parse(R"([{"name":"dbc_get","description":"get","type":1}])").as_array();
  auto put = run(client.put_guild_commands(c.application, c.guild, list, after(10s)));
  BOOST_REQUIRE(put.has_value());
  BOOST_TEST(put->size() == 1u);
  auto got = run(client.guild_commands(c.application, c.guild, after(10s)));
  BOOST_REQUIRE(got.has_value());
  BOOST_TEST(got->at(0).at("name").as_string() == "dbc_get");
}

BOOST_AUTO_TEST_CASE(a_wrong_token_ends_with_one_sentence) {
  auto& wrong = process->make<request_scheduler>(env, transport, options("Bot MTIz.abc.def"));
  auto& stranger = process->make<discord::client>(env, wrong);
  auto me = run(stranger.me(after(10s)));
  BOOST_REQUIRE(me.has_error());
  BOOST_TEST((me.error().code == database::store_errc::unauthorized));
  BOOST_TEST(me.error().message.ends_with("."));
  BOOST_TEST(net.stats().requests == 1u);
}

BOOST_AUTO_TEST_CASE(a_bot_without_the_guild_is_told_so) {
  auto info = run(client.guild(base::guild_id{1234567890123456789}, after(10s)));
  BOOST_REQUIRE(info.has_error());
  BOOST_TEST((info.error().code == database::store_errc::not_found ||
              info.error().code == database::store_errc::forbidden));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(missing_permissions_are_named) {
  guild::core_options o;
  o.bot_permissions = permission::view_channel | permission::send_messages;
  guild_fixture f(o);
  auto report = f.run(
      f.client.permissions(f.guild.credentials().guild, f.identity().self, permission::needed, f.after(10s)));
  BOOST_REQUIRE(report.has_value());
  auto lacks = [&](const char* name) {
    return std::find(report->missing.begin(), report->missing.end(), name) != report->missing.end();
  };
  BOOST_TEST(lacks("Manage Channels"));
  BOOST_TEST(lacks("Manage Messages"));
  BOOST_TEST(lacks("Manage Roles"));
  BOOST_TEST(!lacks("Send Messages"));
}

}  // namespace dbcord::discord::test
