// Messages: what create, edit and delete promise and refuse.

#include <boost/test/unit_test.hpp>

#include "dbcord/base/time_text.hpp"
#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

struct message_fixture : guild_fixture {
  std::string messages() const { return channel_path() + "/messages"; }
  answer create(const json::value& body) { return bot("POST", messages(), body); }
};

std::string repeat(std::string_view text, int times) {
  std::string made;
  for (int i = 0; i < times; ++i) made += text;
  return made;
}

BOOST_FIXTURE_TEST_SUITE(core_message, message_fixture)

BOOST_AUTO_TEST_CASE(a_message_object_is_complete) {
  auto made = post("hello");
  BOOST_REQUIRE_EQUAL(made.status, 200);
  for (auto key :
       {"id", "channel_id", "author", "content", "timestamp", "edited_timestamp", "tts", "mention_everyone",
        "mentions", "mention_roles", "attachments", "embeds", "components", "pinned", "flags", "type"}) {
    BOOST_TEST(has(made.body, key), key);
  }
  // null or absent objects that discord.js takes amiss
  for (auto key :
       {"message_reference", "activity", "application", "resolved", "guild_id", "member", "nonce"}) {
    BOOST_TEST(!has(made.body, key), key);
  }
  BOOST_TEST(made.str("timestamp") == base::to_iso8601(now));
  BOOST_TEST(made.str("author.id") == application_id());
  BOOST_TEST(bot("GET", messages() + "/" + made.id()).text == made.text);
}

