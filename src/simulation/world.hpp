#pragma once
// world: virtual time and everything that happens in it. Owns the processes and a queue of events (network, faults,
// crashes) ordered by (deadline, sequence). A step runs one handler, timer or event; when nothing is left to do at this
// instant, time jumps to the next deadline. Everything is drawn from the seed, so equal seeds give equal runs.
// One thread. Destroying the world kills its processes first.
//
// Exceptions that escape a handler leave the stepping functions. A world that runs max_steps_per_instant handlers without
// time passing is a busy loop somewhere: std::logic_error.

#include <functional>
#include <optional>
#include <stdexcept>

#include "simulation/process.hpp"

namespace dbcord::simulation {

class world {
 public:
  static constexpr std::uint64_t max_steps_per_instant = 20'000'000;
  static constexpr base::duration default_limit = std::chrono::hours(1);  // of virtual time

  explicit world(std::uint64_t seed = 1);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  base::steady_time now() const { return now_; }
  const base::steady_time& now_reference() const { return now_; }  // for what must always show the time
  base::system_time wall_now() const { return wall_at(now_); }
  base::random_source& random() { return random_; }

  // A new process; its seed is drawn from the world's.
  process& start(std::string name, base::logger* log = nullptr, base::duration wall_skew = {});
  // Ends a process at once. Not from inside one of its own handlers.
  void kill(process& victim);
  // Calls `burnt` (which usually kills) when the process has run `steps` more handlers.
  void set_fuse(process& victim, std::uint64_t steps, base::unique_function<void()> burnt);

  // Stops a process as by SIGSTOP until that time: nothing of it runs meanwhile, its timers fire late. `clocks_as_well`: as with its whole machine; its
  // clocks do not know of it.
  void pause_until(process& p, base::steady_time when, bool clocks_as_well = false);

  // Runs `event` outside of all processes at that time; never earlier than now.
  actor::timer_service::timer_id at(base::steady_time when, base::unique_function<void()> event);
  actor::timer_service::timer_id after(base::duration d, base::unique_function<void()> event) {
    return at(now_ + d, std::move(event));
  }
  bool cancel(actor::timer_service::timer_id id) { return events_.erase(id); }

  // Handlers, timers and events so far.
  std::uint64_t steps() const { return steps_; }

  // One handler, timer or event. False when nothing is left to do, ever.
  bool step() { return step_until(base::steady_time::max()); }
  // Until `done()` (true), or until the limit has passed or nothing is left to do (false).
  bool run_until(const std::function<bool()>& done, base::duration limit = default_limit);
  // Lets exactly that much time pass.
  void run_for(base::duration d);

  // Runs a task on a process to its end and returns what it returned or throws what it threw. std::runtime_error when it
  // has not ended within the limit of virtual time.
  template <class T>
  T run(process& where, actor::task<T> work, base::duration limit = default_limit);

 private:
  bool step_until(base::steady_time last);
  bool run_something_now();
  bool jump(base::steady_time last);
  void burn(process& victim);

  base::steady_time now_ = steady_origin;
  base::seeded_random random_;
  actor::timer_queue events_;
  std::vector<std::unique_ptr<process>> processes_;
  std::size_t turn_ = 0;  // whose handler is next
  process* running_ = nullptr;
  std::uint64_t steps_this_instant_ = 0;
  std::uint64_t steps_ = 0;
};

namespace detail {

template <class T>
struct outcome {
  std::optional<T> value;
  std::exception_ptr failure;
  bool done = false;
};
template <>
struct outcome<void> {
  std::exception_ptr failure;
  bool done = false;
};

template <class T>
actor::task<void> keep_result(actor::task<T> work, std::shared_ptr<outcome<T>> into) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(work);
    } else {
      into->value.emplace(co_await std::move(work));
    }
  } catch (...) {
    into->failure = std::current_exception();
  }
  into->done = true;
}

}  // namespace detail

template <class T>
T world::run(process& where, actor::task<T> work, base::duration limit) {
  auto outcome = std::make_shared<detail::outcome<T>>();
  where.spawn(detail::keep_result<T>(std::move(work), outcome));
  if (!run_until([outcome] { return outcome->done; }, limit)) {
    throw std::runtime_error("the task did not end within the limit of virtual time");
  }
  if (outcome->failure) std::rethrow_exception(outcome->failure);
  if constexpr (!std::is_void_v<T>) return std::move(*outcome->value);
}

}  // namespace dbcord::simulation
