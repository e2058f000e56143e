// Roles and members: making, changing, giving them, and who may.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"
#include "guild/permissions.hpp"

namespace dbcord::guild::test {
namespace {

struct role_fixture : guild_fixture {
  explicit role_fixture(std::uint64_t bits = permission::administrator) : guild_fixture(with(bits)) {
    me = application_id();
    person = owner("GET", "/users/@me").id();
  }
  static core_options with(std::uint64_t bits) {
    auto made = default_options();
    made.bot_permissions = bits;
    return made;
  }
  std::string guild(std::string_view rest) const { return "/guilds/" + guild_id() + std::string(rest); }
  std::string roles(std::string_view id = "") const {
    return guild(id.empty() ? "/roles" : "/roles/" + std::string(id));
  }
  std::string member(std::string_view id, std::string_view rest = "") const {
    return guild("/members/" + std::string(id) + std::string(rest));
  }
  std::string make(json::object body = {{"name", "readers"}}) {
    auto made = owner("POST", roles(), body);
    BOOST_REQUIRE_MESSAGE(made.status == 200, made.text);
    return made.id();
  }
  std::string bots_role() { return bot("GET", member(me)).str("roles.0"); }

  std::string me, person;
};

BOOST_FIXTURE_TEST_SUITE(core_role, role_fixture)

BOOST_AUTO_TEST_CASE(a_role_is_made_changed_and_deleted_and_all_are_told) {
  connect_bot(1);
  auto made =
      bot("POST", roles(), {{"name", "readers"}, {"color", 255}, {"hoist", true}, {"permissions", "1024"}});
  BOOST_REQUIRE_EQUAL(made.status, 200);
  for (auto key : {"id", "name", "color", "colors.primary_color", "hoist", "icon", "unicode_emoji",
                   "position", "permissions", "managed", "mentionable", "flags"}) {
    BOOST_TEST(has(made.body, key), key);
  }
  BOOST_TEST(made.str("permissions") == "1024");
  BOOST_TEST(at(take_events(1, "GUILD_ROLE_CREATE").at(0), "role.id").as_string() == made.id());
  auto changed = bot("PATCH", roles(made.id()), {{"name", "writers"}, {"mentionable", true}});
  BOOST_TEST(changed.str("name") == "writers");
  BOOST_TEST(changed.at("color").as_int64() == 255);
  BOOST_TEST(at(take_events(1, "GUILD_ROLE_UPDATE").at(0), "role.name").as_string() == "writers");
  restart();
  connect_bot(1);
  BOOST_TEST(bot("GET", roles(made.id())).text == changed.text);
  BOOST_TEST(bot("GET", roles()).body.as_array().size() == 3u);
  BOOST_TEST(bot("DELETE", roles(made.id())).status == 204);
  BOOST_TEST(at(take_events(1, "GUILD_ROLE_DELETE").at(0), "role_id").as_string() == made.id());
  BOOST_TEST(bot("GET", roles(made.id())).code() == 10011);
  restart();
  BOOST_TEST(bot("GET", roles()).body.as_array().size() == 2u);
}

BOOST_AUTO_TEST_CASE(bad_forms_are_refused_field_by_field) {
  auto refused = bot("POST", roles(), {{"name", std::string(101, 'x')}, {"color", -1}, {"permissions", "x"}});
  BOOST_TEST(refused.code() == 50035);
  for (auto key : {"name", "color", "permissions"})
    BOOST_TEST(has(refused.body, std::string("errors.") + key), key);
  BOOST_TEST(bot("POST", roles()).str("name") == "new role");
}

BOOST_AUTO_TEST_CASE(a_guild_has_room_for_250_roles) {
  for (int i = 0; i < 248; ++i) make();
  BOOST_TEST(bot("POST", roles(), {{"name", "x"}}).code() == 30005);
}

BOOST_AUTO_TEST_CASE(managed_roles_and_everyone_cannot_go_or_be_given) {
  BOOST_TEST(owner("DELETE", roles(bots_role())).code() == 50028);
  BOOST_TEST(owner("DELETE", roles(guild_id())).code() == 50028);
  BOOST_TEST(owner("PUT", member(person, "/roles/" + bots_role())).code() == 50028);
  BOOST_TEST(owner("PUT", member(person, "/roles/123")).code() == 10011);
}

BOOST_AUTO_TEST_CASE(a_given_role_counts_and_a_taken_or_deleted_one_does_not) {
  role_fixture g(permission::manage_roles);
  auto id = g.make({{"name", "managers"}, {"permissions", std::to_string(permission::manage_channels)}});
  BOOST_TEST(g.bot("POST", g.guild("/channels"), {{"name", "a"}}).code() == 50013);
  g.connect_bot(1);
  BOOST_TEST(g.owner("PUT", g.member(g.me, "/roles/" + id)).status == 204);
  auto told = g.take_events(1, "GUILD_MEMBER_UPDATE");
  BOOST_REQUIRE_EQUAL(told.size(), 1u);
  BOOST_TEST(at(told[0], "roles").as_array().size() == 2u);
  BOOST_TEST(at(told[0], "user.id").as_string() == g.me);
  BOOST_TEST(g.bot("POST", g.guild("/channels"), {{"name", "a"}}).status == 201);
  g.restart();
  BOOST_TEST(g.bot("POST", g.guild("/channels"), {{"name", "b"}}).status == 201);
  BOOST_TEST(g.owner("DELETE", g.member(g.me, "/roles/" + id)).status == 204);
  BOOST_TEST(g.bot("POST", g.guild("/channels"), {{"name", "c"}}).code() == 50013);
  g.owner("PATCH", g.member(g.me), {{"roles", {id, g.bots_role()}}});
  BOOST_TEST(g.bot("POST", g.guild("/channels"), {{"name", "d"}}).status == 201);
  g.owner("DELETE", g.roles(id));
  BOOST_TEST(g.bot("GET", g.member(g.me)).at("roles").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_permissions_of_everyone_can_be_changed) {
  role_fixture g(0);
  BOOST_TEST(g.post("x").status == 200);
  g.owner("PATCH", g.roles(g.guild_id()), {{"permissions", "1024"}});
  BOOST_TEST(g.post("x").code() == 50013);
  g.restart();
  BOOST_TEST(g.post("x").code() == 50013);
}

BOOST_AUTO_TEST_CASE(a_bot_acts_below_its_own_role_and_with_its_own_bits_only) {
  role_fixture g(permission::manage_roles | permission::manage_nicknames);
  auto lower = g.make();
  auto higher = g.make({{"name", "chiefs"}});
  g.owner("PATCH", g.roles(), json::array{{{"id", higher}, {"position", 5}}});
  BOOST_TEST(g.bot("PATCH", g.roles(lower), {{"name", "x"}}).status == 200);
  BOOST_TEST(g.bot("PATCH", g.roles(higher), {{"name", "x"}}).code() == 50013);
  BOOST_TEST(g.bot("DELETE", g.roles(higher)).code() == 50013);
  BOOST_TEST(g.bot("PUT", g.member(g.me, "/roles/" + higher)).code() == 50013);
  BOOST_TEST(g.bot("PUT", g.member(g.person, "/roles/" + lower)).status == 204);
  BOOST_TEST(g.bot("PATCH", g.roles(), json::array{{{"id", lower}, {"position", 6}}}).code() == 50013);
  BOOST_TEST(
      g.bot("POST", g.roles(), {{"permissions", std::to_string(permission::manage_channels)}}).code() ==
      50013);
  BOOST_TEST(g.bot("PATCH", g.roles(lower), {{"permissions", "8"}}).code() == 50013);
  BOOST_TEST(g.bot("PATCH", g.member(g.person), {{"nick", "x"}}).code() == 50013);
  role_fixture weak(0);
  BOOST_TEST(weak.bot("POST", weak.roles()).code() == 50013);
}

BOOST_AUTO_TEST_CASE(positions_are_changed_together_and_answered_with_all) {
  auto a = make(), b = make();
  connect_bot(1);
  auto all = owner("PATCH", roles(), json::array{{{"id", a}, {"position", 3}}, {{"id", b}, {"position", 2}}});
  BOOST_TEST(all.body.as_array().size() == 4u);
  BOOST_TEST(take_events(1, "GUILD_ROLE_UPDATE").size() == 2u);
  BOOST_TEST(bot("PATCH", roles(), json::array{{{"id", "1"}, {"position", 3}}}).code() == 10011);
  BOOST_TEST(owner("PATCH", roles(), json::array{{{"id", guild_id()}, {"position", 3}}}).code() == 50035);
}

BOOST_AUTO_TEST_CASE(nicknames_are_set_and_kept) {
  BOOST_TEST(bot("PATCH", member("@me"), {{"nick", "  Storage "}}).str("nick") == "Storage");
  BOOST_TEST(owner("PATCH", member(me), {{"nick", "Store"}}).str("nick") == "Store");
  restart();
  BOOST_TEST(bot("GET", member(me)).str("nick") == "Store");
  BOOST_TEST(bot("PATCH", member("@me"), {{"nick", nullptr}}).at("nick").is_null());
  BOOST_TEST(bot("PATCH", member("@me"), {{"nick", std::string(33, 'x')}}).code() == 50035);
  BOOST_TEST(bot("PATCH", member("1"), {{"nick", "x"}}).code() == 10013);
}

BOOST_AUTO_TEST_CASE(nobody_here_can_be_timed_out_kicked_or_banned_and_that_is_said) {
  for (auto& who : {person, me}) {
    BOOST_TEST(owner("PATCH", member(who), {{"communication_disabled_until", "2030-01-01T00:00:00Z"}}).code() == 50013);
    BOOST_TEST(owner("PATCH", member(who), {{"communication_disabled_until", nullptr}}).status == 200);
    BOOST_TEST(bot("DELETE", member(who)).status == 405);
    BOOST_TEST(bot("PUT", guild("/bans/" + who), json::object()).status == 404);
  }
}

BOOST_AUTO_TEST_CASE(members_are_listed_for_people_and_privileged_bots) {
  BOOST_TEST(bot("GET", guild("/members?limit=10")).code() == 50001);
  auto all = owner("GET", guild("/members?limit=10"));
  BOOST_REQUIRE_EQUAL(all.body.as_array().size(), 2u);
  BOOST_TEST(owner("GET", guild("/members")).body.as_array().size() == 1u);
  BOOST_TEST(owner("GET", guild("/members?limit=10&after=" + all.str("0.user.id"))).body.as_array().size() ==
             1u);
  BOOST_TEST(bot("GET", guild("/members/search?query=DBC")).str("0.user.id") == me);
  BOOST_TEST(bot("GET", guild("/members/search?query=zzz")).body.as_array().empty());
  BOOST_TEST(bot("GET", guild("/members/search")).code() == 50035);
}

BOOST_AUTO_TEST_CASE(gaining_sight_by_a_role_brings_threads) {
  role_fixture g(0);
  auto id = g.make();
  auto put = [&](const std::string& who, const char* allow, const char* deny) {
    g.owner("PUT", g.channel_path() + "/permissions/" + who, {{"type", 0}, {"allow", allow}, {"deny", deny}});
  };
  put(g.guild_id(), "0", "1024");
  put(id, "1024", "0");
  auto thread = g.owner("POST", g.channel_path() + "/threads", {{"name", "t"}, {"type", 11}}).id();
  g.connect_bot(1);
  g.take_frames(1);
  g.owner("PUT", g.member(g.me, "/roles/" + id));
  auto synced = g.take_events(1, "THREAD_LIST_SYNC");
  BOOST_REQUIRE_EQUAL(synced.size(), 1u);
  BOOST_TEST(at(synced[0], "threads.0.id").as_string() == thread);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
