#include "simulation/network.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "simulation/scenario.hpp"
#include "simulation/simulated_transport.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using namespace dbcord::simulation;

namespace {

struct network_fixture {
  world w{11};
  trace t{w.now_reference()};
  simulated_guild guild{w, t, {}};
  network net{w, guild, t};
  process& p = w.start("client");
  simulated_transport& transport = p.make<simulated_transport>(p.env(), net, "client");

  ~network_fixture() {
    if (!gone) w.kill(p);
  }
  bool gone = false;

  discord::http_request post() {
    discord::http_request r;
    r.method = "POST";
    r.url = guild.options().public_url + "/api/v10/channels/" + guild.credentials().channel.str() + "/messages";
    r.headers = {{"Authorization", "Bot " + guild.credentials().bot_token},
                 {"Content-Type", "application/json"},
                 {"User-Agent", "DiscordBot (https://example.invalid, 1)"}};
    r.body = R"({"content":"hello"})";
    return r;
  }
  base::result<discord::http_response> send(base::duration limit = 10s) {
    return w.run(p, transport.send(post(), w.now() + limit));
  }
  std::size_t messages() {
    guild::http_request r;
    r.method = "GET";
    r.target = "/api/v10/channels/" + guild.credentials().channel.str() + "/messages?limit=100";
    r.headers = {{"Authorization", guild.credentials().owner_token}, {"User-Agent", "simulation"}};
    return boost::json::parse(guild.inspect(r).body).as_array().size();
  }
  bool ambiguous(const base::result<discord::http_response>& answer) {
    return !answer && answer.error().code == discord::transport_errc::interrupted;
  }
};

actor::task<void> post_and_forget(discord::transport& net, discord::http_request r, base::steady_time deadline) {
  (void)co_await net.send(std::move(r), deadline);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_request_without_faults_takes_two_ways_through_the_network, network_fixture) {
  auto start = w.now();
  auto answer = send();
  BOOST_TEST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 200);
  BOOST_TEST((w.now() - start >= 2 * net.plan.latency_min));
  BOOST_TEST(messages() == 1);
}

BOOST_FIXTURE_TEST_CASE(faults_of_the_guild_itself_reach_the_client, network_fixture) {
  auto set_plan = [&](std::string plan) {
    guild::http_request r{"POST", "/dbcord/faults", {{"Authorization", guild.credentials().owner_token}}, std::move(plan)};
    BOOST_TEST(guild.request(r).status == 200);
  };
  set_plan(R"({"reply_lost":1})");
  BOOST_TEST(ambiguous(send()));
  BOOST_TEST(messages() == 1);
  set_plan(R"({"reply_never":1})");
  BOOST_TEST(!send(1s));
  BOOST_TEST(messages() == 2);
  set_plan(R"({"body_cut":1})");
  BOOST_TEST(ambiguous(send()));
  set_plan(R"({"latency_min_ms":4000})");
  auto start = w.now();
  BOOST_TEST(send().has_value());
  BOOST_TEST((w.now() - start >= 4s));
  set_plan(R"({"applied_late":1,"late_min_ms":20000,"late_max_ms":20000})");
  BOOST_TEST(ambiguous(send()));
  BOOST_TEST(messages() == 4);
  w.run_for(21s);
  BOOST_TEST(messages() == 5);
}

BOOST_FIXTURE_TEST_CASE(a_refused_connection_is_certain_and_without_effect, network_fixture) {
  net.plan.connect_refused = 1;
  auto answer = send();
  BOOST_TEST_REQUIRE(!answer);
  BOOST_TEST((answer.error().code == discord::transport_errc::not_sent));
  BOOST_TEST(messages() == 0);
}

BOOST_FIXTURE_TEST_CASE(resets_look_alike_whether_the_guild_has_applied_the_request_or_not, network_fixture) {
  net.plan.reset_before = 1;
  BOOST_TEST(ambiguous(send()));
  BOOST_TEST(messages() == 0);
  net.plan = {};
  net.plan.reset_after = 1;
  BOOST_TEST(ambiguous(send()));
  BOOST_TEST(messages() == 1);
}

