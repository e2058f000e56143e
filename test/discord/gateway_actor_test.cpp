// The gateway actor against the guild's core through a network that loses connections.

#include <boost/test/unit_test.hpp>

#include "discord/gateway_actor.hpp"
#include "discord/guild_fixture.hpp"
#include "discord/json_read.hpp"

namespace dbcord::discord::test {
namespace {

constexpr std::uint64_t guilds_messages_content = 33281;

struct recorder final : gateway_listener {
  void on_dispatch(std::string type, boost::json::object data) override {
    if (type == "MESSAGE_CREATE") messages.push_back(string_at(data, "content"));
    types.push_back(std::move(type));
  }
  void on_state(gateway_state s, std::string) override { states.push_back(s); }
  void on_session(const protocol::gateway_saved_session& s) override { saved = s; }
  void on_fatal(base::error e) override { fatal = std::move(e); }

  bool online() const {
    return !states.empty() &&
           (states.back() == gateway_state::ready || states.back() == gateway_state::resumed);
  }
  auto count(gateway_state s) const { return std::count(states.begin(), states.end(), s); }

  std::vector<std::string> types, messages;
  std::vector<gateway_state> states;
  protocol::gateway_saved_session saved;
  std::optional<base::error> fatal;
};

struct gateway_fixture : guild_fixture {
  explicit gateway_fixture(guild::core_options o = {}) : guild_fixture(o) {}

  gateway_options options() {
    gateway_options o;
    o.url = "ws" + guild.options().public_url.substr(4);
    o.token = guild.credentials().bot_token;
    o.intents = guilds_messages_content;
    return o;
  }
  gateway_actor& start(gateway_options o) {
    auto& g = process->make<gateway_actor>(env, transport, std::move(o), seen);
    g.start();
    return g;
  }
  bool wait_online(base::duration limit = 5min) {
    return world.run_until([this] { return seen.online(); }, limit);
  }
  void post(const std::string& content) {
    guild::http_request r;
    r.method = "POST";
    r.target = "/api/v10/channels/" + general().str() + "/messages";
    r.headers = {{"Authorization", guild.credentials().owner_token},
                 {"User-Agent", "test"},
                 {"Content-Type", "application/json"}};
    r.body = R"({"content":")" + content + R"("})";
    BOOST_REQUIRE(guild.inspect(r).status == 200);
  }
  recorder seen;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gateway_on_a_guild, gateway_fixture)

BOOST_AUTO_TEST_CASE(a_session_becomes_ready_and_hears_what_happens) {
  start(options());
  BOOST_REQUIRE(wait_online());
  world.run_for(1s);
  BOOST_REQUIRE(seen.types.size() >= 2u);
  BOOST_TEST(seen.types[0] == "READY");
  BOOST_TEST(seen.types[1] == "GUILD_CREATE");
  BOOST_TEST((seen.states == std::vector{gateway_state::connecting, gateway_state::ready}));
  post("hello");
  world.run_for(1s);
  BOOST_TEST((seen.messages == std::vector<std::string>{"hello"}));
  world.run_for(30min);
  BOOST_TEST(seen.states.size() == 2u);  // heartbeats keep it alive
}

BOOST_AUTO_TEST_CASE(what_happens_while_the_connection_is_lost_is_heard_later_and_once) {
  net.plan.drop_every = 90s;
  net.plan.drop_silently = 0.5;
  start(options());
  BOOST_REQUIRE(wait_online());
  std::vector<std::string> posted;
  for (int i = 0; i < 200; ++i) {
    posted.push_back(std::to_string(i));
    post(posted.back());
    world.run_for(10s);
  }
  net.plan = {};
  world.run_for(3min);
  BOOST_TEST(seen.online());
  BOOST_TEST(net.stats().drops >= 10u);
  BOOST_TEST(seen.count(gateway_state::ready) == 1);
  BOOST_TEST(seen.messages == posted);
}

BOOST_AUTO_TEST_CASE(a_guild_that_lost_its_sessions_gets_a_new_one) {
  start(options());
  BOOST_REQUIRE(wait_online());
  guild.restart();
  world.run_for(1min);
  BOOST_TEST(seen.online());
  BOOST_TEST(!seen.fatal.has_value());
}

BOOST_AUTO_TEST_CASE(a_guild_that_cannot_be_reached_at_start_is_found_when_it_comes) {
  net.plan.open_refused = 1;
  start(options());
  world.run_for(10min);
  BOOST_TEST(!seen.online());
  net.plan = {};
  BOOST_TEST(wait_online(31s));
}

BOOST_AUTO_TEST_CASE(a_new_process_resumes_the_session_of_a_killed_one) {
  start(options());
  BOOST_REQUIRE(wait_online());
  world.run_for(2min);  // a heartbeat has saved the sequence
  auto saved = seen.saved;
  world.kill(*process);
  post("meanwhile");
  process = &world.start("bot again");
  auto& next_transport = process->make<simulation::simulated_transport>(process->env(), net, "bot again");
  auto o = options();
  o.saved = saved;
  seen = {};
  process->make<gateway_actor>(process->env(), next_transport, std::move(o), seen).start();
  BOOST_REQUIRE(wait_online());
  BOOST_TEST((seen.states.back() == gateway_state::resumed));
  BOOST_TEST((seen.messages == std::vector<std::string>{"meanwhile"}));
}

BOOST_AUTO_TEST_CASE(a_wrong_token_is_fatal_and_not_tried_again) {
  auto o = options();
  o.token = "MTIz.abc.def";
  auto& g = start(o);
  world.run_for(10min);
  BOOST_REQUIRE(seen.fatal.has_value());
  BOOST_TEST((seen.fatal->code == gateway_errc::authentication_failed));
  BOOST_TEST(seen.count(gateway_state::connecting) == 1);
  run(g.stop(after(1s)));
}

BOOST_AUTO_TEST_CASE(stopping_ends_the_session_and_everything_that_ran) {
  auto& g = start(options());
  BOOST_REQUIRE(wait_online());
  auto begun = world.now();
  run(g.stop(after(10s)));
  BOOST_TEST((world.now() - begun < 1s));
  BOOST_TEST((seen.states.back() == gateway_state::stopped));
  BOOST_TEST(seen.saved.session_id.empty());
  BOOST_TEST(seen.saved.identifies == 1);
  post("too late");
  world.run_for(1min);
  BOOST_TEST(seen.messages.empty());
}

BOOST_AUTO_TEST_CASE(stopping_while_connecting_ends_it_too) {
  net.plan.latency_min = 2s;
  auto& g = start(options());
  world.run_for(1s);
  run(g.stop(after(10s)));
  BOOST_TEST((seen.states.back() == gateway_state::stopped));
  world.run_for(1min);
  BOOST_TEST((seen.states.back() == gateway_state::stopped));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(intents_that_are_not_switched_on_are_named) {
  guild::core_options o;
  o.message_content_intent = false;
  gateway_fixture f(o);
  f.start(f.options());
  f.world.run_for(1min);
  BOOST_REQUIRE(f.seen.fatal.has_value());
  BOOST_TEST((f.seen.fatal->code == gateway_errc::disallowed_intents));
  BOOST_TEST(f.seen.fatal->message.find("Message Content Intent") != std::string::npos);
}

}  // namespace dbcord::discord::test
