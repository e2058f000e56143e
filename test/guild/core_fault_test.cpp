// Faults in the core: what a plan does to requests, readings, writings, events and sessions.

#include <boost/test/unit_test.hpp>

#include "guild/fault_front.hpp"
#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

struct fault_fixture : guild_fixture {
  // Answers of the admin route.
  answer set_faults(const json::value& plan) { return admin("POST", "", json::serialize(plan)); }
  answer admin(std::string method, std::string path, std::string body = {}) {
    return request_at("/dbcord/faults" + path, std::move(method), std::move(body), credentials().owner_token);
  }
  answer request_at(std::string target, std::string method, std::string body, std::string authorization) {
    http_request r{std::move(method), std::move(target), {{"Authorization", std::move(authorization)}}, std::move(body)};
    auto response = exchange(r);
    answer a;
    a.status = response.status;
    a.body = json::parse(response.body.empty() ? "null" : response.body);
    return a;
  }
  std::int64_t counter(const char* name) { return admin("GET", "").body.at("counters").at(name).as_int64(); }
  // As the bot, with everything that came of it.
  http_response raw(std::string method, std::string path, const std::string& body = {}) {
    http_request r{std::move(method), "/api/v10" + path,
                   {{"Authorization", bot_header()}, {"Content-Type", "application/json"}}, body};
    return exchange(r);
  }
  http_response send_message(const char* content) {
    return raw("POST", channel_path() + "/messages", json::serialize(json::object{{"content", content}}));
  }
  // As the owner sees it, whom no fault meets.
  std::vector<std::string> contents() {
    auto list = owner("GET", channel_path() + "/messages?limit=100");
    std::vector<std::string> found;
    for (auto& m : list.body.as_array()) found.emplace_back(m.at("content").as_string());
    return found;
  }
  std::size_t seen_by_bot() { return bot("GET", channel_path() + "/messages?limit=100").body.as_array().size(); }
  std::string events(connection_id id) {
    std::string text;
    for (auto& frame : take_frames(id)) {
      if (!text.empty()) text += ' ';
      text += at(frame, "t").is_string() ? std::string(at(frame, "d.content").as_string())
                                         : std::to_string(at(frame, "op").as_int64());
    }
    return text;
  }
};

BOOST_FIXTURE_TEST_SUITE(core_fault, fault_fixture)

BOOST_AUTO_TEST_CASE(the_plan_is_the_owners_to_see_and_to_change) {
  BOOST_TEST(admin("GET", "").body.at("plan").at("reply_lost").as_double() == 0);
  BOOST_TEST(set_faults({{"reply_lost", 0.5}}).status == 200);
  BOOST_TEST(admin("GET", "").body.at("plan").at("reply_lost").as_double() == 0.5);
  BOOST_TEST(admin("DELETE", "").body.at("plan").at("reply_lost").as_double() == 0);
  BOOST_TEST(set_faults({{"reply_lost", 2}}).status == 400);
  BOOST_TEST(admin("PATCH", "").status == 405);
  BOOST_TEST(admin("POST", "/nonsense").status == 404);
  BOOST_TEST(request_at("/dbcord/faults", "GET", {}, bot_header()).status == 401);
  BOOST_TEST(request_at("/dbcord/faults", "POST", "{}", {}).status == 401);
}

BOOST_AUTO_TEST_CASE(a_reset_before_leaves_nothing_and_a_lost_reply_leaves_its_effect) {
  set_faults({{"reset_before", 1}});
  BOOST_TEST(send_message("a").delivery.broken);
  set_faults({{"reply_lost", 1}});
  BOOST_TEST(send_message("b").delivery.broken);
  BOOST_TEST(contents() == std::vector<std::string>{"b"}, boost::test_tools::per_element());
  BOOST_TEST(counter("reply_lost") == 1);
}

BOOST_AUTO_TEST_CASE(silence_comes_after_the_effect) {
  set_faults({{"reply_never", 1}});
  BOOST_TEST(send_message("a").delivery.silent);
  BOOST_TEST(contents().size() == 1u);
}

