#pragma once
// virtual_environment: a world with one process, for tests of anything that needs an actor::environment. One thread.
//
//   simulation::virtual_environment sim;
//   auto& engine = sim.make<my_actor>(sim.env(), …);          // dies in the right order with its pending coroutines
//   auto answer = sim.run(engine.get("k", deadline));          // virtual time passes as needed, at once in real time
//   sim.advance(5s);
//
// Objects declared on the stack after it are destroyed before its pending coroutines are: call drop() at the end of the
// test, or use make().

#include "simulation/world.hpp"

namespace dbcord::simulation {

class virtual_environment {
 public:
  explicit virtual_environment(std::uint64_t seed = 1, base::logger* log = nullptr)
      : world_(seed), process_(&world_.start("test", log)) {}

  simulation::world& world() { return world_; }
  simulation::process& process() { return *process_; }
  const actor::environment& env() const { return process_->env(); }
  operator const actor::environment&() const { return env(); }
  base::steady_time now() const { return world_.now(); }
  base::steady_time after(base::duration d) const { return world_.now() + d; }

  template <class T, class... Args>
  T& make(Args&&... args) {
    return process_->make<T>(std::forward<Args>(args)...);
  }
  void spawn(actor::task<void> work) { process_->spawn(std::move(work)); }

  template <class T>
  T run(actor::task<T> work, base::duration limit = world::default_limit) {
    return world_.run(*process_, std::move(work), limit);
  }
  bool run_until(const std::function<bool()>& done, base::duration limit = world::default_limit) {
    return world_.run_until(done, limit);
  }
  void advance(base::duration d) { world_.run_for(d); }
  // Runs what is ready now; no time passes.
  void settle() { world_.run_for({}); }

  // As SIGKILL: pending coroutines are destroyed, then what make() made. Nothing else may be called afterwards.
  void drop() {
    if (process_) world_.kill(*process_);
    process_ = nullptr;
  }

 private:
  simulation::world world_;
  simulation::process* process_;
};

}  // namespace dbcord::simulation
