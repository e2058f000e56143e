// The way of one row through the guild: a person's command, the bot's answer, a message, a restart.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

BOOST_AUTO_TEST_SUITE(core_first_slice)

json::value insert_command() {
  return {{"name", "dbc_insert"},
          {"description", "Insert a row"},
          {"options",
           {{{"type", 3}, {"name", "key"}, {"description", "The key"}, {"required", true}},
            {{"type", 11}, {"name", "file"}, {"description", "A file"}}}}};
}

BOOST_AUTO_TEST_CASE(a_command_reaches_the_bot_and_its_answer_reaches_the_person) {
  guild_fixture g;
  auto app = "/applications/" + g.application_id();
  auto made = g.bot("POST", app + "/guilds/" + g.guild_id() + "/commands", insert_command());
  BOOST_REQUIRE_EQUAL(made.status, 201);
  g.connect_bot(1);
  g.connect_owner(2);
  json::value use{
      {"type", 2},
      {"application_id", g.application_id()},
      {"guild_id", g.guild_id()},
      {"channel_id", g.channel_id()},
      {"session_id", "x"},
      {"nonce", "n1"},
      {"data",
       {{"id", made.id()},
        {"name", "dbc_insert"},
        {"type", 1},
        {"version", made.str("version")},
        {"options",
         {{{"type", 3}, {"name", "key"}, {"value", "k"}}, {{"type", 11}, {"name", "file"}, {"value", "0"}}}},
        {"attachments", {{{"id", "0"}, {"filename", "rows.json"}}}}}}};
  auto used = g.upload("POST", "/interactions", use, {{"rows.json", "[1]"}}, g.credentials().owner_token);
  BOOST_REQUIRE_EQUAL(used.status, 204);

  auto events = g.take_events(1, "INTERACTION_CREATE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  auto& i = events[0];
  auto id = std::string(at(i, "id").as_string()), token = std::string(at(i, "token").as_string());
  BOOST_TEST(token.starts_with("aW50ZXJhY3Rpb246"));
  auto file = std::string(at(i, "data.options.1.value").as_string());
  auto url = at(i, "data.resolved.attachments." + file + ".url").as_string();
  BOOST_TEST(g.download(std::string_view(url.data(), url.size())).text == "[1]");

  auto deferred = g.request("POST", "/api/v10/interactions/" + id + "/" + token + "/callback",
                            R"({"type":5,"data":{"flags":64}})");
  BOOST_REQUIRE_EQUAL(deferred.status, 204);
  auto frames = g.take_frames(2);
  BOOST_REQUIRE_EQUAL(frames.size(), 3u);
  BOOST_TEST(at(frames[0], "t").as_string() == "INTERACTION_CREATE");
  BOOST_TEST(at(frames[0], "d.nonce").as_string() == "n1");
  BOOST_TEST(at(frames[1], "t").as_string() == "INTERACTION_SUCCESS");
  BOOST_TEST(at(frames[2], "t").as_string() == "MESSAGE_CREATE");
  BOOST_TEST(at(frames[2], "d.flags").as_int64() == 128 + 64);
  BOOST_TEST(at(frames[2], "d.interaction_metadata.id").as_string() == id);

  auto edited =
      g.request("PATCH", "/api/v10/webhooks/" + g.application_id() + "/" + token + "/messages/@original",
                R"({"content":"done"})");
  BOOST_REQUIRE_EQUAL(edited.status, 200);
  auto updates = g.take_events(2, "MESSAGE_UPDATE");
  BOOST_REQUIRE_EQUAL(updates.size(), 1u);
  BOOST_TEST(at(updates[0], "content").as_string() == "done");
  BOOST_TEST(at(updates[0], "flags").as_int64() == 64);
  BOOST_TEST(g.bot("GET", g.channel_path() + "/messages").text == "[]");
}

BOOST_AUTO_TEST_CASE(a_message_survives_a_restart_unchanged) {
  guild_fixture g;
  auto made = g.post("row 1");
  BOOST_REQUIRE_EQUAL(made.status, 200);
  auto before = g.bot("GET", g.channel_path() + "/messages");
  auto who = g.credentials();
  g.restart();
  BOOST_TEST(g.bot("GET", g.channel_path() + "/messages").text == before.text);
  BOOST_TEST(g.credentials().bot_token == who.bot_token);
  BOOST_TEST(std::stoull(g.post("row 2").id()) > std::stoull(made.id()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