BOOST_AUTO_TEST_CASE(errors_of_the_proxy_come_before_or_after_the_effect) {
  set_faults({{"error_before", 1}});
  auto before = send_message("a");
  BOOST_TEST(before.status >= 500);
  BOOST_TEST(before.body.starts_with("<html>"));
  set_faults({{"error_after", 1}});
  BOOST_TEST(send_message("b").status >= 500);
  BOOST_TEST(contents() == std::vector<std::string>{"b"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_request_is_applied_long_after_its_client_gave_up) {
  connect_owner(1);
  take_frames(1);
  set_faults({{"applied_late", 1}, {"late_min_ms", 5000}, {"late_max_ms", 5000}});
  BOOST_TEST(send_message("late").delivery.broken);
  advance(seconds(4));
  BOOST_TEST(contents().empty());
  BOOST_TEST((core().next_tick() <= now + seconds(1)));
  advance(seconds(1));
  BOOST_TEST(take_events(1, "MESSAGE_CREATE").size() == 1u);
  BOOST_TEST(contents().size() == 1u);
  restart();
  BOOST_TEST(contents().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_waits_to_be_late_is_bounded) {
  set_faults({{"applied_late", 1}});
  for (std::size_t i = 0; i <= fault_front::late_requests_max; ++i) send_message("x");
  BOOST_TEST(contents().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_unannounced_429_has_permits_left_and_no_effect) {
  options.rate_limits = true;
  restart();
  set_faults({{"limited_hidden", 1}, {"retry_after_max_ms", 3000}});
  auto hidden = bot("POST", channel_path() + "/messages", {{"content", "x"}});
  BOOST_TEST(hidden.status == 429);
  BOOST_TEST(hidden.header("X-RateLimit-Scope").value() == "user");
  BOOST_TEST(hidden.header("X-RateLimit-Remaining").value() != "0");
  BOOST_TEST(hidden.header("Via").has_value());
  BOOST_TEST(hidden.body.at("retry_after").as_double() <= 3);
  BOOST_TEST(!hidden.body.at("global").as_bool());
  set_faults({{"limited_shared", 1}});
  auto shared = bot("POST", channel_path() + "/messages", {{"content", "x"}});
  BOOST_TEST(shared.header("X-RateLimit-Scope").value() == "shared");
  BOOST_TEST(shared.str("message") == "The resource is being rate limited.");
  BOOST_TEST(contents().empty());
  BOOST_TEST(request("GET", "/api/v10/users/@me", {}, "Bot wrong").status == 401);
}

BOOST_AUTO_TEST_CASE(answers_come_late_slowly_or_not_to_their_end) {
  set_faults({{"latency_min_ms", 30}, {"body_slow", 1}, {"body_bytes_a_second", 7}, {"body_cut", 1}});
  auto answer = send_message("x");
  BOOST_TEST((answer.delivery.delay == milliseconds(30)));
  BOOST_TEST(answer.delivery.bytes_a_second == 7u);
  BOOST_REQUIRE(answer.delivery.cut_after.has_value());
  BOOST_TEST(*answer.delivery.cut_after < answer.body.size());
}

BOOST_AUTO_TEST_CASE(automod_refuses_without_a_trace) {
  set_faults({{"blocked_words", {"damn"}}});
  auto refused = bot("POST", channel_path() + "/messages", {{"content", "well, damn it"}});
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(refused.code() == 200000);
  auto sent = bot("POST", channel_path() + "/messages", {{"content", "well"}});
  BOOST_TEST(bot("PATCH", channel_path() + "/messages/" + sent.id(), {{"content", "damn"}}).code() == 200000);
  BOOST_TEST(owner("POST", channel_path() + "/messages", {{"content", "damn"}}).status == 200);
  set_faults({{"content_refused", 1}});
  BOOST_TEST(bot("POST", channel_path() + "/messages", {{"content", "anything"}}).code() == 200000);
  BOOST_TEST(contents().size() == 2u);
}

BOOST_AUTO_TEST_CASE(of_an_upload_only_the_beginning_is_kept) {
  set_faults({{"upload_cut", 1}});
  std::string bytes(1000, 'x');
  auto sent = upload("POST", channel_path() + "/messages", {{"content", "x"}}, {{"a.bin", bytes}}, bot_header());
  auto size = at(sent.body, "attachments.0.size").as_int64();
  BOOST_TEST(size < 1000);
  auto kept = download(at(sent.body, "attachments.0.url").as_string());
  BOOST_TEST(kept.text == bytes.substr(0, static_cast<std::size_t>(size)));
}

BOOST_AUTO_TEST_CASE(a_nonce_that_is_forgotten_makes_a_second_message) {
  const json::object message{{"content", "x"}, {"nonce", "n1"}, {"enforce_nonce", true}};
  auto send = [&] { return bot("POST", channel_path() + "/messages", message).id(); };
  auto first = send();
  BOOST_TEST(send() == first);
  set_faults({{"nonce_forgotten", 1}});
  auto second = send();
  BOOST_TEST(second != first);
  set_faults(json::object());
  BOOST_TEST(send() == second);  // it is known again, by the later one
  BOOST_TEST(contents().size() == 2u);
}

BOOST_AUTO_TEST_CASE(history_is_empty_stale_or_has_gaps_for_the_bot_only) {
  for (int i = 0; i < 50; ++i) post("x");
  set_faults({{"history_empty", 1}});
  BOOST_TEST(seen_by_bot() == 0u);
  BOOST_TEST(contents().size() == 50u);
  set_faults({{"history_stale", 1}, {"stale_max_ms", 100000}});
  BOOST_TEST(seen_by_bot() == 0u);
  set_faults({{"visible_late", 0.5}, {"visible_late_max_ms", 5000}});
  auto seen = seen_by_bot();
  BOOST_TEST(seen > 5u);
  BOOST_TEST(seen < 45u);
  advance(seconds(5));
  BOOST_TEST(seen_by_bot() == 50u);
}

BOOST_AUTO_TEST_CASE(ids_of_messages_are_not_in_the_order_of_their_requests) {
  set_faults({{"id_behind", 0.5}, {"id_behind_max_ms", 300}});
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    advance(milliseconds(10));
    ids.emplace_back(post(std::to_string(i)).body.at("id").as_string());
  }
  BOOST_TEST(!std::is_sorted(ids.begin(), ids.end()));
  BOOST_TEST((std::set<std::string>(ids.begin(), ids.end()).size() == 100u));
  auto in_order = ids;
  std::sort(in_order.begin(), in_order.end());
  std::vector<std::string> shown;
  for (int i = 99; i >= 0; --i) shown.push_back(std::to_string(std::find(ids.begin(), ids.end(), in_order[static_cast<std::size_t>(i)]) - ids.begin()));
  BOOST_TEST(contents() == shown, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(events_are_dropped_doubled_or_overtaken) {
  connect_bot(1);
  set_faults({{"event_dropped", 1}});
  post("a");
  BOOST_TEST(events(1) == "");
  set_faults({{"event_doubled", 1}});
  post("b");
  BOOST_TEST(events(1) == "b b");
  set_faults({{"event_late", 1}, {"at_most", 1}});
  post("c");
  BOOST_TEST(events(1) == "");
  post("d");
  BOOST_TEST(events(1) == "d c");
  set_faults({{"event_late", 1}, {"at_most", 1}, {"event_late_max_ms", 1000}});
  post("e");
  BOOST_TEST(events(1) == "");
  advance(seconds(1));
  BOOST_TEST(events(1) == "e");
}

BOOST_AUTO_TEST_CASE(an_interaction_comes_twice) {
  auto made = bot("POST", "/applications/" + application_id() + "/commands", {{"name", "c"}, {"description", "d"}});
  connect_bot(1);
  set_faults({{"interaction_doubled", 1}});
  owner("POST", "/interactions",
        {{"type", 2}, {"application_id", application_id()}, {"guild_id", guild_id()}, {"channel_id", channel_id()},
         {"data", {{"id", made.id()}, {"name", "c"}, {"type", 1}}}});
  auto seen = take_events(1, "INTERACTION_CREATE");
  BOOST_REQUIRE_EQUAL(seen.size(), 2u);
  BOOST_TEST(at(seen[0], "id") == at(seen[1], "id"));
}

BOOST_AUTO_TEST_CASE(op_7_asks_to_reconnect_and_then_insists) {
  connect_bot(1);
  connect_owner(2);
  BOOST_TEST(admin("POST", "/reconnect").body.at("sessions").as_int64() == 1);
  BOOST_TEST(events(1) == "7");
  advance(gateway::reconnect_grace);
  BOOST_TEST(close_code(1).value() == 1001);
  BOOST_TEST(!close_code(2).has_value());
}

BOOST_AUTO_TEST_CASE(an_invalidated_session_cannot_resume_but_may_identify_again) {
  auto ready = connect_bot(1);
  admin("POST", "/invalidate");
  auto frames = take_frames(1);
  BOOST_TEST(at(frames.at(0), "op").as_int64() == 9);
  BOOST_TEST(at(frames.at(0), "d").as_bool() == false);
  connect(2);
  send(2, {{"op", 6}, {"d", {{"token", credentials().bot_token}, {"session_id", at(ready, "session_id")}, {"seq", 2}}}});
  BOOST_TEST(at(take_frames(2).at(1), "op").as_int64() == 9);
  connect_bot(3);
}

BOOST_AUTO_TEST_CASE(a_dropped_connection_vanishes_and_its_session_resumes) {
  auto ready = connect_bot(1);
  admin("POST", "/drop");
  BOOST_TEST(close_code(1).value() == 1006);
  post("meanwhile");
  connect(2);
  send(2, {{"op", 6}, {"d", {{"token", credentials().bot_token}, {"session_id", at(ready, "session_id")}, {"seq", 2}}}});
  BOOST_TEST(take_events(2, "MESSAGE_CREATE").size() == 1u);
}

BOOST_AUTO_TEST_CASE(sessions_are_met_again_and_again) {
  connect_bot(1);
  set_faults({{"reconnect_every_ms", 1000}});
  BOOST_TEST(core().next_tick().has_value());
  for (int i = 0; i < 30; ++i) advance(milliseconds(100));
  BOOST_TEST(counter("reconnect") >= 1);
  BOOST_TEST(events(1).starts_with("7"));
}

BOOST_AUTO_TEST_CASE(a_plan_can_be_there_from_the_start) {
  options.faults.reset_before = 1;
  restart();
  BOOST_TEST(send_message("x").delivery.broken);
  BOOST_TEST(admin("DELETE", "").status == 200);
  BOOST_TEST(send_message("x").status == 200);
}

struct search_fault_fixture : fault_fixture {
  answer search(const char* word) { return bot("GET", "/guilds/" + guild_id() + "/messages/search?content=" + word); }
  std::int64_t found(const char* word) {
    auto a = search(word);
    BOOST_REQUIRE_EQUAL(a.status, 200);
    return a.at("total_results").as_int64();
  }
  void index_all() {
    search("x");
    advance(seconds(10));
  }
};

BOOST_FIXTURE_TEST_CASE(search_lags_as_long_as_the_plan_says_and_no_longer, search_fault_fixture) {
  index_all();
  set_faults({{"search_lag_ms", 60'000}});
  post("word");
  advance(options.search_delay + seconds(59));
  BOOST_TEST(found("word") == 0);
  advance(seconds(1));
  BOOST_TEST(found("word") == 1);
  post("another");
  advance(options.search_delay);
  BOOST_TEST(found("another") == 0);
  admin("DELETE", "");
  BOOST_TEST(found("another") == 1);
}

BOOST_FIXTURE_TEST_CASE(search_misses_a_share_of_messages_until_they_are_edited, search_fault_fixture) {
  index_all();
  set_faults({{"search_missed", 0.5}, {"seed", 3}});
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(post("word").id());
  advance(options.search_delay);
  auto total = found("word");
  BOOST_TEST(total > 50);
  BOOST_TEST(total < 150);
  BOOST_TEST(counter("search_missed") == 200 - total);
  for (auto& id : ids) bot("PATCH", channel_path() + "/messages/" + id, {{"content", "word again"}});
  advance(options.search_delay);
  BOOST_TEST(found("word") == 200);
}

BOOST_FIXTURE_TEST_CASE(a_lost_search_index_is_202_until_it_is_made_again_and_never_for_the_owner, search_fault_fixture) {
  post("word");
  index_all();
  BOOST_TEST(found("word") == 1);
  set_faults({{"search_lost", 1}, {"at_most", 1}});
  BOOST_TEST(owner("GET", "/guilds/" + guild_id() + "/messages/search?content=word").status == 200);
  auto told = search("word");
  BOOST_TEST(told.status == 202);
  BOOST_TEST(told.code() == 110000);
  BOOST_TEST(counter("search_lost") == 1);
  advance(seconds(told.at("retry_after").as_int64()));
  BOOST_TEST(found("word") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
