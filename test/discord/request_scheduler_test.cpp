#include <boost/test/unit_test.hpp>
#include <map>

#include "discord/scheduler_fixture.hpp"

namespace dbcord::discord::test {

using database::priority;
using database::store_errc;

BOOST_FIXTURE_TEST_SUITE(request_scheduling, scheduler_fixture)

BOOST_AUTO_TEST_CASE(a_request_carries_token_and_user_agent_and_its_answer_the_servers_date) {
  net.then(answer(200, "[]", window(5, 3, "4.5")));
  auto a = send(request_to("1"));
  BOOST_REQUIRE(a.has_value());
  BOOST_TEST(a->body == "[]");
  BOOST_TEST((a->date == simulation::wall_origin + 7s));
  BOOST_REQUIRE(a->rate.has_value());
  BOOST_TEST(a->rate->remaining == 3);
  BOOST_TEST((a->rate->reset_after == 4500ms));
  const auto& sent = net.seen().at(0).request;
  BOOST_TEST(sent.url == "http://guild/api/v10/channels/1/messages");
  http_headers expected{{"User-Agent", options().user_agent}, {"Authorization", "Bot t"}};
  BOOST_TEST((sent.headers == expected));
}

BOOST_AUTO_TEST_CASE(an_unauthenticated_request_never_carries_the_token) {
  auto r = request_to("1");
  r.authenticated = false;
  r.path = "https://cdn.example/a";
  BOOST_TEST(send(r).has_value());
  BOOST_TEST(net.seen().at(0).request.url == "https://cdn.example/a");
  for (const auto& header : net.seen().at(0).request.headers) BOOST_TEST(header.first != "Authorization");
}

BOOST_AUTO_TEST_CASE(urgent_requests_overtake_waiting_ones_and_equals_keep_their_order) {
  net.then(answer(200, "{}", window(1, 0, "1.0")));
  send(request_to("1"));
  net.otherwise([](const auto&) { return answer(200, "{}", window(1, 0, "1.0")); });
  std::vector<std::shared_ptr<pending>> all;
  int tag = 0;
  for (auto level : {priority::maintenance, priority::interactive, priority::interactive, priority::commit}) {
    auto r = request_to("1", "POST", level);
    r.body = std::to_string(tag++);
    all.push_back(start(r));
  }
  BOOST_TEST(sim.run_until([&] { return net.seen().size() == 5; }));
  std::string order;
  for (const auto& s : net.seen()) order += s.request.body;
  BOOST_TEST(order == "3120");
}

BOOST_AUTO_TEST_CASE(a_bucket_that_waits_holds_up_no_other) {
  net.then(answer(200, "{}", window(1, 0, "30.0")));
  send(request_to("1"));
  auto stuck = start(request_to("1", "POST", priority::commit));
  auto before = sim.now();
  BOOST_TEST(send(request_to("2", "POST", priority::maintenance)).has_value());
  BOOST_TEST((sim.now() - before < 1s));
  BOOST_TEST(!stuck->value.has_value());
  BOOST_TEST(wait_for(stuck));
}

BOOST_AUTO_TEST_CASE(it_tells_of_every_bucket_what_is_used_and_who_waits) {
  auto told = [this] { return sim.run(scheduler.buckets(sim.after(1s))).value(); };
  BOOST_TEST(told().empty());
  for (int remaining : {1, 1, 0}) net.then(answer(200, "{}", window(2, remaining, "30.0", "abc")));
  net.otherwise([](const auto&) { return answer(200, "{}", window(2, 1, "30.0", "abc")); });
  send(request_to("1"));
  send(request_to("2"));
  BOOST_TEST(told().size() == 2u);
  send(request_to("1"));
  auto stuck = start(request_to("1"));
  auto all = told();
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].name == "abc");
  BOOST_TEST(all[0].top_level == "1");
  BOOST_TEST(all[0].kinds == std::vector<std::string>{"POST /channels/{}/messages"}, boost::test_tools::per_element());
  BOOST_TEST(all[0].limit == 2);
  BOOST_TEST(all[0].used == 2);
  BOOST_TEST(all[0].waiting == 1u);
  BOOST_REQUIRE(all[0].ends_in.has_value());
  BOOST_TEST((*all[0].ends_in > 29s && *all[0].ends_in <= 30s));
  BOOST_TEST(all[1].top_level == "2");
  BOOST_TEST(all[1].used == 1);
  BOOST_TEST(all[1].waiting == 0u);
  BOOST_TEST(wait_for(stuck));
  sim.advance(31s);
  for (const auto& b : told()) BOOST_TEST(b.used == 0);
}

