// Reactions: what adding, removing, listing and clearing promise and refuse.

#include <boost/test/unit_test.hpp>

#include "guild/emoji.hpp"
#include "guild/guild_fixture.hpp"
#include "guild/permissions.hpp"

namespace dbcord::guild::test {
namespace {

constexpr auto thumb = "%F0%9F%91%8D";
constexpr auto heart = "%E2%9D%A4%EF%B8%8F";

struct reaction_fixture : guild_fixture {
  explicit reaction_fixture(core_options options = default_options()) : guild_fixture(std::move(options)) {
    message = post("rate me").id();
  }
  std::string path(std::string_view rest = "") const {
    return channel_path() + "/messages/" + message + "/reactions" + std::string(rest);
  }
  std::string path(const char* emoji, std::string_view rest) const {
    return path("/" + std::string(emoji) + std::string(rest));
  }
  answer react(const char* emoji) { return bot("PUT", path(emoji, "/@me")); }
  answer shown() { return bot("GET", channel_path() + "/messages/" + message); }

  std::string message;
};

BOOST_FIXTURE_TEST_SUITE(core_reaction, reaction_fixture)

BOOST_AUTO_TEST_CASE(emoji_are_told_from_other_text) {
  for (auto text : {"👍", "❤️", "1️⃣", "👨‍👩‍👧‍👦", "🇨🇭",
                    "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©️", "⚙"})
    BOOST_TEST(is_unicode_emoji(text), text);
  for (auto text : {"", "a", "1", "name:123", "ü", "\xFF", "\xEF\xB8\x8F", "👍a", "日"})
    BOOST_TEST(!is_unicode_emoji(text), text);
}

BOOST_AUTO_TEST_CASE(reactions_are_counted_and_kept) {
  BOOST_TEST(!has(shown().body, "reactions"));
  BOOST_TEST(react(thumb).status == 204);
  owner("PUT", path(thumb, "/@me"));
  react(heart);
  auto message_now = shown();
  BOOST_TEST(message_now.at("reactions").as_array().size() == 2u);
  BOOST_TEST(message_now.at("reactions.0.count").as_int64() == 2);
  BOOST_TEST(message_now.at("reactions.0.count_details.normal").as_int64() == 2);
  BOOST_TEST(message_now.at("reactions.0.me").as_bool());
  BOOST_TEST(message_now.str("reactions.0.emoji.name") == "👍");
  BOOST_TEST(message_now.at("reactions.0.emoji.id").is_null());
  BOOST_TEST(!owner("GET", channel_path() + "/messages/" + message).at("reactions.1.me").as_bool());
  restart();
  BOOST_TEST(shown().text == message_now.text);
  bot("PATCH", channel_path() + "/messages/" + message, {{"content", "edited"}});
  BOOST_TEST(shown().at("reactions").as_array().size() == 2u);
}

BOOST_AUTO_TEST_CASE(reacting_twice_changes_nothing) {
  react(thumb);
  auto before = records.size();
  BOOST_TEST(react(thumb).status == 204);
  BOOST_TEST(records.size() == before);
}

BOOST_AUTO_TEST_CASE(the_events_are_complete) {
  connect_bot(1, all_intents | 1 << 10);
  connect_bot(2);
  react(thumb);
  auto added = take_events(1, "MESSAGE_REACTION_ADD");
  BOOST_REQUIRE_EQUAL(added.size(), 1u);
  for (auto key : {"user_id", "channel_id", "message_id", "guild_id", "member.user.id", "emoji.name",
                   "message_author_id", "burst", "type"}) {
    BOOST_TEST(has(added[0], key), key);
  }
  BOOST_TEST(take_frames(2).empty());
  bot("DELETE", path(thumb, "/@me"));
  auto removed = take_events(1, "MESSAGE_REACTION_REMOVE");
  BOOST_REQUIRE_EQUAL(removed.size(), 1u);
  BOOST_TEST(!has(removed[0], "member"));
  react(thumb), react(heart);
  take_frames(1);
  bot("DELETE", path(thumb, ""));
  auto emoji = take_events(1, "MESSAGE_REACTION_REMOVE_EMOJI");
  BOOST_REQUIRE_EQUAL(emoji.size(), 1u);
  BOOST_TEST(at(emoji[0], "emoji.name").as_string() == "👍");
  bot("DELETE", path());
  auto all = take_events(1, "MESSAGE_REACTION_REMOVE_ALL");
  BOOST_REQUIRE_EQUAL(all.size(), 1u);
  BOOST_TEST(!has(all[0], "emoji"));
  BOOST_TEST(!has(shown().body, "reactions"));
}

BOOST_AUTO_TEST_CASE(who_reacted_is_listed_page_by_page) {
  react(thumb);
  owner("PUT", path(thumb, "/@me"));
  auto all = bot("GET", path(thumb, ""));
  BOOST_REQUIRE_EQUAL(all.body.as_array().size(), 2u);
  auto first = bot("GET", path(thumb, "?limit=1"));
  BOOST_TEST(first.body.as_array().size() == 1u);
  auto rest = bot("GET", path(thumb, "?after=" + first.str("0.id")));
  BOOST_TEST(rest.str("0.id") == all.str("1.id"));
  BOOST_TEST(bot("GET", path(thumb, "?type=1")).body.as_array().empty());
  BOOST_TEST(bot("GET", path(heart, "")).body.as_array().empty());
  BOOST_TEST(bot("GET", path(thumb, "?limit=101")).code() == 50035);
}

BOOST_AUTO_TEST_CASE(unknown_emoji_and_messages_are_refused) {
  auto refused = bot("PUT", path("smile:12345", "/@me"));
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(refused.code() == 10014);
  BOOST_TEST(bot("PUT", path("x", "/@me")).code() == 10014);
  BOOST_TEST(bot("DELETE", path(thumb, "/@me")).code() == 10014);
  message = "1";
  BOOST_TEST(react(thumb).code() == 10008);
}

BOOST_AUTO_TEST_CASE(a_message_has_room_for_twenty_different_emoji) {
  for (int i = 0; i < 20; ++i) {
    auto emoji = "%F0%9F%98%" + std::string(i < 16 ? "8" : "9") + "0123456789ABCDEF"[i % 16];
    BOOST_REQUIRE_EQUAL(react(emoji.c_str()).status, 204);
  }
  BOOST_TEST(react(thumb).code() == 30010);
  BOOST_TEST(owner("PUT", path("%F0%9F%98%80", "/@me")).status == 204);
}

BOOST_AUTO_TEST_CASE(archived_threads_take_none) {
  auto thread = bot("POST", channel_path() + "/messages/" + message + "/threads", {{"name", "t"}}).id();
  auto inside = bot("POST", "/channels/" + thread + "/messages", {{"content", "x"}}).id();
  bot("PATCH", "/channels/" + thread, {{"archived", true}});
  auto refused = bot("PUT", "/channels/" + thread + "/messages/" + inside + "/reactions/" + thumb + "/@me");
  BOOST_TEST(refused.code() == 50083);
}

BOOST_AUTO_TEST_CASE(a_new_emoji_needs_add_reactions_and_others_need_manage_messages) {
  auto options = default_options();
  options.bot_permissions = 0;
  reaction_fixture weak(options);
  auto deny = std::to_string(permission::add_reactions);
  weak.owner("PUT", weak.channel_path() + "/permissions/" + weak.application_id(),
             {{"type", 1}, {"allow", "0"}, {"deny", deny}});
  BOOST_TEST(weak.react(thumb).code() == 50013);
  weak.owner("PUT", weak.path(thumb, "/@me"));
  BOOST_TEST(weak.react(thumb).status == 204);
  auto person = weak.owner("GET", "/users/@me").id();
  BOOST_TEST(weak.bot("DELETE", weak.path(thumb, "/" + person)).code() == 50013);
  BOOST_TEST(weak.bot("DELETE", weak.path(thumb, "/" + weak.application_id())).status == 204);
  BOOST_TEST(weak.bot("DELETE", weak.path()).code() == 50013);
  BOOST_TEST(weak.owner("DELETE", weak.path(thumb, "/" + person)).status == 204);
}

BOOST_AUTO_TEST_CASE(all_forms_share_one_limit) {
  auto options = default_options();
  options.rate_limits = true;
  reaction_fixture g(options);
  BOOST_TEST(g.react(thumb).status == 204);
  BOOST_TEST(g.bot("DELETE", g.path(thumb, "/@me")).status == 429);
  g.advance(milliseconds(250));
  BOOST_TEST(g.bot("DELETE", g.path(thumb, "/@me")).status == 204);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