BOOST_AUTO_TEST_CASE(the_event_has_guild_member_and_channel_type) {
  connect_bot(1);
  auto made = post("hello");
  auto events = take_events(1, "MESSAGE_CREATE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(at(events[0], "id").as_string() == made.id());
  BOOST_TEST(at(events[0], "guild_id").as_string() == guild_id());
  BOOST_TEST(at(events[0], "channel_type").as_int64() == 0);
  BOOST_TEST(has(events[0], "member.roles.0"));
  BOOST_TEST(!has(events[0], "member.user"));
}

BOOST_AUTO_TEST_CASE(content_is_trimmed_and_counted_in_code_points) {
  BOOST_TEST(create({{"content", " \n\u00A0x y \u2003\n"}}).str("content") == "x y");
  BOOST_TEST(create({{"content", "a\u0007b\u202Ec\r\nd"}}).str("content") == "abc\nd");
  BOOST_TEST(create({{"content", repeat("😀", 2000)}}).status == 200);
  auto refused = create({{"content", repeat("😀", 2001)}});
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(refused.at("errors.content._errors.0.code").as_string() == "BASE_TYPE_MAX_LENGTH");
}

BOOST_AUTO_TEST_CASE(an_empty_message_is_refused) {
  BOOST_TEST(create({{"content", "  \n "}}).code() == 50006);
  BOOST_TEST(create(json::object()).code() == 50006);
  BOOST_TEST(create({{"embeds", json::array()}}).code() == 50006);
  BOOST_TEST(bot("POST", messages()).code() == 50006);
}

BOOST_AUTO_TEST_CASE(broken_bodies_have_their_codes) {
  auto send = [&](std::string body, std::string type) {
    return request("POST", "/api/v10" + messages(), std::move(body), bot_header(), std::move(type));
  };
  BOOST_TEST(send("{", "application/json").code() == 50109);
  BOOST_TEST(send("\"\xFF\"", "application/json").code() == 50109);
  BOOST_TEST(send("[]", "application/json").code() == 50035);
  BOOST_TEST(send("x", "text/plain").code() == 50035);
  BOOST_TEST(send("x", "multipart/form-data; boundary=B").code() == 50035);
  BOOST_TEST(create({{"content", 5}}).code() == 50035);
}

BOOST_AUTO_TEST_CASE(only_two_flags_can_be_set_by_a_create) {
  BOOST_TEST(create({{"content", "x"}, {"flags", 0xFFFF}}).at("flags").as_int64() == (4 | 4096));
  BOOST_TEST(create({{"content", "x"}, {"flags", "a"}}).code() == 50035);
}

BOOST_AUTO_TEST_CASE(embeds_are_kept_trimmed_and_limited) {
  auto made = create({{"embeds",
                       {{{"title", " t "},
                         {"type", "video"},
                         {"color", 7},
                         {"unknown", 1},
                         {"fields", {{{"name", "n"}, {"value", "v"}}}}}}}});
  BOOST_REQUIRE_EQUAL(made.status, 200);
  BOOST_TEST(made.str("embeds.0.title") == "t");
  BOOST_TEST(made.str("embeds.0.type") == "rich");
  BOOST_TEST(made.at("embeds.0.fields.0.inline").as_bool() == false);
  BOOST_TEST(!has(made.body, "embeds.0.unknown"));
  auto embed = [&](const json::object& e) { return create({{"embeds", {e}}}); };
  BOOST_TEST(has(embed({{"title", std::string(257, 'a')}}).body, "errors.embeds.0.title"));
  BOOST_TEST(has(embed({{"description", std::string(4097, 'a')}}).body, "errors.embeds.0.description"));
  BOOST_TEST(has(embed({{"title", "x"}, {"url", "ftp://x"}}).body, "errors.embeds.0.url"));
  BOOST_TEST(has(embed({{"title", "x"}, {"color", 16777216}}).body, "errors.embeds.0.color"));
  BOOST_TEST(has(embed({{"fields", {{{"name", "n"}}}}}).body, "errors.embeds.0.fields.0.value"));
  BOOST_TEST(has(embed({}).body, "errors.embeds.0.description"));
  json::array eleven(11, json::object{{"title", "t"}});
  BOOST_TEST(has(create({{"embeds", eleven}}).body, "errors.embeds._errors"));
}

BOOST_AUTO_TEST_CASE(all_embeds_together_have_at_most_six_thousand_characters) {
  json::object big{{"description", std::string(3000, 'a')}};
  BOOST_TEST(create({{"embeds", {big, big}}}).status == 200);
  auto refused = create({{"embeds", {big, big, json::object{{"title", "b"}}}}});
  BOOST_TEST(refused.at("errors.embeds._errors.0.code").as_string() == "MAX_EMBED_SIZE_EXCEEDED");
}

BOOST_AUTO_TEST_CASE(mentions_are_found_as_far_as_they_are_allowed) {
  auto text = "<@" + application_id() + "> <@!1> <@&" + guild_id() + "> @everyone <@";
  auto all = create({{"content", text}});
  BOOST_TEST(all.str("mentions.0.id") == application_id());
  BOOST_TEST(all.at("mentions").as_array().size() == 1u);
  BOOST_TEST(all.at("mention_everyone").as_bool());
  auto none = create({{"content", text}, {"allowed_mentions", {{"parse", json::array()}}}});
  BOOST_TEST(none.at("mentions").as_array().empty());
  BOOST_TEST(!none.at("mention_everyone").as_bool());
  auto listed = create({{"content", text}, {"allowed_mentions", {{"users", {application_id()}}}}});
  BOOST_TEST(listed.at("mentions").as_array().size() == 1u);
  json::value twice{{"parse", {"users"}}, {"users", {application_id()}}};
  BOOST_TEST(create({{"content", text}, {"allowed_mentions", twice}}).code() == 50035);
}

BOOST_AUTO_TEST_CASE(a_reply_shows_what_it_answers) {
  auto first = post("first");
  auto reply = create({{"content", "second"}, {"message_reference", {{"message_id", first.id()}}}});
  BOOST_TEST(reply.at("type").as_int64() == 19);
  BOOST_TEST(reply.str("referenced_message.content") == "first");
  BOOST_TEST(create({{"content", "x"}, {"message_reference", {{"message_id", "5"}}}}).code() == 50035);
  bot("DELETE", messages() + "/" + first.id());
  BOOST_TEST(bot("GET", messages() + "/" + reply.id()).at("referenced_message").is_null());
}

BOOST_AUTO_TEST_CASE(an_edit_replaces_what_it_names_and_sets_the_time) {
  auto made = create({{"content", "a"}, {"embeds", {{{"title", "t"}}}}});
  auto path = messages() + "/" + made.id();
  connect_bot(1);
  advance(seconds(5));
  auto edited = bot("PATCH", path, {{"content", "b"}});
  BOOST_TEST(edited.str("content") == "b");
  BOOST_TEST(edited.str("embeds.0.title") == "t");
  BOOST_TEST(edited.str("edited_timestamp") == base::to_iso8601(now));
  BOOST_TEST(edited.str("timestamp") == made.str("timestamp"));
  BOOST_TEST(take_events(1, "MESSAGE_UPDATE").size() == 1u);
  BOOST_TEST(bot("PATCH", path, {{"embeds", nullptr}}).at("embeds").as_array().empty());
  BOOST_TEST(bot("PATCH", path, {{"content", ""}}).code() == 50006);
  BOOST_TEST(bot("PATCH", path, {{"flags", 4}}).at("flags").as_int64() == 4);
  BOOST_TEST(bot("PATCH", path, {{"flags", 0}}).at("flags").as_int64() == 0);
  BOOST_TEST(bot("PATCH", messages() + "/5", {{"content", "b"}}).code() == 10008);
}

BOOST_AUTO_TEST_CASE(a_deleted_message_is_gone_and_deleting_it_again_says_so) {
  connect_bot(1);
  auto path = messages() + "/" + post("x").id();
  BOOST_TEST(bot("DELETE", path).status == 204);
  BOOST_TEST(bot("GET", path).code() == 10008);
  BOOST_TEST(bot("DELETE", path).code() == 10008);
  auto events = take_events(1, "MESSAGE_DELETE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(at(events[0], "guild_id").as_string() == guild_id());
}

BOOST_AUTO_TEST_CASE(bulk_delete_takes_two_to_a_hundred_and_ignores_unknown_ids) {
  auto a = post("a").id(), b = post("b").id();
  auto bulk = [&](const json::array& ids) {
    return bot("POST", messages() + "/bulk-delete", {{"messages", ids}});
  };
  connect_bot(1);
  BOOST_TEST(bulk({a}).code() == 50016);
  BOOST_TEST(bulk(json::array(101, json::value(a))).code() == 50016);
  BOOST_TEST(bulk({a, a}).code() == 50035);
  BOOST_TEST(bulk({a, "x"}).code() == 50035);
  auto unknown = post("c").id();
  bot("DELETE", messages() + "/" + unknown);
  take_frames(1);
  BOOST_TEST(bulk({a, b, unknown}).status == 204);
  auto events = take_events(1, "MESSAGE_DELETE_BULK");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(at(events[0], "ids").as_array().size() == 2u);
  BOOST_TEST(bot("GET", messages()).text == "[]");
}

BOOST_AUTO_TEST_CASE(bulk_delete_refuses_everything_if_one_is_older_than_two_weeks) {
  auto old = post("old").id();
  advance(hours(14 * 24));
  auto young = post("young").id();
  json::value body{{"messages", {old, young}}};
  BOOST_TEST(bot("POST", messages() + "/bulk-delete", body).code() == 50034);
  BOOST_TEST(bot("GET", messages()).body.as_array().size() == 2u);
}

BOOST_AUTO_TEST_CASE(categories_take_no_messages) {
  auto category = bot("POST", "/guilds/" + guild_id() + "/channels", {{"name", "c"}, {"type", 4}}).id();
  BOOST_TEST(bot("POST", "/channels/" + category + "/messages", {{"content", "x"}}).code() == 50008);
}

BOOST_AUTO_TEST_CASE(ids_rise_when_the_clock_steps_back) {
  auto first = std::stoull(post("a").id());
  now -= hours(1);
  BOOST_TEST(std::stoull(post("b").id()) > first);
  restart();
  BOOST_TEST(std::stoull(post("c").id()) > first + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