BOOST_AUTO_TEST_CASE(answers_are_counted_by_bucket_and_kind_under_a_bounded_number_of_names) {
  auto refused = [](const std::string& bucket) {
    http_headers headers{{"Retry-After", "0.001"}};
    if (!bucket.empty()) headers.emplace_back("X-RateLimit-Bucket", bucket);
    return answer(429, R"({"retry_after":0.001})", headers);
  };
  const auto names = static_cast<int>(bucket_names_max);
  for (int i = 0; i < names + 5; ++i) {
    net.then(refused("b" + std::to_string(i)));
    net.then(answer(200, "{}"));
    BOOST_TEST(send(request_to(std::to_string(i))).has_value());
  }
  net.then(refused(""));
  net.then(refused("b3"));
  net.then(answer(200, "{}", window(5, 4, "1.0", "b3")));
  BOOST_TEST(send(request_to("1000")).has_value());
  net.then(answer(404, "{}", window(5, 4, "1.0", "b3")));
  BOOST_TEST(send(request_to("1000", "DELETE")).has_value());
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts;
  for (const auto& c : scheduler.by_bucket()) counts[c.bucket + " " + c.method + " " + c.route] = {c.answered, c.limited};
  auto told = [&](const std::string& which, std::uint64_t answered, std::uint64_t limited) {
    auto c = counts[which];
    BOOST_TEST(c.first == answered, which << ": " << c.first << " answers");
    BOOST_TEST(c.second == limited, which << ": " << c.second << " refusals");
  };
  BOOST_TEST(counts.size() == bucket_names_max + 3);
  told("other POST /channels/{}/messages", 5, 5);
  told("none POST /channels/{}/messages", bucket_names_max + 6, 1);
  told("b3 POST /channels/{}/messages", 3, 2);
  told("b3 DELETE /channels/{}/messages", 1, 0);
}

BOOST_AUTO_TEST_CASE(a_429_is_waited_out_and_the_same_request_sent_again) {
  auto refused = window(5, 0, "2.0");
  refused.emplace_back("Retry-After", "2");
  net.then(answer(429, R"({"retry_after":1.5})", refused));
  auto r = request_to("1");
  r.body = "payload";
  auto a = send(r);
  BOOST_REQUIRE(a.has_value());
  BOOST_TEST(a->status == 200);
  BOOST_REQUIRE(net.seen().size() == 2u);
  BOOST_TEST(net.seen()[1].request.body == "payload");
  BOOST_TEST((net.seen()[1].at - net.seen()[0].at == 10ms + 2s));
  BOOST_TEST(scheduler.stats().limited_user == 1u);
  auto kinds = scheduler.by_route();
  BOOST_REQUIRE(kinds.size() == 1u);
  BOOST_TEST(kinds[0].sent == scheduler.stats().sent);
  BOOST_TEST(kinds[0].limited == 1u);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_passes_while_waiting_says_that_nothing_was_sent) {
  net.then(answer(200, "{}", window(1, 0, "30.0")));
  send(request_to("1"));
  auto before = sim.now();
  auto a = send(request_to("1"), 5s);
  BOOST_REQUIRE(a.has_error());
  BOOST_TEST((a.error().code == store_errc::busy));
  BOOST_TEST(!is_ambiguous(a.error()));
  BOOST_TEST((sim.now() - before == 5s));
  BOOST_TEST(net.seen().size() == 1u);
  BOOST_TEST(scheduler.stats().waiting == 0u);
}

