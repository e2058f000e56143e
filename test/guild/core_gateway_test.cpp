// The gateway: scripts of connections, sessions and what they get.

#include <boost/test/unit_test.hpp>

#include "guild/gateway.hpp"
#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

struct gateway_fixture : guild_fixture {
  json::value identify_as(const std::string& token, std::uint64_t intents = all_intents) {
    return {{"op", 2}, {"d", {{"token", token}, {"intents", intents}, {"properties", json::object()}}}};
  }
  void resume(connection_id id, const json::value& ready, std::int64_t sequence) {
    connect(id);
    send(
        id,
        {{"op", 6},
         {"d",
          {{"token", credentials().bot_token}, {"session_id", at(ready, "session_id")}, {"seq", sequence}}}});
  }
  // "t" of each dispatch, op of everything else
  std::string script(connection_id id) {
    std::string text;
    for (auto& frame : take_frames(id)) {
      auto& t = at(frame, "t");
      if (!text.empty()) text += ' ';
      if (t.is_string())
        text += t.as_string();
      else
        text += std::to_string(at(frame, "op").as_int64());
    }
    return text;
  }
};

BOOST_FIXTURE_TEST_SUITE(core_gateway, gateway_fixture)

BOOST_AUTO_TEST_CASE(a_session_begins_with_hello_ready_and_the_guild) {
  connect(1);
  auto hello = take_frames(1);
  BOOST_REQUIRE_EQUAL(hello.size(), 1u);
  BOOST_TEST(at(hello[0], "op").as_int64() == 10);
  BOOST_TEST(at(hello[0], "d.heartbeat_interval").as_int64() == gateway::heartbeat_interval.count());
  send(1, identify_as(credentials().bot_token));
  auto frames = take_frames(1);
  BOOST_REQUIRE_EQUAL(frames.size(), 2u);
  auto& ready = at(frames[0], "d");
  BOOST_TEST(at(frames[0], "s").as_int64() == 1);
  BOOST_TEST(at(ready, "user.id").as_string() == application_id());
  BOOST_TEST(at(ready, "application.id").as_string() == application_id());
  BOOST_TEST(at(ready, "guilds.0.unavailable").as_bool());
  BOOST_TEST(at(ready, "resume_gateway_url").as_string() == "ws://127.0.0.1:8080");
  auto& guild = at(frames[1], "d");
  BOOST_TEST(at(frames[1], "s").as_int64() == 2);
  BOOST_TEST(at(guild, "id").as_string() == guild_id());
  BOOST_TEST(at(guild, "channels.0.id").as_string() == channel_id());
  BOOST_TEST(at(guild, "member_count").as_int64() == 2);
  BOOST_TEST(has(guild, "members.1.user"));
  BOOST_TEST(has(guild, "roles.1.colors"));
}

BOOST_AUTO_TEST_CASE(the_owner_gets_every_event_whatever_intents_it_asks_for) {
  connect(1);
  send(1, identify_as(credentials().owner_token, 0));
  BOOST_TEST(script(1) == "10 READY GUILD_CREATE");
  post("x");
  auto events = take_events(1, "MESSAGE_CREATE");
  BOOST_TEST(at(events.at(0), "content").as_string() == "x");
}

BOOST_AUTO_TEST_CASE(a_heartbeat_is_acknowledged_also_before_identify) {
  connect(1);
  send(1, {{"op", 1}, {"d", nullptr}});
  BOOST_TEST(script(1) == "10 11");
}

BOOST_AUTO_TEST_CASE(a_wrong_token_closes_with_4004) {
  connect(1);
  send(1, identify_as("Bot " + credentials().bot_token));
  BOOST_TEST(close_code(1).value() == 4004);
  connect(2);
  send(2, {{"op", 2}, {"d", json::object()}});
  BOOST_TEST(close_code(2).value() == 4004);
}

