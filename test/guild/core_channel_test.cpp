// Channels: creation with its rules, changes, deletion, events.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

struct channel_fixture : guild_fixture {
  answer create(const json::value& body) { return bot("POST", "/guilds/" + guild_id() + "/channels", body); }
};

BOOST_FIXTURE_TEST_SUITE(core_channel, channel_fixture)

BOOST_AUTO_TEST_CASE(a_created_channel_is_listed_and_everybody_hears_of_it) {
  connect_bot(1);
  connect_owner(2);
  auto category = create({{"name", "dbcord Main"}, {"type", 4}});
  BOOST_REQUIRE_EQUAL(category.status, 201);
  BOOST_TEST(category.str("name") == "dbcord Main");
  auto made =
      create({{"name", "table-users"}, {"topic", "id 7"}, {"parent_id", category.id()}, {"nsfw", true}});
  BOOST_REQUIRE_EQUAL(made.status, 201);
  BOOST_TEST(made.str("parent_id") == category.id());
  BOOST_TEST(made.str("topic") == "id 7");
  BOOST_TEST(made.at("last_message_id").is_null());
  BOOST_TEST(bot("GET", "/channels/" + made.id()).text == made.text);
  BOOST_TEST(bot("GET", "/guilds/" + guild_id() + "/channels").body.as_array().size() == 3u);
  for (connection_id id : {1, 2}) BOOST_TEST(take_events(id, "CHANNEL_CREATE").size() == 2u);
}

BOOST_AUTO_TEST_CASE(names_of_text_channels_are_normalised) {
  BOOST_TEST(create({{"name", "Joey's Cool Channel"}}).str("name") == "joeys-cool-channel");
  BOOST_TEST(create({{"name", " A--b  c_D "}}).str("name") == "a-b-c_d");
  BOOST_TEST(create({{"name", "größe✓"}}).str("name") == "größe✓");
  BOOST_TEST(create({{"name", "!!!"}}).at("errors.name._errors.0.code").as_string() ==
             "BASE_TYPE_BAD_LENGTH");
}

BOOST_AUTO_TEST_CASE(a_form_error_names_its_field) {
  BOOST_TEST(create({{"topic", "x"}}).at("errors.name._errors.0.code").as_string() == "BASE_TYPE_REQUIRED");
  BOOST_TEST(has(create({{"name", std::string(101, 'a')}}).body, "errors.name"));
  BOOST_TEST(has(create({{"name", "a"}, {"topic", std::string(1025, 'a')}}).body, "errors.topic"));
  BOOST_TEST(has(create({{"name", "a"}, {"type", 2}}).body, "errors.type"));
  BOOST_TEST(has(create({{"name", "a"}, {"rate_limit_per_user", 21601}}).body, "errors.rate_limit_per_user"));
  BOOST_TEST(has(create({{"name", "a"}, {"parent_id", channel_id()}}).body, "errors.parent_id"));
  BOOST_TEST(has(create({{"name", "a"}, {"permission_overwrites", {{{"id", "5"}}}}}).body,
                 "errors.permission_overwrites.0.id"));
  BOOST_TEST(bot("POST", "/guilds/" + guild_id() + "/channels", json::array()).code() == 50035);
}

BOOST_AUTO_TEST_CASE(a_category_holds_fifty_channels) {
  auto category = create({{"name", "c"}, {"type", 4}}).id();
  for (int i = 0; i < 50; ++i)
    BOOST_REQUIRE_EQUAL(create({{"name", "a"}, {"parent_id", category}}).status, 201);
  auto refused = create({{"name", "a"}, {"parent_id", category}});
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(refused.at("errors.parent_id._errors.0.code").as_string() == "CHANNEL_PARENT_MAX_CHANNELS");
}

BOOST_AUTO_TEST_CASE(a_guild_holds_five_hundred_channels) {
  for (int i = 1; i < 500; ++i) BOOST_REQUIRE_EQUAL(create({{"name", "a"}}).status, 201);
  BOOST_TEST(create({{"name", "a"}}).code() == 30013);
}

BOOST_AUTO_TEST_CASE(an_edit_changes_what_it_names_and_nothing_else) {
  auto made = create({{"name", "a"}, {"topic", "t"}});
  connect_bot(1);
  auto changed = bot("PATCH", "/channels/" + made.id(), {{"name", "B b"}});
  BOOST_TEST(changed.str("name") == "b-b");
  BOOST_TEST(changed.str("topic") == "t");
  BOOST_TEST(take_events(1, "CHANNEL_UPDATE").size() == 1u);
  BOOST_TEST(bot("PATCH", "/channels/" + made.id(), {{"topic", nullptr}}).at("topic").is_null());
  BOOST_TEST(bot("PATCH", "/channels/" + made.id(), {{"name", nullptr}}).code() == 50035);
  BOOST_TEST(bot("PATCH", "/channels/1", {{"name", "x"}}).code() == 10003);
}

BOOST_AUTO_TEST_CASE(deleting_a_category_keeps_its_channels) {
  auto category = create({{"name", "c"}, {"type", 4}}).id();
  auto child = create({{"name", "a"}, {"parent_id", category}}).id();
  connect_bot(1);
  auto deleted = bot("DELETE", "/channels/" + category);
  BOOST_TEST(deleted.status == 200);
  BOOST_TEST(deleted.id() == category);
  BOOST_TEST(bot("GET", "/channels/" + category).code() == 10003);
  BOOST_TEST(bot("GET", "/channels/" + child).at("parent_id").is_null());
  auto frames = take_frames(1);
  BOOST_REQUIRE_EQUAL(frames.size(), 2u);
  BOOST_TEST(at(frames[0], "t").as_string() == "CHANNEL_DELETE");
  BOOST_TEST(at(frames[1], "t").as_string() == "CHANNEL_UPDATE");
  BOOST_TEST(at(frames[1], "d.id").as_string() == child);
  restart();
  BOOST_TEST(bot("GET", "/channels/" + child).at("parent_id").is_null());
}

BOOST_AUTO_TEST_CASE(deleting_a_channel_takes_its_messages_and_files_with_it) {
  auto made = create({{"name", "a"}}).id();
  auto posted =
      upload("POST", "/channels/" + made + "/messages", {{"content", "x"}}, {{"a.txt", "1"}}, bot_header());
  auto url = posted.str("attachments.0.url");
  BOOST_TEST(bot("DELETE", "/channels/" + made).status == 200);
  BOOST_TEST(bot("GET", "/channels/" + made + "/messages").code() == 10003);
  BOOST_TEST(download(url).status == 404);
  BOOST_TEST(forgotten.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_last_message_id_is_kept_but_not_announced) {
  connect_bot(1);
  auto posted = post("x").id();
  BOOST_TEST(bot("GET", channel_path()).str("last_message_id") == posted);
  BOOST_TEST(take_events(1, "CHANNEL_UPDATE").empty());
  bot("DELETE", channel_path() + "/messages/" + posted);
  BOOST_TEST(bot("GET", channel_path()).str("last_message_id") == posted);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