BOOST_AUTO_TEST_CASE(an_interrupted_post_is_ambiguous_and_not_repeated) {
  net.then(failure(transport_errc::interrupted));
  auto a = send(request_to("1"));
  BOOST_REQUIRE(a.has_error());
  BOOST_TEST((a.error().code == transport_errc::interrupted));
  BOOST_TEST(is_ambiguous(a.error()));
  BOOST_TEST(net.seen().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_5xx_to_a_post_goes_to_the_caller) {
  net.then(answer(502));
  auto a = send(request_to("1"));
  BOOST_REQUIRE(a.has_value());
  BOOST_TEST(a->status == 502);
  BOOST_TEST(net.seen().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_post_that_never_left_is_sent_again) {
  net.then(failure(transport_errc::not_sent));
  net.then(failure(transport_errc::not_sent));
  auto a = send(request_to("1"));
  BOOST_REQUIRE(a.has_value());
  BOOST_TEST(net.seen().size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_never_left_fails_at_once_where_a_person_waits) {
  auto o = options();
  o.repeat_unsent = false;
  scheduler_fixture person(o);
  for (std::string method : {"POST", "GET"}) {
    person.net.then(failure(transport_errc::not_sent));
    auto before = person.net.seen().size();
    auto a = person.send(request_to("1", method));
    BOOST_REQUIRE(a.has_error());
    BOOST_TEST((a.error().code == transport_errc::not_sent));
    BOOST_TEST(person.net.seen().size() == before + 1);
  }
  person.net.then(failure(transport_errc::interrupted));
  person.net.then(failure(transport_errc::not_sent));
  auto asked = person.send(request_to("1", "GET"));  // it may have been there once
  BOOST_REQUIRE(asked.has_error());
  BOOST_TEST(is_ambiguous(asked.error()));
}

BOOST_AUTO_TEST_CASE(get_put_and_delete_are_repeated_with_growing_pauses) {
  for (std::string method : {"GET", "PUT", "DELETE"}) {
    auto first = net.seen().size();
    net.then(answer(500));
    net.then(failure(transport_errc::interrupted));
    net.then(answer(503));
    auto a = send(request_to("1", method));
    BOOST_REQUIRE(a.has_value());
    BOOST_TEST(a->status == 200);
    BOOST_REQUIRE(net.seen().size() == first + 4);
    auto pause = [&](std::size_t n) {
      return net.seen()[first + n + 1].at - net.seen()[first + n].at - 10ms;
    };
    for (std::size_t n = 0; n < 3; ++n) {
      BOOST_TEST((pause(n) >= 50ms * (1 << n)));
      BOOST_TEST((pause(n) <= 100ms * (1 << n)));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_deadline_leaves_of_a_repeated_request_is_its_last_failure) {
  net.otherwise([](const auto&) { return answer(503); });
  auto a = send(request_to("1", "GET"), 3s);
  BOOST_REQUIRE(a.has_value());
  BOOST_TEST(a->status == 503);
  net.otherwise([](const auto&) { return failure(transport_errc::not_sent); });
  auto b = send(request_to("1", "POST"), 3s);
  BOOST_REQUIRE(b.has_error());
  BOOST_TEST((b.error().code == transport_errc::not_sent));
}

BOOST_AUTO_TEST_CASE(an_ambiguous_delete_stays_ambiguous_whatever_follows) {
  net.then(failure(transport_errc::interrupted));
  net.otherwise([](const auto&) { return failure(transport_errc::not_sent); });
  auto a = send(request_to("1", "DELETE"), 3s);
  BOOST_REQUIRE(a.has_error());
  BOOST_TEST(is_ambiguous(a.error()));
}

BOOST_AUTO_TEST_CASE(a_refused_token_ends_all_traffic_with_it) {
  net.then(answer(200, "{}", window(1, 0, "5.0")));
  send(request_to("1"));
  auto waiting = start(request_to("1"));
  net.then(answer(401, R"({"message":"401: Unauthorized","code":0})"));
  auto a = send(request_to("2"));
  BOOST_REQUIRE(a.has_error());
  BOOST_TEST((a.error().code == store_errc::unauthorized));
  BOOST_REQUIRE(waiting->value.has_value());
  BOOST_TEST((waiting->value->error().code == store_errc::unauthorized));
  BOOST_TEST((send(request_to("3")).error().code == store_errc::unauthorized));
  BOOST_TEST(net.seen().size() == 2u);
  auto free = request_to("4");
  free.authenticated = false;
  BOOST_TEST(send(free).has_value());
}

BOOST_AUTO_TEST_CASE(a_refused_token_is_told_of_once) {
  auto o = options();
  int told = 0;
  o.on_unauthorized = [&told](base::error e) { told += e.code == store_errc::unauthorized ? 1 : 100; };
  scheduler_fixture f(o);
  f.net.otherwise([](const auto&) { return answer(401, "<html>"); });
  for (std::string channel : {"1", "2"}) BOOST_TEST(!f.send(request_to(channel)).has_value());
  BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(two_slots_are_kept_for_callbacks) {
  auto o = options();
  o.limits.global_limit = std::nullopt;
  scheduler_fixture f(o);
  f.net.otherwise([](const auto&) { return answer(200, "{}", {}, 20s); });
  std::vector<std::shared_ptr<pending>> slow;
  for (int i = 0; i < 90; ++i)
    slow.push_back(f.start(request_to(std::to_string(i), "POST", priority::commit)));
  BOOST_TEST(f.net.in_flight_most() == o.in_flight_limit - 2);
  auto callback = request_to("c", "POST", priority::callback);
  callback.exempt_from_global = true;
  f.start(callback);
  BOOST_TEST(f.net.in_flight_most() == o.in_flight_limit - 1);
  BOOST_TEST(f.net.seen().back().request.reserved);
}

BOOST_AUTO_TEST_CASE(the_bucket_that_will_take_longest_goes_first) {
  auto o = options();
  o.limits.global_limit = 1;
  scheduler_fixture f(o);
  f.net.otherwise([](const auto&) { return answer(200, "{}", window(1, 0, "5.0")); });
  std::vector<std::shared_ptr<pending>> all;
  for (std::string channel : {"0", "1", "2", "2", "2"}) all.push_back(f.start(request_to(channel), 5min));
  BOOST_TEST(f.wait_for(all.back()));
  BOOST_REQUIRE(f.net.seen().size() == 5u);
  BOOST_TEST(f.net.seen()[1].request.url.ends_with("/channels/2/messages"));
}

BOOST_AUTO_TEST_CASE(interactions_are_not_held_up_by_the_global_limit) {
  net.then(answer(429, R"({"retry_after":60,"global":true})", {{"X-RateLimit-Scope", "global"}}));
  auto blocked = start(request_to("1"), 5min);
  sim.advance(1s);
  auto callback = request_to("i", "POST", priority::callback);
  callback.exempt_from_global = true;
  BOOST_TEST(send(callback, 3s).has_value());
  BOOST_TEST(wait_for(blocked));
  BOOST_TEST((blocked->at - simulation::steady_origin >= 60s));
}

BOOST_AUTO_TEST_CASE(stopping_lets_what_is_in_hand_finish_and_refuses_the_rest) {
  net.then(answer(200, "{}", window(1, 0, "30.0")));
  send(request_to("1"));
  auto waiting = start(request_to("1"));
  auto in_flight = start(request_to("2"));
  sim.run(scheduler.stop(sim.after(1s)));
  BOOST_REQUIRE(in_flight->value.has_value());
  BOOST_TEST(in_flight->value->has_value());
  BOOST_REQUIRE(waiting->value.has_value());
  BOOST_TEST((waiting->value->error().code == base::errc::stopping));
  auto refused = send(request_to("3"));
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().code == base::errc::stopping));  // "busy" would be waited out
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses) {
  auto o = options();
  o.queue_limit = 3;
  scheduler_fixture small(o);
  small.net.otherwise([](const auto&) { return answer(200, "{}", {}, 10s); });
  for (int i = 0; i < 3; ++i) small.start(request_to("1"));
  auto refused = small.send(request_to("2"));
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().code == base::errc::overloaded));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::discord::test
