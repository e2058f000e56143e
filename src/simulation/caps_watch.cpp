#include "simulation/caps_watch.hpp"

#include <fmt/format.h>

namespace dbcord::simulation {
namespace {

constexpr std::uint64_t caps_seed = 0xCA95;
constexpr base::duration usual_pause_between_looks = std::chrono::seconds(1);
constexpr base::duration look_patience = std::chrono::seconds(20);

}  // namespace

caps_watch::caps_watch(world& w, const scenario& s, std::vector<supervisor*> processes)
    : world_(w), promised_(caps_of(s)), processes_(std::move(processes)), random_(s.seed ^ caps_seed) {}

void caps_watch::start() { next(); }

void caps_watch::next() {
  world_.after(draw_exponential(usual_pause_between_looks, random_), [this, alive = alive_] {
    if (!*alive) return;
    for (auto* of : processes_) {
      if (!of->ready() || !of->program()->engine()) continue;
      of->where()->spawn(look(of->where()->env(), *of->program()->engine(), promised_, of->where()->name(), seen_));
    }
    next();
  });
}

actor::task<void> caps_watch::look(const actor::environment& env, database::engine& engine, caps promised, std::string who, std::shared_ptr<findings> into) {
  auto when = env.now();
  auto passed = co_await look_at_caps(engine, promised, env.after(look_patience));
  ++into->looks;
  for (auto& what : passed) {
    into->violations.push_back(fmt::format("{} at {:.3f} s: {}", who, std::chrono::duration<double>(when - steady_origin).count(), what));
  }
}

}  // namespace dbcord::simulation
