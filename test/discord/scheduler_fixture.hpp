#pragma once
// A scheduler over a scripted transport in virtual time.

#include "actor/task_group.hpp"
#include "discord/request_scheduler.hpp"
#include "discord/scripted_transport.hpp"
#include "simulation/virtual_environment.hpp"

namespace dbcord::discord::test {

inline rest_request request_to(std::string channel, std::string method = "POST",
                               database::priority level = database::priority::interactive) {
  rest_request r;
  r.method = std::move(method);
  r.route = "/channels/{}/messages";
  r.top_level = channel;
  r.path = "/channels/" + channel + "/messages";
  r.level = level;
  return r;
}

struct scheduler_fixture {
  explicit scheduler_fixture(scheduler_options o = options())
      : net(sim.make<scripted_transport>(sim.env())),
        scheduler(sim.make<request_scheduler>(sim.env(), net, o)) {}
  ~scheduler_fixture() { sim.drop(); }

  static scheduler_options options() {
    scheduler_options o;
    o.api_url = "http://guild/api/v10";
    o.token = "Bot t";
    o.limits.margin = 0ms;
    return o;
  }

  using outcome = base::result<rest_response>;
  struct pending {
    std::optional<outcome> value;
    base::steady_time at;
  };

  outcome send(rest_request r, base::duration limit = 1min) {
    r.deadline = sim.after(limit);
    return sim.run(scheduler.send(std::move(r)));
  }
  // Goes on in the background; the answer and its time appear in what is returned.
  std::shared_ptr<pending> start(rest_request r, base::duration limit = 1min) {
    r.deadline = sim.after(limit);
    auto into = std::make_shared<pending>();
    sim.spawn(keep(this, std::move(r), into));
    sim.settle();
    return into;
  }
  bool wait_for(const std::shared_ptr<pending>& p) {
    return sim.run_until([p] { return p->value.has_value(); });
  }

  simulation::virtual_environment sim;
  scripted_transport& net;
  request_scheduler& scheduler;

 private:
  static actor::task<void> keep(scheduler_fixture* self, rest_request r, std::shared_ptr<pending> into) {
    auto answer = co_await self->scheduler.send(std::move(r));
    into->value.emplace(std::move(answer));
    into->at = self->sim.now();
  }
};

}  // namespace dbcord::discord::test