BOOST_AUTO_TEST_CASE(what_a_client_must_not_do_has_its_close_code) {
  auto closes = [&, id = connection_id(10)](std::string_view text, bool identified) mutable {
    ++id;
    identified ? void(connect_bot(id)) : connect(id);
    send_text(id, text);
    return close_code(id).value_or(0);
  };
  BOOST_TEST(closes("{", false) == 4002);
  BOOST_TEST(closes("[]", false) == 4002);
  BOOST_TEST(closes("{}", true) == 4002);
  BOOST_TEST(closes(R"({"op":2})", false) == 4002);
  BOOST_TEST(closes(R"({"op":6,"d":5})", false) == 4002);
  BOOST_TEST(closes(std::string(4097, ' '), true) == 4002);
  BOOST_TEST(closes(R"({"op":99})", true) == 4001);
  BOOST_TEST(closes(R"({"op":-1})", true) == 4001);
  BOOST_TEST(closes(R"({"op":3,"d":{}})", false) == 4003);
  BOOST_TEST(closes(R"({"op":3,"d":{}})", true) == 0);
  BOOST_TEST(closes(R"({"op":2,"d":{}})", true) == 4005);
}

BOOST_AUTO_TEST_CASE(a_version_that_is_not_served_closes_with_4012) {
  connect(1, "v=6&encoding=json");
  BOOST_TEST(close_code(1).value() == 4012);
  connect(2, "");
  BOOST_TEST(!close_code(2).has_value());
}

BOOST_AUTO_TEST_CASE(intents_must_exist_and_be_allowed) {
  auto token = credentials().bot_token;
  auto closes = [&, id = connection_id(0)](const json::value& intents) mutable {
    connect(++id);
    send(id, {{"op", 2}, {"d", {{"token", token}, {"intents", intents}}}});
    return close_code(id).value_or(0);
  };
  BOOST_TEST(closes(1 << 17) == 4013);
  BOOST_TEST(closes(-1) == 4013);
  BOOST_TEST(closes("x") == 4013);
  BOOST_TEST(closes(1 << 1) == 4014);
  BOOST_TEST(closes(1 << 8) == 4014);
  BOOST_TEST(closes(1 << 15) == 0);
  options.message_content_intent = false;
  restart();
  BOOST_TEST(closes(1 << 15) == 4014);
}

BOOST_AUTO_TEST_CASE(events_come_by_intent) {
  connect_bot(1, 1);
  connect_bot(2, 1 << 9);
  connect_bot(3, 0);
  post("x");
  bot("POST", "/guilds/" + guild_id() + "/channels", {{"name", "a"}});
  BOOST_TEST(script(1) == "CHANNEL_CREATE");
  BOOST_TEST(script(2) == "MESSAGE_CREATE");
  BOOST_TEST(script(3) == "");
}

BOOST_AUTO_TEST_CASE(content_of_others_needs_the_content_intent) {
  connect_bot(1, 1 << 9);
  connect_bot(2, 1 << 9 | 1 << 15);
  owner("POST", channel_path() + "/messages", {{"content", "x"}, {"embeds", {{{"title", "t"}}}}});
  post("mine");
  auto blind = take_events(1, "MESSAGE_CREATE"), seeing = take_events(2, "MESSAGE_CREATE");
  BOOST_TEST(at(blind.at(0), "content").as_string() == "");
  BOOST_TEST(at(blind.at(0), "embeds").as_array().empty());
  BOOST_TEST(at(blind.at(1), "content").as_string() == "mine");
  BOOST_TEST(at(seeing.at(0), "content").as_string() == "x");
}

BOOST_AUTO_TEST_CASE(a_lost_session_resumes_with_what_it_missed_in_order) {
  auto ready = connect_bot(1);
  post("seen");
  take_frames(1);
  disconnect(1, 1006);
  post("missed 1");
  post("missed 2");
  resume(2, ready, 3);
  auto frames = take_frames(2);
  BOOST_REQUIRE_EQUAL(frames.size(), 4u);
  BOOST_TEST(at(frames[1], "d.content").as_string() == "missed 1");
  BOOST_TEST(at(frames[1], "s").as_int64() == 4);
  BOOST_TEST(at(frames[2], "d.content").as_string() == "missed 2");
  BOOST_TEST(at(frames[3], "t").as_string() == "RESUMED");
  BOOST_TEST(at(frames[3], "d").is_object());
  post("new");
  BOOST_TEST(script(2) == "MESSAGE_CREATE");
  BOOST_TEST(script(1) == "");
}

