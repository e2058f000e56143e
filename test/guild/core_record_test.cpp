// Records: a replay gives the same guild; what makes no sense is refused by its index.

#include <boost/test/unit_test.hpp>

#include "guild/core_interaction_fixture.hpp"

namespace dbcord::guild::test {
namespace {

// Every answer that tells the state, with signatures and times cut off where they depend on the moment.
std::string picture(guild_fixture& g) {
  std::string text;
  auto guild = "/guilds/" + g.guild_id(), app = "/applications/" + g.application_id();
  for (auto path : {std::string("/users/@me"), std::string("/applications/@me"), guild, guild + "/channels",
                    guild + "/roles", app + "/commands", app + guild + "/commands"}) {
    text += g.bot("GET", path).text + "\n";
  }
  auto channels = g.owner("GET", guild + "/channels");
  for (auto& c : channels.body.as_array()) {
    auto id = std::string(at(c, "id").as_string());
    text += g.owner("GET", "/channels/" + id + "/messages?limit=100").text + "\n";
  }
  return text;
}

BOOST_AUTO_TEST_SUITE(core_record)

BOOST_AUTO_TEST_CASE(a_replay_answers_every_question_as_before) {
  interaction_fixture g;
  auto channels = "/guilds/" + g.guild_id() + "/channels";
  auto category = g.bot("POST", channels, {{"name", "C"}, {"type", 4}}).id();
  auto table = g.bot("POST", channels,
                     {{"name", "t"},
                      {"topic", "x"},
                      {"parent_id", category},
                      {"permission_overwrites", {{{"id", g.guild_id()}, {"deny", "1024"}}}}})
                   .id();
  auto path = "/channels/" + table + "/messages";
  auto first = g.upload("POST", path, {{"content", "ü\n\"x\""}, {"embeds", {{{"title", "t"}}}}, {"flags", 4}},
                        {{"a b", "1"}}, g.bot_header());
  auto second = g.bot("POST", path,
                      {{"content", "<@" + g.application_id() + "> @everyone"},
                       {"message_reference", {{"message_id", first.id()}}}});
  g.advance(seconds(3));
  g.bot("PATCH", path + "/" + first.id(), {{"content", "edited"}});
  auto gone = g.bot("POST", path, {{"content", "gone"}}).id();
  g.bot("DELETE", path + "/" + gone);
  auto i = g.start();
  g.callback(
      i, 4,
      {{"content", "public"},
       {"components", {{{"type", 1}, {"components", {{{"type", 2}, {"style", 1}, {"custom_id", "c"}}}}}}}});
  auto doomed = g.bot("POST", channels, {{"name", "doomed"}}).id();
  g.bot("DELETE", "/channels/" + doomed);
  auto before = picture(g);
  g.restart();
  BOOST_TEST(picture(g) == before);
}

BOOST_AUTO_TEST_CASE(the_same_seed_and_times_give_the_same_records) {
  guild_fixture a, b;
  a.post("x");
  b.post("x");
  BOOST_TEST(a.records == b.records);
}

BOOST_AUTO_TEST_CASE(ids_given_to_what_is_not_kept_are_not_given_again) {
  interaction_fixture g;
  auto interaction = std::stoull(g.start().id);
  g.now -= hours(1);  // a clock that is set back before the restart
  g.restart();
  BOOST_TEST(std::stoull(g.post("x").id()) > interaction);
}

BOOST_AUTO_TEST_CASE(unkept_ids_cost_one_record_a_second_at_most) {
  interaction_fixture g;
  auto before = g.records.size();
  for (int n = 0; n < 100; ++n) g.start();
  BOOST_TEST(g.records.size() == before + 1);
  g.advance(seconds(2));
  g.start();
  BOOST_TEST(g.records.size() == before + 2);
}

BOOST_AUTO_TEST_CASE(a_restart_does_not_push_ids_far_into_the_future) {
  interaction_fixture g;
  g.start();
  g.restart();
  base::message_id made{std::stoull(g.post("x").id())};
  BOOST_TEST((base::created_at(made) - g.now <= seconds(1)));
}

BOOST_AUTO_TEST_CASE(a_record_that_makes_no_sense_is_named_by_its_index) {
  guild_fixture g;
  g.post("x");
  auto opens = [&](std::vector<std::string> records) {
    auto opened = guild::core::open(g.options, g.random, g.attachments, g.now, records);
    return opened.has_value() ? std::string() : opened.error().message;
  };
  auto with = [&](std::string record) {
    auto records = g.records;
    records.push_back(std::move(record));
    return opens(records);
  };
  auto channel = g.channel_id();
  BOOST_TEST(opens(g.records) == "");
  BOOST_TEST(with("{") == "Record 2 of the guild's log makes no sense: it is not a JSON object.");
  for (auto record :
       {std::string("[]"), std::string(R"({"t":"unknown"})"), std::string(R"({"t":"message"})"),
        R"({"t":"message","in":5,"id":7,"by":)" + g.application_id() + R"(,"text":"x"})",
        R"({"t":"message","in":)" + channel + R"(,"id":7,"by":5,"text":"x"})",
        R"({"t":"message","in":)" + channel + R"(,"id":7,"by":)" + g.application_id() + R"(,"text":5})",
        R"({"t":"messages_removed","in":)" + channel + R"(,"ids":[5]})",
        R"({"t":"messages_removed","in":)" + channel + R"(,"ids":["x"]})",
        std::string(R"({"t":"channel_removed","id":5})"),
        std::string(R"({"t":"channel","id":5,"type":2,"name":"a","position":0})"),
        std::string(R"({"t":"channel","id":5,"type":0,"name":"a","position":0,"overwrites":[5]})"),
        std::string(R"({"t":"commands","list":[5]})"), std::string(R"({"t":"commands"})"),
        std::string(R"({"t":"ids"})"), g.records[0]}) {
    auto message = with(record);
    BOOST_TEST(message.starts_with("Record 2 of the guild's log makes no sense: "),
               record << " gave: " << message);
  }
  BOOST_TEST(opens({g.records[1]}).starts_with("Record 0 "));
  auto newer = g.records[0];
  newer.replace(newer.find("\"v\":1"), 5, "\"v\":2");
  BOOST_TEST(opens({newer}) == "Record 0 of the guild's log makes no sense: its format version is not 1.");
  auto cut = g.records[0];
  cut.replace(cut.find("secret"), 6, "s");
  BOOST_TEST(opens({cut}).starts_with("Record 0 "));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
