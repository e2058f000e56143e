#pragma once
// What dispatcher tests begin with.

#include "bot/dispatcher.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include "bot/kept_log.hpp"
#include "commands/fake_engine.hpp"
#include "discord/scripted_transport.hpp"
#include "simulation/virtual_environment.hpp"

namespace dbcord::test {

using namespace std::chrono_literals;
using discord::test::answer;
using discord::test::failure;
using discord::test::reply;
using discord::transport_errc;

namespace json = boost::json;

// A dispatcher over the real scheduler and clients; what Discord answers is scripted per kind of request.
struct dispatcher_fixture {
  test::kept_log log;
  simulation::virtual_environment sim{1, &log};
  discord::test::scripted_transport& net;
  discord::request_scheduler& scheduler;
  discord::client& client;
  discord::interaction_client& interactions;
  test::fake_engine& engine;
  bot::dispatcher_options options = default_options();
  bot::dispatcher* dispatcher = nullptr;
  std::deque<reply> callbacks, edits;  // the next answers; afterwards all is well
  reply original = answer(200, R"({"id":"1","flags":192})");  // of an interaction: loading, ephemeral

  dispatcher_fixture()
      : net(sim.make<discord::test::scripted_transport>(sim.env())),
        scheduler(sim.make<discord::request_scheduler>(sim.env(), net, rest_options())),
        client(sim.make<discord::client>(sim.env(), scheduler)),
        interactions(sim.make<discord::interaction_client>(sim.env(), scheduler)),
        engine(sim.make<test::fake_engine>()) {
    engine.env = &sim.env();
    engine.database_names = {"prod", "test"};
    net.otherwise([this](const discord::http_request& r) { return respond(r); });
  }
  ~dispatcher_fixture() { sim.drop(); }

  static bot::dispatcher_options default_options() {
    bot::dispatcher_options o;
    o.guild = base::guild_id{9};
    o.application = base::application_id{88};
    return o;
  }
  static discord::scheduler_options rest_options() {
    discord::scheduler_options o;
    o.api_url = "http://guild/api/v10";
    o.token = "Bot t";
    return o;
  }

  reply respond(const discord::http_request& r) {
    auto next = [](std::deque<reply>& queue, reply otherwise) {
      if (queue.empty()) return otherwise;
      auto taken = queue.front();
      queue.pop_front();
      return taken;
    };
    if (r.url.ends_with("/callback")) return next(callbacks, answer(204, ""));
    if (r.method == "PATCH") return next(edits, answer(200, R"({"id":"1"})"));
    if (r.url.ends_with("/@original")) return original;
    return answer(200, "file bytes");
  }

  void deliver(json::object event) {
    if (!dispatcher) dispatcher = &sim.make<bot::dispatcher>(sim.env(), client, interactions, engine, options);
    dispatcher->on_interaction(event);
  }
  static json::object event(std::uint64_t id, std::string_view data, int type = 2, std::string guild = "9") {
    json::object e;
    e["id"] = std::to_string(id);
    e["type"] = type;
    e["token"] = "tok" + std::to_string(id);
    e["guild_id"] = guild;
    e["member"] = json::object{{"user", json::object{{"id", "42"}}}};
    e["data"] = json::parse(json::string_view(data));
    return e;
  }
  static json::object remove(std::uint64_t id) {
    return event(id, R"({"name":"dbc_delete","options":[{"name":"database","type":3,"value":"prod"},
      {"name":"table","type":3,"value":"users"},{"name":"key","type":3,"value":"k"}]})");
  }
  void settle(base::duration d = 1min) { sim.advance(d); }

  std::vector<const discord::http_request*> requests(std::string_view ending) const {
    std::vector<const discord::http_request*> found;
    for (const auto& s : net.seen())
      if (s.request.url.ends_with(ending)) found.push_back(&s.request);
    return found;
  }
  std::size_t callbacks_sent() const { return requests("/callback").size(); }
  std::size_t edits_sent() const { return requests("/@original").size(); }
  json::object callback(std::size_t n) const { return json::parse(requests("/callback").at(n)->body).as_object(); }
  std::string callback_text(std::size_t n) const { return std::string(callback(n).at("data").at("content").as_string()); }
  std::string shown(std::size_t n = 0) const {
    auto body = json::parse(requests("/@original").at(n)->body).as_object();
    return std::string(body.at("content").as_string());
  }
};

}  // namespace dbcord::test