BOOST_AUTO_TEST_CASE(what_was_sent_but_not_received_is_sent_again) {
  auto ready = connect_bot(1);
  post("lost on the way");
  disconnect(1, 1006);
  resume(2, ready, 2);
  BOOST_TEST(script(2) == "10 MESSAGE_CREATE RESUMED");
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_normally_cannot_resume) {
  for (int code : {1000, 1001}) {
    auto ready = connect_bot(1);
    disconnect(1, code);
    resume(2, ready, 2);
    auto frames = take_frames(2);
    BOOST_TEST(at(frames.at(1), "op").as_int64() == 9);
    BOOST_TEST(at(frames.at(1), "d").as_bool() == false);
    disconnect(2, 1000);
  }
  auto ready = connect_bot(1);
  disconnect(1, 4200);
  resume(2, ready, 2);
  BOOST_TEST(script(2) == "10 RESUMED");
}

BOOST_AUTO_TEST_CASE(a_session_waits_some_minutes_for_its_client) {
  auto ready = connect_bot(1);
  disconnect(1, 1006);
  advance(gateway_sessions::resume_window - milliseconds(1));
  resume(2, ready, 2);
  BOOST_TEST(script(2) == "10 RESUMED");
  disconnect(2, 1006);
  advance(gateway_sessions::resume_window);
  resume(3, ready, 3);
  BOOST_TEST(script(3) == "10 9");
}

BOOST_AUTO_TEST_CASE(a_resume_from_the_future_closes_with_4007_and_from_before_the_buffer_is_invalid) {
  auto ready = connect_bot(1);
  disconnect(1, 1006);
  resume(2, ready, 50);
  BOOST_TEST(close_code(2).value() == 4007);
  ready = connect_bot(3);
  for (std::size_t i = 0; i < gateway_sessions::buffered_events_max; ++i) post("x");
  disconnect(3, 1006);
  resume(4, ready, 1);
  BOOST_TEST(script(4) == "10 9");
}

BOOST_AUTO_TEST_CASE(a_resume_needs_the_token_of_the_session) {
  auto ready = connect_bot(1);
  disconnect(1, 1006);
  auto try_with = [&](connection_id id, const std::string& token) {
    connect(id);
    send(id, {{"op", 6}, {"d", {{"token", token}, {"session_id", at(ready, "session_id")}, {"seq", 2}}}});
  };
  try_with(2, "wrong");
  BOOST_TEST(close_code(2).value() == 4004);
  try_with(3, credentials().owner_token);
  BOOST_TEST(script(3) == "10 9");
}

BOOST_AUTO_TEST_CASE(a_resume_takes_the_session_from_a_dead_connection) {
  auto ready = connect_bot(1);
  resume(2, ready, 2);
  BOOST_TEST(script(2) == "10 RESUMED");
  BOOST_TEST(close_code(1).has_value());
  post("x");
  BOOST_TEST(script(2) == "MESSAGE_CREATE");
  disconnect(1, 1006);  // the driver's late word changes nothing
  post("y");
  BOOST_TEST(script(2) == "MESSAGE_CREATE");
}

BOOST_AUTO_TEST_CASE(a_connection_without_heartbeats_is_closed_and_its_session_can_be_resumed) {
  auto ready = connect_bot(1);
  advance(gateway::heartbeat_interval);
  send(1, {{"op", 1}, {"d", 2}});
  advance(gateway::heartbeat_tolerance - milliseconds(1));
  BOOST_TEST(!close_code(1).has_value());
  advance(milliseconds(1));
  BOOST_TEST(close_code(1).value() == 4000);
  resume(2, ready, 2);
  BOOST_TEST(script(2) == "10 RESUMED");
}

BOOST_AUTO_TEST_CASE(without_limits_a_client_may_send_as_fast_as_it_can) {
  connect_bot(1);
  for (int i = 0; i < 1000; ++i) send(1, {{"op", 1}, {"d", 2}});
  BOOST_TEST(!close_code(1).has_value());
  BOOST_TEST(take_frames(1).size() == 1000u);
}