BOOST_FIXTURE_TEST_CASE(server_errors_come_with_and_without_the_effect, network_fixture) {
  net.plan.error_before = 1;
  auto answer = send();
  BOOST_TEST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status >= 500);
  BOOST_TEST(messages() == 0);
  net.plan = {};
  net.plan.error_after = 1;
  answer = send();
  BOOST_TEST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status >= 500);
  BOOST_TEST(messages() == 1);
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_never_comes_ends_at_the_deadline, network_fixture) {
  net.plan.answer_never = 1;
  auto start = w.now();
  BOOST_TEST(ambiguous(send(7s)));
  BOOST_TEST((w.now() - start == 7s));
  BOOST_TEST(messages() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_request_can_be_applied_long_after_its_client_gave_up, network_fixture) {
  net.plan.applied_late = 1;
  BOOST_TEST(ambiguous(send(5s)));
  auto at_once = messages();
  w.run_for(5s + net.plan.late_max);
  BOOST_TEST(at_once == 0);
  BOOST_TEST(messages() == 1);
  BOOST_TEST(net.travelling() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_request_that_has_left_is_applied_although_its_process_is_dead, network_fixture) {
  p.spawn(post_and_forget(transport, post(), w.now() + 10s));
  w.run_for({});
  w.kill(p);
  gone = true;
  w.run_for(10s);
  BOOST_TEST(messages() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_429_that_was_announced_is_a_violation_and_one_in_the_dark_is_not, network_fixture) {
  net.process_started();
  for (int i = 0; i < 6; ++i) (void)send();
  BOOST_TEST(net.stats().limited == 1);
  BOOST_TEST(net.violations().empty());
  w.run_for(network::blind_for + 10s);
  for (int i = 0; i < 6; ++i) (void)send();
  BOOST_TEST(net.violations().size() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_429_that_headers_deny_is_excused_and_so_is_one_in_the_window_that_it_told_lies_about, network_fixture) {
  auto deny_next = [&] {
    guild::fault_plan plan;
    plan.limited_hidden = 1;
    plan.at_most = 1;
    guild.set_faults(plan);
  };
  w.run_for(network::blind_for);
  for (int i = 0; i < 4; ++i) (void)send();
  deny_next();
  for (int i = 0; i < 2; ++i) BOOST_TEST(send()->status == 429);  // the second by the limit; one more, said the first
  BOOST_TEST(net.stats().limited_by_fault == 1);
  BOOST_TEST(net.violations().empty());
  w.run_for(10s);
  deny_next();
  for (int i = 0; i < 6; ++i) (void)send();  // the first was true: four remain
  BOOST_TEST(net.stats().limited_by_fault == 2);
  BOOST_TEST(net.violations().size() == 1);
}

BOOST_FIXTURE_TEST_CASE(limits_that_are_cut_to_a_tenth_hold_from_then_on_and_are_watched, network_fixture) {
  auto usual = guild.options().limits;
  guild.set_limits(tenth_of(usual));
  net.limits_cut(true);
  for (int i = 0; i < 6; ++i) (void)send();
  BOOST_TEST(net.stats().limited == 1);
  BOOST_TEST(net.violations().empty());  // just after the cut
  guild.restart();
  w.run_for(network::blind_for);
  for (int i = 0; i < 5; ++i) BOOST_TEST(send()->status == 200);
  w.run_for(6s);  // a window of five seconds would be over
  BOOST_TEST(send()->status == 429);
  BOOST_TEST(net.violations().size() == 1);
  guild.set_limits(usual);
  net.limits_cut(false);
  BOOST_TEST(send()->status == 200);
}

BOOST_FIXTURE_TEST_CASE(the_guilds_own_faults_outlast_a_restart_and_are_counted_throughout, network_fixture) {
  guild::fault_plan plan;
  plan.reply_lost = 1;
  guild.set_faults(plan);
  BOOST_TEST(ambiguous(send()));
  guild.restart();
  BOOST_TEST(ambiguous(send()));
  guild.set_faults({});
  BOOST_TEST(send().has_value());
  BOOST_TEST(guild.faults_drawn()["reply_lost"] == 2);
}

BOOST_FIXTURE_TEST_CASE(a_stale_history_lacks_only_what_is_newer_than_its_staleness, network_fixture) {
  (void)send();
  w.run_for(10s);
  (void)send();
  net.plan.stale_history = 1;
  net.plan.stale_max = 5s;
  auto seen = [this] {
    auto r = post();
    r.method = "GET";
    r.url += "?limit=100";
    r.body.clear();
    auto answer = w.run(p, transport.send(std::move(r), w.now() + 5s));
    return boost::json::parse(answer->body).as_array().size();
  };
  bool stale = false;
  for (int i = 0; i < 3; ++i) {
    auto n = seen();
    BOOST_TEST(n >= 1);
    stale = stale || n == 1;
  }
  BOOST_TEST(stale);
  w.run_for(5s);
  BOOST_TEST(seen() == 2);
}

BOOST_FIXTURE_TEST_CASE(a_gateway_connection_says_hello_and_can_be_lost, network_fixture) {
  auto url = "ws" + guild.options().public_url.substr(4) + "/?v=10&encoding=json";
  auto stream = w.run(p, transport.open(url, w.now() + 5s));
  BOOST_TEST_REQUIRE(stream.has_value());
  auto first = w.run(p, (*stream)->receive());
  BOOST_TEST(std::get<discord::stream_frame>(first).data.find("\"op\":10") != std::string::npos);
  guild.restart();
  auto second = w.run(p, (*stream)->receive());
  BOOST_TEST(std::get<discord::stream_closed>(second).code == 1006);
}
