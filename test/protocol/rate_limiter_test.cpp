// Single decisions of the limiter, step by step.

#include <boost/test/unit_test.hpp>

#include "protocol/rate_limiter_model.hpp"
#include "protocol/rate_limiter_window.hpp"

namespace dbcord::protocol::test {
namespace {

using limiter = rate_limiter;

struct rate_limiter_fixture {
  base::steady_time t{1h};
  limiter l{exact()};

  static rate_limiter_options exact() {
    rate_limiter_options o;
    o.margin = 0ms;
    o.first_flight = 50;
    o.next_flights = 50;
    return o;
  }

  std::optional<limiter::permit> ask(const rate_limit_key& key, bool exempt = false) {
    auto verdict = l.acquire(key, exempt, t);
    if (auto* p = std::get_if<limiter::permit>(&verdict)) return std::move(*p);
    why = std::get<limiter::wait>(verdict);
    return std::nullopt;
  }
  limiter::permit must(const rate_limit_key& key) {
    auto p = ask(key);
    BOOST_REQUIRE(p.has_value());
    return std::move(*p);
  }
  bool may(const rate_limit_key& key) { return ask(key).has_value(); }  // the permit is dropped again

  // `reset`: seconds of the server's clock that name the window.
  static rate_limit_headers counted(int limit, int remaining, base::duration after, std::string bucket = "b",
                                    std::optional<int> reset = {}) {
    rate_limit_headers h;
    h.counted = {limit, remaining, after, {}};
    if (reset) h.counted->reset = base::system_time(std::chrono::seconds(*reset));
    h.bucket = std::move(bucket);
    h.any = true;
    return h;
  }
  static rate_limit_headers refusal(rate_scope scope, base::duration retry) {
    rate_limit_headers h;
    h.scope = scope;
    h.retry_after = retry;
    h.any = true;
    return h;
  }
  limiter::wait why{};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rate_limiter_steps, rate_limiter_fixture)

BOOST_AUTO_TEST_CASE(an_unknown_key_lets_one_request_go_first) {
  auto first = must(messages("1"));
  BOOST_TEST(!may(messages("1")));
  BOOST_TEST((why.why == limiter::reason::probing));
  BOOST_TEST(may(messages("2")));
  l.complete(std::move(first), 200, counted(5, 4, 5s), t);
  BOOST_TEST(may(messages("1")));
}

BOOST_AUTO_TEST_CASE(permits_left_may_be_used_at_the_same_time) {
  l.complete(must(messages("1")), 200, counted(5, 4, 5s), t);
  std::vector<limiter::permit> held;
  while (auto p = ask(messages("1"))) held.push_back(std::move(*p));
  BOOST_TEST(held.size() == 4u);
  BOOST_TEST((why.why == limiter::reason::bucket));
  BOOST_TEST((why.until == t + 5s));
}

BOOST_AUTO_TEST_CASE(a_dropped_permit_gives_its_unit_back) {
  l.complete(must(messages("1")), 200, counted(2, 1, 5s), t);
  { auto dropped = must(messages("1")); }
  auto used = must(messages("1"));
  BOOST_TEST(!may(messages("1")));
}

BOOST_AUTO_TEST_CASE(an_unanswered_request_keeps_its_unit) {
  l.complete(must(messages("1")), 200, counted(2, 1, 5s), t);
  l.complete_unanswered(must(messages("1")), t);
  BOOST_TEST(!may(messages("1")));
}

BOOST_AUTO_TEST_CASE(a_window_that_no_answer_described_ends_all_the_same) {
  l.complete(must(messages("1")), 200, counted(1, 0, 5s), t);
  t += 5s;
  l.complete_unanswered(must(messages("1")), t);
  BOOST_TEST(!may(messages("1")));
  BOOST_REQUIRE(why.until.has_value());
  t = *why.until;
  BOOST_TEST(may(messages("1")));
}

BOOST_AUTO_TEST_CASE(a_request_unanswered_at_the_windows_end_counts_in_the_next) {
  l.complete(must(messages("1")), 200, counted(2, 1, 5s, "b", 100), t);
  auto slow = must(messages("1"));
  t += 5s;
  auto next = must(messages("1"));
  BOOST_TEST(!may(messages("1")));
  // It turns out that it was counted in the old window.
  l.complete(std::move(slow), 200, counted(2, 0, 4s, "b", 100), t);
  auto one_more = must(messages("1"));
  BOOST_TEST(!may(messages("1")));
}

BOOST_AUTO_TEST_CASE(windows_that_have_become_shorter_are_counted_one_by_one) {
  l.complete(must(messages("1")), 200, counted(5, 4, 50s, "b", 1'050), t);
  t += 50s;
  for (int window = 1; window <= 4; ++window) {
    for (int i = 0; i < 5; ++i) l.complete(must(messages("1")), 200, counted(5, 4 - i, 5s, "b", 1'050 + 5 * window), t);
    BOOST_TEST(!may(messages("1")));
    BOOST_TEST((why.until == t + 5s));
    t += 5s;
  }
}

// Limits that were cut are as usual again before the long window has ended: the server counts anew.
BOOST_AUTO_TEST_CASE(a_window_that_ends_before_the_one_that_was_told_is_a_new_one) {
  for (int used = 1; used <= 4; ++used) {
    rate_limiter_window w(5);
    auto answer = [&](int remaining, base::duration reset_after, std::int64_t reset) {
      w.sent();
      rate_limiter_window::report r;
      r.counted.limit = 5;
      r.counted.remaining = remaining;
      r.counted.reset_after = reset_after;
      r.counted.reset = base::system_time(std::chrono::seconds(reset));
      r.sent_at = r.now = t;
      r.margin = {};
      w.answered(r);
    };
    for (int i = 1; i <= used; ++i) answer(5 - i, 50s, 1'050);
    t += 10s;
    for (int i = 1; i <= 5; ++i) {
      BOOST_TEST(w.check(t).go, used << " " << i);
      answer(5 - i, 5s, 1'015);
    }
    BOOST_TEST(!w.check(t).go, used);
    BOOST_TEST((w.check(t).until == t + 5s));
    t += 100s;
  }
}

BOOST_AUTO_TEST_CASE(the_quickest_answer_tells_best_when_the_window_ends) {
  l.complete(must(messages("1")), 200, counted(2, 1, 5s, "b", 100), t);
  auto second = must(messages("1"));
  t += 100ms;
  l.complete(std::move(second), 200, counted(2, 0, 4'850ms, "b", 100), t);
  BOOST_TEST(!may(messages("1")));
  BOOST_TEST((why.until == t + 4'850ms));
}

BOOST_AUTO_TEST_CASE(a_429_stops_the_bucket_whatever_late_answers_say) {
  l.complete(must(messages("1")), 200, counted(5, 4, 5s, "b", 100), t);
  auto late = must(messages("1"));
  t += 5s;
  auto limited = must(messages("1"));
  t += 100ms;
  auto h = counted(5, 0, 1s, "b", 106);
  h.scope = rate_scope::user;
  h.retry_after = 10s;
  l.complete(std::move(limited), 429, h, t);
  l.complete(std::move(late), 200, counted(5, 3, 4s, "b", 100), t);
  BOOST_TEST(!may(messages("1")));
  BOOST_TEST((why.until == t + 10s));
}

BOOST_AUTO_TEST_CASE(a_request_counted_in_another_bucket_gives_its_unit_back) {
  l.complete(must(messages("1")), 200, counted(5, 4, 5s, "young", 100), t);
  l.complete(must(messages("1")), 200, counted(3, 2, 1s, "old", 100), t);
  l.complete(must(messages("1")), 200, counted(5, 3, 5s, "young", 100), t);
  std::vector<limiter::permit> held;
  while (auto p = ask(messages("1"))) held.push_back(std::move(*p));
  BOOST_TEST(held.size() == 3u);
}

BOOST_AUTO_TEST_CASE(others_who_use_the_bucket_are_allowed_for) {
  l.complete(must(messages("1")), 200, counted(5, 1, 5s), t);
  auto last = must(messages("1"));
  BOOST_TEST(!may(messages("1")));
}

BOOST_AUTO_TEST_CASE(an_answer_without_headers_frees_the_route_but_not_from_the_global_limit) {
  rate_limiter_options o;
  o.lift_global_after = 1'000;
  o.first_flight = 50;
  o.next_flights = 50;
  o.margin = 0ms;
  limiter strict(o);
  std::vector<limiter::permit> held;
  auto first = strict.acquire(messages("1"), false, t);
  strict.complete(std::get<limiter::permit>(std::move(first)), 200, {}, t);
  for (int i = 0; i < 49; ++i) {
    auto p = strict.acquire(messages("1"), false, t);
    BOOST_REQUIRE(std::holds_alternative<limiter::permit>(p));
    held.push_back(std::get<limiter::permit>(std::move(p)));
  }
  auto refused = strict.acquire(messages("1"), false, t);
  BOOST_REQUIRE(std::holds_alternative<limiter::wait>(refused));
  BOOST_TEST((std::get<limiter::wait>(refused).why == limiter::reason::global));
  BOOST_TEST((std::get<limiter::wait>(refused).until == t + 1s));
  BOOST_TEST(std::holds_alternative<limiter::permit>(strict.acquire(messages("i"), true, t)));
}

BOOST_AUTO_TEST_CASE(routes_that_never_have_headers_do_not_lift_the_global_limit) {
  rate_limit_key start{"GET", "/gateway/bot", ""};
  for (int i = 0; i < 20; ++i) l.complete(must(start), 200, {}, t);
  BOOST_TEST(l.global_limit().value() == 50);
  for (int i = 0; i < 3; ++i) l.complete(must(messages("1")), 200, {}, t);
  BOOST_TEST(!l.global_limit().has_value());
  l.complete(must(messages("2")), 200, counted(5, 4, 5s), t);
  BOOST_TEST(l.global_limit().value() == 50);
}

BOOST_AUTO_TEST_CASE(a_server_error_teaches_nothing_about_limits) {
  l.complete(must(messages("1")), 502, {}, t);
  auto probe = must(messages("1"));
  BOOST_TEST(!may(messages("1")));
}

BOOST_AUTO_TEST_CASE(a_429_of_the_bucket_stops_it_for_retry_after) {
  auto h = refusal(rate_scope::user, 700ms);
  h.counted = {5, 0, 500ms, {}};
  l.complete(must(messages("1")), 429, h, t);
  BOOST_TEST(!may(messages("1")));
  BOOST_TEST((why.until == t + 700ms));
  t += 700ms;
  BOOST_TEST(may(messages("1")));
}

BOOST_AUTO_TEST_CASE(a_429_with_permits_left_parks_only_its_kind) {
  rate_limit_key rename{"PATCH", "/channels/{}#name", "1"}, move{"PATCH", "/channels/{}", "1"};
  l.complete(must(move), 200, counted(10, 9, 15s), t);
  auto h = refusal(rate_scope::user, 580s);
  h.counted = {10, 8, 15s, {}};
  h.bucket = "b";
  l.complete(must(rename), 429, h, t);
  BOOST_TEST(!may(rename));
  BOOST_TEST((why.why == limiter::reason::parked));
  BOOST_TEST((why.until == t + 580s));
  BOOST_TEST(may(move));
}

BOOST_AUTO_TEST_CASE(a_shared_429_waits_for_its_own_time_and_is_not_counted_as_ours) {
  auto h = refusal(rate_scope::shared, 1'337s);
  h.counted = {5, 3, 64s, {}};
  l.complete(must(messages("1")), 429, h, t);
  BOOST_TEST(l.invalid_requests(t) == 0);
  t += 65s;
  BOOST_TEST(!may(messages("1")));
  BOOST_TEST(may(messages("2")));
  t += 1'337s - 65s;
  BOOST_TEST(may(messages("1")));
}

BOOST_AUTO_TEST_CASE(a_global_429_stops_everything_but_interactions) {
  l.complete(must(messages("1")), 429, refusal(rate_scope::global, 661ms), t);
  BOOST_TEST(!may(messages("2")));
  BOOST_TEST((why.until == t + 661ms));
  BOOST_TEST(ask(messages("i"), true).has_value());
  t += 661ms;
  BOOST_TEST(may(messages("2")));
}

BOOST_AUTO_TEST_CASE(a_learned_global_limit_recovers_with_time) {
  l.complete(must(messages("1")), 429, refusal(rate_scope::global, 1s), t);
  t += 1s;
  BOOST_TEST(may(messages("1")));
  auto low = l.global_limit().value();
  BOOST_TEST(low < 50);
  t += 10min;
  BOOST_TEST(may(messages("1")));
  BOOST_TEST(l.global_limit().value() > low);
}

BOOST_AUTO_TEST_CASE(too_many_invalid_requests_stop_everything_until_ten_minutes_have_passed) {
  auto o = exact();
  o.invalid_request_budget = 3;
  limiter careful(o);
  auto send = [&](int status) {
    auto p = careful.acquire(messages("1"), true, t);
    BOOST_REQUIRE(std::holds_alternative<limiter::permit>(p));
    careful.complete(std::get<limiter::permit>(std::move(p)), status, {}, t);
    t += 1s;
  };
  for (int status : {403, 401, 404, 403}) send(status);
  auto refused = careful.acquire(messages("1"), true, t);
  BOOST_REQUIRE(std::holds_alternative<limiter::wait>(refused));
  BOOST_TEST((std::get<limiter::wait>(refused).why == limiter::reason::invalid_requests));
  BOOST_TEST((std::get<limiter::wait>(refused).until == t - 4s + 10min));
  t += 10min - 4s;
  send(200);
}

BOOST_AUTO_TEST_CASE(a_new_bucket_name_moves_the_key) {
  l.complete(must(messages("1")), 200, counted(5, 0, 60s, "old"), t);
  t += 60s;
  l.complete(must(messages("1")), 200, counted(30, 29, 4s, "new"), t);
  std::vector<limiter::permit> held;
  while (auto p = ask(messages("1"))) held.push_back(std::move(*p));
  BOOST_TEST(held.size() == 29u);
}

BOOST_AUTO_TEST_CASE(idle_keys_are_forgotten_beyond_the_bound) {
  auto o = exact();
  o.idle_keys = 100;
  o.lift_global_after = 0;
  limiter small(o);
  for (int i = 0; i < 10'000; ++i) {
    auto p = small.acquire(messages(std::to_string(i)), true, t);
    small.complete(std::get<limiter::permit>(std::move(p)), 200, counted(5, 4, 1s), t);
    t += 100ms;
  }
  BOOST_TEST(small.keys() <= 250u);
}

BOOST_AUTO_TEST_CASE(what_every_exchange_took_at_least_is_taken_off_the_wait) {
  for (int i = 0; i < 6; ++i) {
    auto p = must(messages("other"));
    t += 50ms;
    l.complete(std::move(p), 200, counted(100, 99, 1s, "b", 10), t);
  }
  auto p = must(messages("1"));
  auto sent = t;
  t += 50ms;
  l.complete(std::move(p), 200, counted(1, 0, 5s, "b", 100), t);
  BOOST_TEST(!may(messages("1")));
  BOOST_TEST((why.until == sent + 5s));
}

BOOST_AUTO_TEST_CASE(connecting_is_no_part_of_an_exchange) {
  for (int i = 0; i < 6; ++i) {
    auto p = must(messages("other"));
    t += 200ms;
    l.complete(std::move(p), 200, counted(100, 99, 1s, "b", 10), t, t - 50ms);
  }
  l.complete(must(messages("1")), 200, counted(1, 0, 5s, "c", 100), t);
  BOOST_TEST(!may(messages("1")));
  BOOST_TEST((*why.until >= t + 5s - 50ms));
}

BOOST_AUTO_TEST_CASE(a_server_that_states_its_windows_too_short_is_refused_once_and_then_allowed_for) {
  auto key = messages("1");
  l.complete(must(key), 200, counted(1, 0, 4s, "b", 100), t);
  t += 4s;
  auto early = must(key);
  auto h = counted(1, 0, 900ms, "b", 100);
  h.scope = rate_scope::user;
  h.retry_after = 900ms;
  l.complete(std::move(early), 429, h, t);
  t += 900ms;
  l.complete(must(key), 200, counted(1, 0, 4s, "b", 105), t);
  t += 4s;
  BOOST_TEST(!may(key));
  t += 900ms;
  BOOST_TEST(may(key));
}

BOOST_AUTO_TEST_CASE(a_shared_429_uses_up_nothing) {
  l.complete(must(messages("1")), 200, counted(2, 1, 5s), t);
  auto refused = must(messages("1"));
  auto h = refusal(rate_scope::shared, 100ms);
  l.complete(std::move(refused), 429, h, t);
  t += 100ms;
  BOOST_TEST(may(messages("1")));
}

BOOST_AUTO_TEST_CASE(few_are_in_flight_until_the_server_has_taken_half_of_the_assumed_limit) {
  rate_limiter_options o;
  o.margin = 0ms;
  limiter unsure(o);
  std::vector<limiter::permit> held;
  auto ask_all = [&] {
    for (int i = 0; i < 60; ++i) {
      auto p = unsure.acquire(messages(std::to_string(held.size() + 100)), false, t);
      if (auto* go = std::get_if<limiter::permit>(&p)) held.push_back(std::move(*go));
    }
  };
  ask_all();
  BOOST_TEST(held.size() == static_cast<std::size_t>(o.first_flight));
  auto answer_all = [&] {
    for (auto& p : held) unsure.complete(std::move(p), 200, counted(5, 4, 5s), t);
    held.clear();
  };
  answer_all();
  ask_all();
  BOOST_TEST(held.size() == static_cast<std::size_t>(o.next_flights));
  answer_all();
  t += 1s;
  ask_all();
  BOOST_TEST(held.size() == 50u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::protocol::test
