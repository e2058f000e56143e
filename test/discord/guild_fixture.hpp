#pragma once
// Scheduler, message store and clients of one bot over the guild's core, in virtual time, with faults on
// request.

#include "discord/client.hpp"
#include "discord/interaction_client.hpp"
#include "discord/rest_message_store.hpp"
#include "simulation/network.hpp"
#include "simulation/simulated_transport.hpp"

namespace dbcord::discord::test {

using namespace std::chrono_literals;

struct guild_fixture {
  explicit guild_fixture(guild::core_options o = {}) : guild(world, trace, o) {}
  ~guild_fixture() {
    if (process) world.kill(*process);
  }

  base::steady_time after(base::duration d) { return world.now() + d; }
  database::call_options within(base::duration d = 1min) {
    return {database::priority::interactive, world.now() + d};
  }
  template <class T>
  T run(actor::task<T> work) {
    return world.run(*process, std::move(work));
  }
  // The faults of `plan` for what is sent during the next 100 ms only.
  void faults_for_a_moment(simulation::fault_plan plan) {
    net.plan = plan;
    world.after(100ms, [this] { net.plan = {}; });
  }
  scheduler_options options(std::string authorization) {
    scheduler_options o;
    o.api_url = guild.options().public_url + "/api/v10";
    o.token = std::move(authorization);
    return o;
  }
  store_identity identity() {
    auto c = guild.credentials();
    return {c.guild, base::user_id{c.application.value}};  // a bot's user has the application's id
  }
  base::channel_id general() { return guild.credentials().channel; }

  simulation::world world{7};
  simulation::trace trace{world.now_reference()};
  simulation::simulated_guild guild;
  simulation::network net{world, guild, trace};
  simulation::process* process = &world.start("bot");
  const actor::environment& env = process->env();
  simulation::simulated_transport& transport =
      process->make<simulation::simulated_transport>(env, net, "bot");
  request_scheduler& scheduler =
      process->make<request_scheduler>(env, transport, options("Bot " + guild.credentials().bot_token));
  rest_message_store& store = process->make<rest_message_store>(env, scheduler, identity());
  discord::client& client = process->make<discord::client>(env, scheduler);
  interaction_client& interactions = process->make<interaction_client>(env, scheduler);
};

inline database::new_message text(std::string content, std::string nonce = "n1") {
  database::new_message m;
  m.content = std::move(content);
  m.nonce = std::move(nonce);
  return m;
}

}  // namespace dbcord::discord::test
