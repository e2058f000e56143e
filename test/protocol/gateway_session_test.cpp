#include <boost/test/unit_test.hpp>

#include "protocol/gateway_model.hpp"
#include "protocol/gateway_payloads.hpp"

namespace dbcord::protocol::test {

using gateway_do::status;

BOOST_FIXTURE_TEST_SUITE(gateway_sessions, gateway_model)

BOOST_AUTO_TEST_CASE(a_new_session_identifies_with_token_intents_and_properties) {
  start();
  BOOST_TEST(opened.at(0) == "wss://gateway/?v=10&encoding=json");
  BOOST_REQUIRE(frames.size() == 1u);
  const auto& d = frames[0].at("d").as_object();
  BOOST_TEST(d.at("token").as_string() == "secret");
  BOOST_TEST(d.at("intents").to_number<int>() == 33281);
  BOOST_TEST(d.at("properties").at("browser").as_string() == "dbcord");
  BOOST_TEST(online());
  BOOST_TEST(saved->session_id == "session-1");
  BOOST_TEST(saved->resume_url == "wss://resume");
  BOOST_TEST(saved->sequence == 1u);
}

// One exchange, run again with the link broken at every single step, in every way that lets a session live
// on.
BOOST_AUTO_TEST_CASE(whatever_step_the_link_breaks_at_no_event_is_lost_or_doubled) {
  auto exchange = [](gateway_model& m) {
    m.interval_ms = 4'000;
    m.start();
    m.run_for(20s);  // the session exists, whatever broke
    m.emit_events(20, 700ms);
    m.run_for(120s);
  };
  gateway_model whole;
  exchange(whole);
  BOOST_REQUIRE(whole.events.size() == 20u);
  BOOST_REQUIRE(whole.steps() > 60);
  for (int code : {1006, 1001, 4000, 4002, 4008, 4009}) {
    for (int step = 1; step <= whole.steps(); ++step) {
      gateway_model m(session_options(), static_cast<std::uint64_t>(step));
      m.break_at(step, code);
      exchange(m);
      BOOST_TEST(m.online(), "code " << code << " at step " << step);
      BOOST_TEST(m.events == whole.events, "code " << code << " at step " << step);
      // A second IDENTIFY only if the first had not been answered.
      BOOST_TEST(m.identified.size() <= (step <= 4 ? 2u : 1u), "code " << code << " at step " << step);
    }
  }
}

BOOST_AUTO_TEST_CASE(close_codes_that_end_the_session_lead_to_a_new_one) {
  for (int code : {1000, 4003, 4005, 4007}) {
    gateway_model m;
    m.start();
    m.server_closes(code);
    m.run_for(30s);
    BOOST_TEST(m.online(), code);
    BOOST_TEST(m.identified.size() == 2u, code);
    BOOST_TEST(m.opened.back() == "wss://gateway/?v=10&encoding=json", code);
  }
}

BOOST_AUTO_TEST_CASE(close_codes_that_nothing_mends_are_fatal_and_say_what_to_do) {
  for (int code : {4004, 4010, 4011, 4012, 4013, 4014}) {
    gateway_model m;
    m.start();
    m.server_closes(code);
    m.run_for(1h);
    BOOST_REQUIRE(m.failed.has_value());
    BOOST_TEST(m.opened.size() == 1u, code);
    BOOST_TEST(m.failed->message.ends_with("."));
    BOOST_TEST(!m.session().next_timer().has_value());
    if (code == 4004) BOOST_TEST(m.failed->message.find("token") != std::string::npos);
    if (code == 4014) BOOST_TEST(m.failed->message.find("Message Content Intent") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(heartbeats_come_every_interval_the_first_at_a_random_part_of_it) {
  start();
  run_for(200s);
  BOOST_REQUIRE(heartbeats.size() >= 4u);
  BOOST_TEST((heartbeats[0] - opened_at[0] < 40s));
  for (std::size_t i = 1; i < heartbeats.size(); ++i) BOOST_TEST((heartbeats[i] - heartbeats[i - 1] == 40s));
  gateway_model other(session_options(), 2);
  other.start();
  other.run_for(200s);
  BOOST_TEST((other.heartbeats.at(0) - other.opened_at[0] != heartbeats[0] - opened_at[0]));
}

BOOST_AUTO_TEST_CASE(a_heartbeat_carries_the_last_sequence_and_one_asked_for_comes_at_once) {
  start();
  from_server(R"({"op":0,"s":7,"t":"X","d":{}})");
  from_server(R"({"op":1})");
  BOOST_REQUIRE(heartbeats.size() == 1u);
  BOOST_TEST(frames.back().at("d").to_number<int>() == 7);
}

BOOST_AUTO_TEST_CASE(a_zombie_is_left_with_a_code_that_keeps_the_session) {
  start();
  acknowledge = false;
  run_for(81s);
  acknowledge = true;
  BOOST_REQUIRE(closes.size() == 1u);
  BOOST_TEST(closes[0] == 4000);
  run_for(10s);
  BOOST_TEST((reports.back() == status::resumed));
  BOOST_TEST(opened.back() == "wss://resume/?v=10&encoding=json");
  BOOST_TEST(identified.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_request_to_reconnect_is_followed_by_a_resume) {
  start();
  from_server(R"({"op":7,"d":null})");
  BOOST_TEST(closes.at(0) == 4000);
  run_for(2s);
  BOOST_TEST((reports.back() == status::resumed));
}

BOOST_AUTO_TEST_CASE(a_request_to_reconnect_may_come_before_hello) {
  say_hello = false;
  start();
  say_hello = true;
  from_server(R"({"op":7,"d":null})");
  run_for(10s);
  BOOST_TEST(online());
}

BOOST_AUTO_TEST_CASE(
    an_invalid_session_is_replaced_after_a_random_pause_and_not_before_the_identify_interval) {
  start();
  lose_sessions();
  server_closes(1006);
  run_for(30s);
  BOOST_TEST((reports.back() == status::ready));
  BOOST_REQUIRE(identified.size() == 2u);
  BOOST_TEST((identified[1] - identified[0] >= 5s));
  BOOST_TEST((opened_at[2] - opened_at[1] >= 1s));
}

BOOST_AUTO_TEST_CASE(an_invalid_session_that_is_resumable_is_resumed) {
  start();
  from_server(R"({"op":9,"d":true})");
  run_for(6s);
  BOOST_TEST((reports.back() == status::resumed));
  BOOST_TEST(identified.size() == 1u);
}

BOOST_AUTO_TEST_CASE(silence_after_connecting_or_identifying_is_not_waited_for_forever) {
  say_hello = false;
  start();
  run_for(20s);
  BOOST_TEST(closes.size() == 1u);
  say_hello = true;
  answer_ready = false;
  run_for(30s);
  BOOST_TEST(closes.size() == 2u);
  answer_ready = true;
  run_for(40s);
  BOOST_TEST(online());
}

BOOST_AUTO_TEST_CASE(a_late_hello_and_a_long_replay_have_their_time) {
  say_hello = answer_ready = false;
  start();
  run_for(19s);
  from_server(R"({"op":10,"d":{"heartbeat_interval":3000000}})");
  for (int i = 0; i < 5; ++i) {
    run_for(19s);
    from_server(R"({"op":0,"s":1,"t":"EVENT","d":{"n":1}})");
  }
  BOOST_TEST(closes.empty());
  run_for(20s);
  BOOST_TEST(closes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_unreachable_server_is_tried_for_ever_with_growing_pauses) {
  accept = false;
  start();
  run_for(600s);
  auto pause = [&](std::size_t i) { return opened_at[i] - opened_at[i - 1]; };
  BOOST_REQUIRE(opened_at.size() > 15u);
  BOOST_TEST((pause(1) <= 250ms));
  BOOST_TEST((pause(opened_at.size() - 1) >= 15s));
  BOOST_TEST((pause(opened_at.size() - 1) <= 30s));
  accept = true;
  run_for(31s);
  BOOST_TEST(online());
}

BOOST_AUTO_TEST_CASE(when_the_resume_address_is_dead_the_first_one_is_tried) {
  start();
  accept = false;
  server_closes(1006);
  run_for(3s);
  accept = true;
  run_for(10s);
  BOOST_TEST(opened.at(1) == "wss://resume/?v=10&encoding=json");
  BOOST_TEST(opened.back() == "wss://gateway/?v=10&encoding=json");
  BOOST_TEST((reports.back() == status::resumed));
}

BOOST_AUTO_TEST_CASE(a_restart_resumes_what_the_last_run_left) {
  start();
  emit_events(3, 1s);
  run_for(10s);
  auto o = session_options();
  o.saved = *parse_saved_session(to_json(session().saved()));
  base::seeded_random random(9);
  gateway_session next(o, random);
  auto actions = next.start(time());
  BOOST_TEST(std::get<gateway_do::open>(actions.back()).url == "wss://resume/?v=10&encoding=json");
  next.connected(time());
  actions = next.received(R"({"op":10,"d":{"heartbeat_interval":40000}})", time());
  auto frame = json::parse(std::get<gateway_do::send>(actions.back()).text).as_object();
  BOOST_TEST(frame.at("op").to_number<int>() == 6);
  BOOST_TEST(frame.at("d").at("session_id").as_string() == "session-1");
  BOOST_TEST(frame.at("d").at("seq").to_number<int>() == 4);
}

// A process that dies right after each IDENTIFY and is started again at once, for a day.
BOOST_AUTO_TEST_CASE(a_crash_loop_cannot_use_up_the_days_identifies) {
  gateway_saved_session saved;
  base::seeded_random random(1);
  auto now = base::steady_time(1h);
  auto wall = base::system_time(1'785'542'400s);
  auto end = now + 24h;
  int identifies = 0;
  while (now < end) {
    auto o = session_options();
    o.saved = saved;
    gateway_session s(o, random);
    s.start({now, wall});
    if (auto when = s.next_timer()) {
      wall += *when - now;
      now = *when;
      s.timer({now, wall});
    }
    s.connected({now, wall});
    for (auto& a : s.received(R"({"op":10,"d":{"heartbeat_interval":40000}})", {now, wall})) {
      if (auto* keep = std::get_if<gateway_do::save>(&a)) saved = *parse_saved_session(to_json(keep->saved));
      if (std::holds_alternative<gateway_do::send>(a)) ++identifies;
    }
  }
  BOOST_TEST(identifies <= 1'000);
  BOOST_TEST(identifies >= 900);
}

BOOST_AUTO_TEST_CASE(stopping_closes_with_1000_and_leaves_nothing_to_resume) {
  start();
  stop();
  BOOST_TEST(closes.at(0) == 1000);
  BOOST_TEST((reports.back() == status::stopped));
  BOOST_TEST(saved->session_id.empty());
  BOOST_TEST(saved->identifies == 1);
  run_for(1h);
  BOOST_TEST(opened.size() == 1u);
}

BOOST_AUTO_TEST_CASE(stopping_while_disconnected_keeps_the_session_for_the_next_run) {
  start();
  accept = false;
  server_closes(1006);
  stop();
  BOOST_TEST((reports.back() == status::stopped));
  BOOST_TEST(saved->session_id == "session-1");
}

BOOST_AUTO_TEST_CASE(frames_that_make_no_sense_are_ignored) {
  start();
  for (const char* text :
       {"", "{", "[]", "null", "{}", R"({"op":"0"})", R"({"op":99})", R"({"op":0})",
        R"({"op":0,"t":5,"s":"x","d":[]})", R"({"op":0,"t":"X","s":-3,"d":null})", R"({"op":1e300})"}) {
    from_server(text);
  }
  BOOST_TEST(notes >= 9);
  BOOST_TEST(closes.empty());
  from_server(R"({"op":0,"s":9,"t":"EVENT","d":{"n":1}})");
  BOOST_TEST(events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_hello_without_a_usable_interval_is_refused) {
  for (const char* text : {R"({"op":10})", R"({"op":10,"d":{}})", R"({"op":10,"d":{"heartbeat_interval":0}})",
                           R"({"op":10,"d":{"heartbeat_interval":-5}})",
                           R"({"op":10,"d":{"heartbeat_interval":41250211111308}})"}) {
    gateway_model m;
    m.say_hello = false;
    m.start();
    m.from_server(text);
    BOOST_TEST(m.closes.size() == 1u, text);
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_file_of_the_last_run_counts_as_none) {
  for (const char* text : {"", "{}", "[]", R"({"session_id":5})",
                           R"({"session_id":"a","resume_url":"b","sequence":-1,)"
                           R"("identifies":0,"budget_since_s":0,"last_identify_s":0})"}) {
    BOOST_TEST(!parse_saved_session(text).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::protocol::test
