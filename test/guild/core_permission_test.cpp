// Permissions as computed, and enforced on channels and messages.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"
#include "guild/permissions.hpp"

namespace dbcord::guild::test {
namespace {

core_options weak_bot(std::uint64_t bits = 0) {
  auto options = guild_fixture::default_options();
  options.bot_permissions = bits;
  return options;
}

// The bot has only what @everyone has, and an overwrite on the first channel takes `deny` from it.
struct weak_fixture : guild_fixture {
  explicit weak_fixture(std::uint64_t own = 0) : guild_fixture(weak_bot(own)) {}

  void overwrite_everyone(std::uint64_t allow, std::uint64_t deny) { put(guild_id(), 0, allow, deny); }
  void overwrite_bot(std::uint64_t allow, std::uint64_t deny) { put(application_id(), 1, allow, deny); }
  void put(const std::string& id, int type, std::uint64_t allow, std::uint64_t deny) {
    auto done = owner("PUT", channel_path() + "/permissions/" + id,
                      {{"type", type}, {"allow", std::to_string(allow)}, {"deny", std::to_string(deny)}});
    BOOST_REQUIRE_EQUAL(done.status, 204);
  }
};

BOOST_AUTO_TEST_SUITE(core_permission)

BOOST_AUTO_TEST_CASE(a_bot_without_manage_channels_cannot_make_change_or_delete_channels) {
  weak_fixture g;
  BOOST_TEST(g.bot("POST", "/guilds/" + g.guild_id() + "/channels", {{"name", "a"}}).code() == 50013);
  BOOST_TEST(g.bot("PATCH", g.channel_path(), {{"name", "a"}}).code() == 50013);
  BOOST_TEST(g.bot("DELETE", g.channel_path()).code() == 50013);
  BOOST_TEST(g.bot("PUT", g.channel_path() + "/permissions/" + g.guild_id(), {{"type", 0}}).code() == 50013);
}

BOOST_AUTO_TEST_CASE(without_view_nothing_in_the_channel_is_there) {
  weak_fixture g;
  g.connect_bot(1);
  g.overwrite_everyone(0, permission::view_channel);
  g.take_frames(1);
  BOOST_TEST(g.bot("GET", g.channel_path()).code() == 50001);
  BOOST_TEST(g.bot("GET", g.channel_path() + "/messages").code() == 50001);
  BOOST_TEST(g.post("x").code() == 50001);
  g.owner("POST", g.channel_path() + "/messages", {{"content", "secret"}});
  BOOST_TEST(g.take_frames(1).empty());
}

BOOST_AUTO_TEST_CASE(without_send_reading_still_works) {
  weak_fixture g;
  g.overwrite_everyone(0, permission::send_messages);
  BOOST_TEST(g.post("x").code() == 50013);
  BOOST_TEST(g.bot("GET", g.channel_path() + "/messages").status == 200);
}

BOOST_AUTO_TEST_CASE(without_history_a_channel_looks_empty) {
  weak_fixture g;
  auto posted = g.post("x").id();
  g.overwrite_everyone(0, permission::read_message_history);
  BOOST_TEST(g.bot("GET", g.channel_path() + "/messages").text == "[]");
  BOOST_TEST(g.bot("GET", g.channel_path() + "/messages/" + posted).code() == 50013);
}

BOOST_AUTO_TEST_CASE(files_and_embeds_need_their_permissions) {
  weak_fixture g;
  g.overwrite_everyone(0, permission::attach_files | permission::embed_links);
  auto path = g.channel_path() + "/messages";
  BOOST_TEST(g.upload("POST", path, {{"content", "x"}}, {{"a", "b"}}, g.bot_header()).code() == 50013);
  BOOST_TEST(g.bot("POST", path, {{"embeds", {{{"title", "t"}}}}}).code() == 50013);
  BOOST_TEST(g.bot("POST", path, {{"content", "x"}}).status == 200);
}

BOOST_AUTO_TEST_CASE(foreign_messages_need_manage_messages_to_delete_and_cannot_be_edited) {
  weak_fixture g;
  auto posted = g.owner("POST", g.channel_path() + "/messages", {{"content", "x"}}).id();
  auto path = g.channel_path() + "/messages/" + posted;
  BOOST_TEST(g.bot("PATCH", path, {{"content", "y"}}).code() == 50005);
  BOOST_TEST(g.bot("PATCH", path, {{"flags", 4}}).code() == 50013);
  BOOST_TEST(g.bot("DELETE", path).code() == 50013);
  g.overwrite_bot(permission::manage_messages, 0);
  BOOST_TEST(g.bot("PATCH", path, {{"flags", 4}}).at("flags").as_int64() == 4);
  BOOST_TEST(g.bot("DELETE", path).status == 204);
}

BOOST_AUTO_TEST_CASE(a_member_overwrite_goes_over_a_role_overwrite_over_everyone) {
  weak_fixture g;
  g.overwrite_everyone(0, permission::send_messages);
  auto role = g.owner("GET", "/guilds/" + g.guild_id() + "/roles").str("1.id");
  g.put(role, 0, permission::send_messages, 0);
  BOOST_TEST(g.post("x").status == 200);
  g.overwrite_bot(0, permission::send_messages);
  BOOST_TEST(g.post("x").code() == 50013);
  BOOST_TEST(g.owner("DELETE", g.channel_path() + "/permissions/" + g.application_id()).status == 204);
  BOOST_TEST(g.post("x").status == 200);
}

BOOST_AUTO_TEST_CASE(administrators_and_the_owner_are_beyond_overwrites) {
  guild_fixture g;
  g.owner("PUT", g.channel_path() + "/permissions/" + g.guild_id(), {{"type", 0}, {"deny", "1024"}});
  BOOST_TEST(g.post("x").status == 200);
  BOOST_TEST(g.owner("GET", g.channel_path()).status == 200);
}

BOOST_AUTO_TEST_CASE(nobody_grants_what_he_does_not_have) {
  weak_fixture g(permission::manage_channels | permission::manage_roles);
  auto path = g.channel_path() + "/permissions/" + g.guild_id();
  BOOST_TEST(g.bot("PUT", path, {{"type", 0}, {"allow", "1024"}}).status == 204);
  BOOST_TEST(g.bot("PUT", path, {{"type", 0}, {"allow", "8"}}).code() == 50013);
  json::value form{{"name", "a"}, {"permission_overwrites", {{{"id", g.guild_id()}, {"deny", "8192"}}}}};
  BOOST_TEST(g.bot("POST", "/guilds/" + g.guild_id() + "/channels", form).code() == 50013);
}

BOOST_AUTO_TEST_CASE(overwrites_can_be_listed_replaced_and_removed) {
  guild_fixture g;
  auto path = g.channel_path() + "/permissions/";
  BOOST_TEST(g.bot("PUT", path + g.guild_id(), {{"type", 0}, {"deny", "2048"}}).status == 204);
  BOOST_TEST(g.bot("PUT", path + g.guild_id(), {{"type", 0}, {"deny", "1024"}, {"allow", nullptr}}).status ==
             204);
  auto shown = g.bot("GET", g.channel_path());
  BOOST_TEST(shown.at("permission_overwrites").as_array().size() == 1u);
  BOOST_TEST(shown.str("permission_overwrites.0.deny") == "1024");
  BOOST_TEST(g.bot("PUT", path + "5", {{"type", 0}}).code() == 10011);
  BOOST_TEST(g.bot("PUT", path + "5", {{"type", 1}}).code() == 10007);
  BOOST_TEST(g.bot("PUT", path + g.guild_id(), {{"type", 2}}).code() == 50035);
  BOOST_TEST(g.bot("DELETE", path + g.guild_id()).status == 204);
  BOOST_TEST(g.bot("DELETE", path + g.guild_id()).code() == 10009);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
