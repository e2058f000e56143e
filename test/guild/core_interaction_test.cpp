// The life of an interaction: options, callbacks, follow-ups, deadlines, ephemeral messages.

#include <boost/test/unit_test.hpp>

#include "guild/core_interaction_fixture.hpp"
#include "guild/interaction_table.hpp"

namespace dbcord::guild::test {
namespace {

json::object given(std::string_view name, json::value_ref value) {
  return {{"name", name}, {"value", value}};
}

BOOST_FIXTURE_TEST_SUITE(core_interaction, interaction_fixture)

BOOST_AUTO_TEST_CASE(the_bot_gets_everything_that_libraries_look_for) {
  auto i = start();
  for (auto key : {"id",
                   "application_id",
                   "type",
                   "version",
                   "token",
                   "guild_id",
                   "guild.id",
                   "channel_id",
                   "channel.id",
                   "channel.type",
                   "channel.permissions",
                   "member.user.id",
                   "member.permissions",
                   "app_permissions",
                   "locale",
                   "guild_locale",
                   "entitlements",
                   "authorizing_integration_owners.0",
                   "context",
                   "attachment_size_limit",
                   "data.id",
                   "data.name",
                   "data.type",
                   "data.guild_id"}) {
    BOOST_TEST(has(i.event, key), key);
  }
  BOOST_TEST(at(i.event, "data.id").as_string() == command);
  BOOST_TEST(at(i.event, "member.user.username").as_string() == "owner");
}

BOOST_AUTO_TEST_CASE(every_session_of_the_bot_gets_it) {
  advance(seconds(5));
  connect_bot(3);
  use();
  BOOST_TEST(take_events(1, "INTERACTION_CREATE").size() == 1u);
  BOOST_TEST(take_events(3, "INTERACTION_CREATE").size() == 1u);
}

BOOST_AUTO_TEST_CASE(options_of_every_type_are_passed_on_with_what_they_name) {
  define({option(3, "s"), option(4, "i"), option(5, "b"), option(10, "n"), option(6, "u"), option(7, "c"),
          option(8, "r"), option(9, "m")});
  auto i = start({given("s", "text"), given("i", 5.0), given("b", true), given("n", 1.5),
                  given("u", application_id()), given("c", channel_id()), given("r", guild_id()),
                  given("m", application_id())});
  BOOST_TEST(at(i.event, "data.options.1.value").as_int64() == 5);
  BOOST_TEST(at(i.event, "data.options.3.value").as_double() == 1.5);
  BOOST_TEST(at(i.event, "data.resolved.users." + application_id() + ".username").as_string() == "dbcord");
  BOOST_TEST(has(i.event, "data.resolved.members." + application_id() + ".roles"));
  BOOST_TEST(has(i.event, "data.resolved.channels." + channel_id()));
  BOOST_TEST(has(i.event, "data.resolved.roles." + guild_id()));
}

BOOST_AUTO_TEST_CASE(options_that_do_not_fit_the_command_are_refused_by_place) {
  auto bounded = option(4, "i");
  bounded["min_value"] = 1, bounded["max_value"] = 9;
  auto chosen = option(3, "c");
  chosen["choices"] = {{{"name", "n"}, {"value", "v"}}};
  define({option(3, "s", true), bounded, chosen, option(5, "b"), option(6, "u"), option(11, "f")});
  auto refused = [&](const json::array& options, std::string_view place) {
    auto answer = use(options);
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(has(answer.body, std::string("errors.data.options.") + std::string(place)), answer.text);
  };
  auto s = given("s", "x");
  refused({}, "_errors");
  refused({given("s", 5)}, "0.value");
  refused({given("s", std::string(6001, 'x'))}, "0.value");
  refused({{{"name", "s"}}}, "0.value");
  refused({s, s}, "1.name");
  refused({s, given("unknown", "x")}, "1.name");
  refused({s, {{"name", "b"}, {"type", 3}, {"value", true}}}, "1.type");
  refused({s, given("i", 10)}, "1.value");
  refused({s, given("i", 1.5)}, "1.value");
  refused({s, given("c", "w")}, "1.value");
  refused({s, given("b", "true")}, "1.value");
  refused({s, given("u", "5")}, "1.value");
  refused({s, given("f", "0")}, "1.value");
  refused({5}, "0.name");
  BOOST_TEST(use({given("s", std::string(6000, 'x')), given("i", 9), given("c", "v")}).status == 204);
}

BOOST_AUTO_TEST_CASE(sub_commands_are_required_and_checked_inside) {
  auto find = option(1, "find");
  find["options"] = json::array{option(3, "q", true)};
  define({find, option(1, "other")});
  BOOST_TEST(use({}).code() == 50035);
  json::object call{{"name", "find"}, {"type", 1}, {"options", json::array{given("q", "{}")}}};
  auto i = start({call});
  BOOST_TEST(at(i.event, "data.options.0.options.0.value").as_string() == "{}");
  call["options"] = json::array{};
  BOOST_TEST(has(use({call}).body, "errors.data.options.0.options._errors"));
}

BOOST_AUTO_TEST_CASE(an_uploaded_file_is_offered_to_the_bot_and_forgotten_in_the_end) {
  define({option(11, "file", true)});
  auto b = body({given("file", "0")});
  b["data"].as_object()["attachments"] = {{{"id", "0"}, {"filename", "rows.json"}}};
  BOOST_REQUIRE_EQUAL(
      upload("POST", "/interactions", b, {{"rows.json", "[1]"}}, credentials().owner_token).status, 204);
  auto events = take_events(1, "INTERACTION_CREATE");
  auto id = std::string(at(events[0], "data.options.0.value").as_string());
  auto place = "data.resolved.attachments." + id;
  BOOST_TEST(at(events[0], place + ".filename").as_string() == "rows.json");
  auto url = std::string(at(events[0], place + ".url").as_string());
  BOOST_TEST(download(url).text == "[1]");
  advance(interaction_table::token_life);
  BOOST_TEST(download(url).status == 404);
  BOOST_TEST(forgotten.size() == 1u);
}

BOOST_AUTO_TEST_CASE(too_large_a_file_is_refused) {
  auto options = default_options();
  options.upload_limit = 3;
  interaction_fixture g(options);
  g.define({option(11, "file", true)});
  auto used = g.upload("POST", "/interactions", g.body({given("file", "0")}), {{"a", "1234"}},
                       g.credentials().owner_token);
  BOOST_TEST(used.status == 413);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_used_is_refused) {
  auto b = body({});
  auto changed = [&](const char* key, const json::value& value) {
    auto copy = b;
    copy[key] = value;
    return owner("POST", "/interactions", copy);
  };
  BOOST_TEST(changed("application_id", "5").code() == 10002);
  BOOST_TEST(changed("guild_id", "5").code() == 10004);
  BOOST_TEST(changed("channel_id", "5").code() == 10003);
  BOOST_TEST(changed("type", 6).code() == 50035);
  BOOST_TEST(changed("data", nullptr).code() == 50035);
  b["data"].as_object()["id"] = "5";
  BOOST_TEST(owner("POST", "/interactions", b).code() == 10063);
  auto category = bot("POST", "/guilds/" + guild_id() + "/channels", {{"name", "c"}, {"type", 4}}).id();
  BOOST_TEST(changed("channel_id", json::value(category)).code() == 50024);
  b = body({});
  b["data"].as_object()["version"] = "5";
  BOOST_TEST(has(owner("POST", "/interactions", b).body, "errors.data.version"));
  BOOST_TEST(bot("POST", "/interactions", body({})).status == 403);
  BOOST_TEST(request("POST", "/api/v10/interactions", "{}").status == 401);
}

BOOST_AUTO_TEST_CASE(an_immediate_answer_is_a_message_of_the_application) {
  auto i = start();
  auto answered = callback(i, 4, {{"content", "done"}}, true);
  BOOST_REQUIRE_EQUAL(answered.status, 200);
  BOOST_TEST(answered.str("interaction.id") == i.id);
  BOOST_TEST(answered.str("resource.message.content") == "done");
  BOOST_TEST(answered.str("interaction.response_message_id") == answered.str("resource.message.id"));
  auto frames = take_frames(2);
  BOOST_REQUIRE_EQUAL(frames.size(), 2u);
  BOOST_TEST(at(frames[0], "t").as_string() == "INTERACTION_SUCCESS");
  BOOST_TEST(at(frames[0], "d.nonce").as_string() == "n1");
  auto& m = at(frames[1], "d");
  BOOST_TEST(at(m, "type").as_int64() == 20);
  BOOST_TEST(at(m, "application_id").as_string() == application_id());
  BOOST_TEST(at(m, "webhook_id").as_string() == application_id());
  BOOST_TEST(at(m, "interaction_metadata.id").as_string() == i.id);
  BOOST_TEST(at(m, "interaction_metadata.type").as_int64() == 2);
  BOOST_TEST(at(m, "interaction_metadata.user.username").as_string() == "owner");
  BOOST_TEST(!has(m, "member"));
  auto history = bot("GET", channel_path() + "/messages");
  BOOST_TEST(history.str("0.content") == "done");
  restart();
  BOOST_TEST(bot("GET", channel_path() + "/messages").text == history.text);
}

BOOST_AUTO_TEST_CASE(a_deferred_answer_loads_and_is_filled_by_an_edit) {
  auto i = start();
  BOOST_TEST(callback(i, 5).status == 204);
  auto loading = take_events(2, "MESSAGE_CREATE");
  BOOST_REQUIRE_EQUAL(loading.size(), 1u);
  BOOST_TEST(at(loading[0], "flags").as_int64() == 128);
  auto edited = follow("PATCH", i, "/messages/@original", {{"content", "done"}});
  BOOST_TEST(edited.status == 200);
  BOOST_TEST(edited.at("flags").as_int64() == 0);
  auto updates = take_events(2, "MESSAGE_UPDATE");
  BOOST_REQUIRE_EQUAL(updates.size(), 1u);
  BOOST_TEST(at(updates[0], "id").as_string() == edited.id());
  BOOST_TEST(follow("GET", i, "/messages/@original").str("content") == "done");
}

BOOST_AUTO_TEST_CASE(the_first_follow_up_of_a_deferred_answer_fills_it_the_next_is_new) {
  auto i = start();
  callback(i, 5, {{"flags", 64}});
  auto first = follow("POST", i, "", {{"content", "one"}});
  BOOST_TEST(first.at("flags").as_int64() == 64);
  auto second = follow("POST", i, "", {{"content", "two"}, {"flags", 64}});
  BOOST_TEST(second.id() != first.id());
  BOOST_TEST(second.str("interaction_metadata.original_response_message_id") == first.id());
  BOOST_TEST(follow("GET", i, "/messages/" + second.id()).str("content") == "two");
  BOOST_TEST(follow("PATCH", i, "/messages/" + second.id(), {{"content", "2"}}).str("content") == "2");
  BOOST_TEST(follow("DELETE", i, "/messages/" + second.id()).status == 204);
  BOOST_TEST(follow("GET", i, "/messages/" + second.id()).code() == 10008);
  auto events = take_events(2, "MESSAGE_DELETE");
  BOOST_TEST(events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(ephemeral_messages_are_for_the_application_and_the_user_only) {
  advance(seconds(5));
  connect_bot(3, 1 | 1 << 9 | 1 << 15);  // no DIRECT_MESSAGES
  auto before = records.size();
  auto i = start();
  callback(i, 4, {{"content", "secret"}, {"flags", 64}});
  BOOST_TEST(take_events(1, "MESSAGE_CREATE").size() == 1u);
  BOOST_TEST(take_events(3, "MESSAGE_CREATE").empty());
  auto mine = take_events(2, "MESSAGE_CREATE");
  BOOST_REQUIRE_EQUAL(mine.size(), 1u);
  BOOST_TEST(!has(mine[0], "guild_id"));
  auto id = std::string(at(mine[0], "id").as_string());
  BOOST_TEST(bot("GET", channel_path() + "/messages").text == "[]");
  BOOST_TEST(bot("GET", channel_path() + "/messages/" + id).code() == 10008);
  BOOST_TEST(bot("GET", channel_path()).at("last_message_id").is_null());
  for (auto r = before; r < records.size(); ++r) BOOST_TEST(records[r].find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_ephemeral_file_has_a_url_that_works_until_the_token_ends) {
  auto i = start();
  callback(i, 5, {{"flags", 64}});
  auto edited = upload("PATCH", webhook(i, "/messages/@original").substr(8), {{"content", "x"}},
                       {{"rows.json", "[]"}}, "");
  BOOST_REQUIRE_EQUAL(edited.status, 200);
  BOOST_TEST(edited.at("attachments.0.ephemeral").as_bool());
  auto url = edited.str("attachments.0.url");
  BOOST_TEST(download(url).text == "[]");
  advance(interaction_table::token_life);
  BOOST_TEST(download(url).status == 404);
  BOOST_TEST(forgotten.size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_an_answer_within_three_seconds_it_failed) {
  auto i = start();
  advance(seconds(3) - milliseconds(1));
  BOOST_TEST(take_events(2, "INTERACTION_FAILURE").empty());
  advance(milliseconds(1));
  auto failures = take_events(2, "INTERACTION_FAILURE");
  BOOST_REQUIRE_EQUAL(failures.size(), 1u);
  BOOST_TEST(at(failures[0], "id").as_string() == i.id);
  BOOST_TEST(at(failures[0], "nonce").as_string() == "n1");
  auto late = callback(i, 4, {{"content", "x"}});
  BOOST_TEST(late.status == 404);
  BOOST_TEST(late.code() == 10062);
}

BOOST_AUTO_TEST_CASE(a_callback_is_in_time_or_late_also_without_a_tick) {
  auto a = start(), b = start();
  now += seconds(3) - milliseconds(1);
  BOOST_TEST(callback(a, 5).status == 204);
  now += milliseconds(1);
  BOOST_TEST(callback(b, 5).code() == 10062);
  BOOST_TEST(take_events(2, "INTERACTION_FAILURE").size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_a_session_of_the_bot_it_fails_at_once) {
  disconnect(1, 1000);
  BOOST_TEST(use().status == 204);
  auto frames = take_frames(2);
  BOOST_REQUIRE_EQUAL(frames.size(), 2u);
  BOOST_TEST(at(frames[0], "t").as_string() == "INTERACTION_CREATE");
  BOOST_TEST(at(frames[1], "t").as_string() == "INTERACTION_FAILURE");
}

BOOST_AUTO_TEST_CASE(a_nonce_that_is_no_short_text_or_number_is_dropped) {
  for (auto& nonce : {json::value(json::array{1}), json::value(std::string(65, 'n'))}) {
    auto b = body({});
    b["nonce"] = nonce;
    owner("POST", "/interactions", b);
    BOOST_TEST(!has(take_events(2, "INTERACTION_CREATE").at(0), "nonce"));
  }
}

BOOST_AUTO_TEST_CASE(what_two_options_name_is_resolved_once) {
  define({option(6, "a"), option(6, "b")});
  use({given("a", application_id()), given("b", application_id())});
  auto events = take_events(1, "INTERACTION_CREATE");
  BOOST_TEST(at(events.at(0), "data.resolved.users").as_object().size() == 1u);
  BOOST_TEST(at(events.at(0), "data.resolved.members").as_object().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_second_callback_and_a_wrong_token_are_refused) {
  auto i = start();
  auto forged = i;
  forged.token += "x";
  BOOST_TEST(callback(forged, 5).code() == 10062);
  BOOST_TEST(callback(i, 5).status == 204);
  auto second = callback(i, 5);
  BOOST_TEST(second.status == 400);
  BOOST_TEST(second.code() == 40060);
}

BOOST_AUTO_TEST_CASE(a_refused_callback_leaves_the_interaction_open) {
  auto i = start();
  BOOST_TEST(callback(i, 4, {{"content", std::string(2001, 'x')}}).code() == 50035);
  BOOST_TEST(callback(i, 4).code() == 50006);
  BOOST_TEST(callback(i, 7, {{"content", "x"}}).code() == 50035);  // updates answer components only
  BOOST_TEST(callback(i, 99).code() == 50035);
  BOOST_TEST(callback(i, 4, {{"content", "x"}}).status == 204);
}

BOOST_AUTO_TEST_CASE(a_token_lives_fifteen_minutes) {
  auto i = start();
  BOOST_TEST(follow("POST", i, "", {{"content", "x"}}).code() == 10015);  // not before the callback
  callback(i, 4, {{"content", "x"}});
  advance(minutes(15) - milliseconds(1));
  BOOST_TEST(follow("PATCH", i, "/messages/@original", {{"content", "y"}}).status == 200);
  advance(milliseconds(1));
  auto late = follow("PATCH", i, "/messages/@original", {{"content", "z"}});
  BOOST_TEST(late.status == 401);
  BOOST_TEST(late.code() == 50027);
  BOOST_TEST(bot("GET", channel_path() + "/messages").str("0.content") == "y");
}

BOOST_AUTO_TEST_CASE(a_foreign_or_unknown_webhook_is_refused) {
  auto i = start();
  callback(i, 4, {{"content", "x"}});
  BOOST_TEST(request("GET", "/api/v10/webhooks/5/" + i.token + "/messages/@original").code() == 10015);
  BOOST_TEST(request("GET", "/api/v10/webhooks/" + application_id() + "/x/messages/@original").code() ==
             10015);
  BOOST_TEST(follow("GET", i, "/messages/5").code() == 10008);
  auto foreign = post("mine").id();
  BOOST_TEST(follow("PATCH", i, "/messages/" + foreign, {{"content", "x"}}).code() == 10008);
}

BOOST_AUTO_TEST_CASE(answers_outlive_their_channel_without_harm) {
  auto channel = bot("POST", "/guilds/" + guild_id() + "/channels", {{"name", "a"}}).id();
  auto b = body({});
  b["channel_id"] = channel;
  owner("POST", "/interactions", b);
  owner("POST", "/interactions", b);
  auto events = take_events(1, "INTERACTION_CREATE");
  BOOST_REQUIRE_EQUAL(events.size(), 2u);
  used_interaction open{
      std::string(at(events[0], "id").as_string()), std::string(at(events[0], "token").as_string()), {}};
  used_interaction done{
      std::string(at(events[1], "id").as_string()), std::string(at(events[1], "token").as_string()), {}};
  callback(done, 4, {{"content", "x"}});
  bot("DELETE", "/channels/" + channel);
  BOOST_TEST(callback(open, 4, {{"content", "x"}}).code() == 10003);
  BOOST_TEST(callback(open, 5).code() == 10003);
  BOOST_TEST(follow("PATCH", done, "/messages/@original", {{"content", "y"}}).code() == 10008);
}

BOOST_AUTO_TEST_CASE(completions_go_to_the_bot_and_choices_come_back) {
  auto key = option(3, "key");
  key["autocomplete"] = true;
  define({option(3, "table", true), key});
  BOOST_TEST(use({{{"name", "key"}, {"type", 3}, {"value", "al"}, {"focused", true}}}, 4).status == 204);
  auto events = take_events(1, "INTERACTION_CREATE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(at(events[0], "type").as_int64() == 4);
  BOOST_TEST(at(events[0], "data.options.0.focused").as_bool());
  used_interaction i{
      std::string(at(events[0], "id").as_string()), std::string(at(events[0], "token").as_string()), {}};
  BOOST_TEST(callback(i, 4, {{"content", "x"}}).code() == 50035);
  BOOST_TEST(callback(i, 8, {{"choices", json::array(26, "x")}}).code() == 50035);
  BOOST_TEST(callback(i, 8, {{"choices", {{{"name", "alpha"}, {"value", "alpha"}}}}}).status == 204);
  auto choices = take_events(2, "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE");
  BOOST_REQUIRE_EQUAL(choices.size(), 1u);
  BOOST_TEST(at(choices[0], "choices.0.value").as_string() == "alpha");
  BOOST_TEST(at(choices[0], "nonce").as_string() == "n1");
}

BOOST_AUTO_TEST_CASE(a_button_leads_to_an_update_of_its_message) {
  auto i = start();
  json::value button{{"type", 1},
                     {"components", {{{"type", 2}, {"style", 1}, {"label", "next"}, {"custom_id", "p:2"}}}}};
  callback(i, 4, {{"content", "page 1"}, {"components", {button}}, {"flags", 64}});
  auto shown = take_events(2, "MESSAGE_CREATE");
  auto message = std::string(at(shown[0], "id").as_string());
  auto press = [&](std::string_view custom_id) {
    auto b = body({}, 3);
    b["message_id"] = message;
    b["data"] = {{"component_type", 2}, {"custom_id", custom_id}};
    return owner("POST", "/interactions", b);
  };
  BOOST_TEST(press("other").code() == 50035);
  BOOST_TEST(press("p:2").status == 204);
  auto events = take_events(1, "INTERACTION_CREATE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(at(events[0], "data.custom_id").as_string() == "p:2");
  BOOST_TEST(at(events[0], "message.id").as_string() == message);
  used_interaction pressed{
      std::string(at(events[0], "id").as_string()), std::string(at(events[0], "token").as_string()), {}};
  BOOST_TEST(callback(pressed, 7, {{"content", "page 2"}, {"components", json::array()}}).status == 204);
  auto updates = take_events(2, "MESSAGE_UPDATE");
  BOOST_REQUIRE_EQUAL(updates.size(), 1u);
  BOOST_TEST(at(updates[0], "id").as_string() == message);
  BOOST_TEST(at(updates[0], "content").as_string() == "page 2");
  BOOST_TEST(follow("PATCH", pressed, "/messages/@original", {{"content", "page 3"}}).id() == message);
}

BOOST_AUTO_TEST_CASE(answered_interactions_are_bounded_in_memory) {
  auto first = start();
  callback(first, 4, {{"content", std::string(2000, 'x')}, {"flags", 64}});
  for (std::size_t n = 0; n < interaction_table::bytes_max / 2000; ++n) {
    auto i = start();
    callback(i, 4, {{"content", std::string(2000, 'x')}, {"flags", 64}});
  }
  BOOST_TEST(follow("GET", first, "/messages/@original").code() == 50027);
  auto last = start();
  BOOST_TEST(callback(last, 5).status == 204);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
