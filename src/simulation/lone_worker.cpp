#include "simulation/lone_worker.hpp"

namespace dbcord::simulation {

lone_worker::lone_worker(world& w, simulated_guild& guild, trace& t, std::string name, base::duration every, std::uint64_t seed)
    : world_(w), trace_(t), random_(seed), user_(w, guild, std::move(name)), every_(every) {}

lone_worker::~lone_worker() { *alive_ = false; }

void lone_worker::start() {
  working_ = busy_ = true;
  next();
}

void lone_worker::next() {
  world_.after(draw_exponential(every_, random_), [this, alive = alive_] {
    if (!*alive) return;
    if (!working_) {
      busy_ = false;
    } else if (user_.online()) {
      act();
    } else {
      next();
    }
  });
}

void lone_worker::ask(slash_command command, base::duration patience, std::function<void(const user_reply&)> told) {
  user_.send(std::move(command), patience, [this, alive = alive_, told = std::move(told)](user_reply reply) {
    if (!*alive) return;
    told(reply);
    trace_.line(user_.name() + " is told: " + reply.text.substr(0, reply.text.find('\n')));
    next();
  });
}

}  // namespace dbcord::simulation
