#pragma once
// process: one simulated operating-system process: an io_context, clock, timers, randomness and log of its own, and the
// objects that live in it. Made by world::start(), ended by world::kill() at any point between two handlers, as by
// SIGKILL: nothing of it runs again. One thread (the world's).
//
// Order of death: every timer and pending handler is destroyed (and with them every coroutine frame, while the objects
// that the frames refer to still live), then the objects made with make(), newest first, then the io_context.

#include <boost/asio/co_spawn.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actor/environment.hpp"
#include "simulation/virtual_clock.hpp"
#include "simulation/virtual_timers.hpp"

namespace dbcord::simulation {

struct process_options {
  std::string name;
  std::uint64_t seed = 1;
  base::duration wall_skew{};       // how wrong its wall clock is
  base::logger* log = nullptr;      // outlives the process; null: nothing is logged
};

class process {
 public:
  process(const base::steady_time& now, process_options options);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  const actor::environment& env() const { return env_; }
  const std::string& name() const { return name_; }
  // Handlers and timers run so far.
  std::uint64_t steps() const { return steps_; }

  // An object that lives in the process and dies with it.
  template <class T, class... Args>
  T& make(Args&&... args) {
    auto object = std::make_shared<T>(std::forward<Args>(args)...);
    objects_.push_back(object);
    return *object;
  }
  // Takes over an object made elsewhere (a unique_ptr, say).
  template <class T>
  T& adopt(std::shared_ptr<T> object) {
    objects_.push_back(object);
    return *object;
  }

  // Starts a coroutine; an exception that escapes it leaves world::step() and fails the test.
  void spawn(actor::task<void> work);

 private:
  friend class world;

  // An io_context whose pending handlers can be destroyed before the objects that they refer to.
  class context : public actor::asio::io_context {
   public:
    context() : io_context(1) {}
    void drop_handlers() { shutdown(); }
  };

  bool poll_one();
  bool fire_due();
  std::optional<base::steady_time> next_timer() const;  // in the world's time
  void destroy();

  std::string name_;
  virtual_clock clock_;
  virtual_timers timers_;
  base::seeded_random random_;
  base::null_logger silence_;
  context context_;
  actor::asio::executor_work_guard<actor::asio::io_context::executor_type> work_;
  actor::environment env_;
  std::vector<std::shared_ptr<void>> objects_;
  std::uint64_t steps_ = 0;
  base::steady_time paused_until_{};
  std::uint64_t fuse_ = 0;  // handlers left until the world ends it; 0: none
  base::unique_function<void()> burnt_;
};

}  // namespace dbcord::simulation