BOOST_AUTO_TEST_CASE(sending_more_than_120_payloads_a_minute_closes_with_4008) {
  auto limited = default_options();
  limited.rate_limits = true;
  guild_fixture g(limited);
  auto connect_bot = [&g](connection_id id) { g.connect_bot(id); };
  auto send = [&g](connection_id id, const json::value& payload) { g.send(id, payload); };
  auto close_code = [&g](connection_id id) { return g.close_code(id); };
  auto advance = [&g](base::duration d) { g.advance(d); };
  connect_bot(1);
  for (int i = 0; i < 119; ++i) send(1, {{"op", 1}, {"d", 2}});
  BOOST_TEST(!close_code(1).has_value());
  send(1, {{"op", 1}, {"d", 2}});
  BOOST_TEST(close_code(1).value() == 4008);
  advance(seconds(6));  // between two IDENTIFYs
  connect_bot(2);
  for (int i = 0; i < 119; ++i) send(2, {{"op", 1}, {"d", 2}});
  advance(gateway::sends_window);
  send(2, {{"op", 1}, {"d", 2}});
  BOOST_TEST(!close_code(2).has_value());
}

BOOST_AUTO_TEST_CASE(sessions_count_for_themselves) {
  connect_bot(1);
  post("x");
  connect_bot(2);
  post("y");
  BOOST_TEST(at(take_frames(1).back(), "s").as_int64() == 4);
  BOOST_TEST(at(take_frames(2).back(), "s").as_int64() == 3);
}

BOOST_AUTO_TEST_CASE(a_shard_is_echoed_and_checked) {
  auto identify = [&](connection_id id, const json::value& shard) {
    connect(id);
    send(id, {{"op", 2}, {"d", {{"token", credentials().bot_token}, {"intents", 1}, {"shard", shard}}}});
  };
  identify(1, {0, 1});
  auto ready = take_events(1, "READY");
  BOOST_TEST(at(ready.at(0), "shard.1").as_int64() == 1);
  identify(2, {1, 1});
  BOOST_TEST(close_code(2).value() == 4010);
}

BOOST_AUTO_TEST_CASE(with_limits_on_one_identify_each_five_seconds_is_allowed) {
  options.rate_limits = true;
  restart();
  connect_bot(1);
  BOOST_TEST(bot("GET", "/gateway/bot").at("session_start_limit.remaining").as_int64() == 999);
  connect(2);
  send(2, identify_as(credentials().bot_token));
  BOOST_TEST(script(2) == "10 9");
  advance(seconds(5));
  send(2, identify_as(credentials().bot_token));  // on the same connection
  BOOST_TEST(script(2) == "READY GUILD_CREATE");
  connect_owner(3);
}

BOOST_AUTO_TEST_CASE(members_can_be_requested) {
  connect_bot(1);
  send(1, {{"op", 8}, {"d", {{"guild_id", guild_id()}, {"query", ""}, {"limit", 0}, {"nonce", "n"}}}});
  auto chunks = take_events(1, "GUILD_MEMBERS_CHUNK");
  BOOST_REQUIRE_EQUAL(chunks.size(), 1u);
  BOOST_TEST(at(chunks[0], "members").as_array().size() == 2u);
  BOOST_TEST(at(chunks[0], "nonce").as_string() == "n");
}

BOOST_AUTO_TEST_CASE(frames_for_unknown_connections_are_ignored) {
  send_text(77, "{");
  disconnect(77, 1000);
  BOOST_TEST(take_frames(77).empty());
}

BOOST_AUTO_TEST_CASE(abandoned_sessions_are_bounded) {
  auto first = connect_bot(1);
  disconnect(1, 1006);
  for (std::size_t n = 0; n < gateway_sessions::detached_max; ++n) {
    advance(milliseconds(1));
    connect_bot(100 + n);
    disconnect(100 + n, 1006);
  }
  resume(2, first, 2);
  BOOST_TEST(script(2) == "10 9");
}

BOOST_AUTO_TEST_CASE(sessions_of_the_owner_are_exempt_from_the_limits_on_identify_and_use_up_none) {
  auto limited = default_options();
  limited.rate_limits = true;
  guild_fixture g(limited);
  for (connection_id id = 1; id <= 1200; ++id) g.connect_owner(id);  // at one moment, and more than a day has
  g.connect_bot(2000);
  g.connect(2001);
  g.send(2001, {{"op", 2}, {"d", {{"token", g.credentials().bot_token}, {"intents", 0}, {"properties", json::object()}}}});
  BOOST_TEST(at(g.take_frames(2001).back(), "op").as_int64() == 9);
  BOOST_TEST(g.bot("GET", "/gateway/bot").at("session_start_limit.remaining").as_int64() == 999);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
