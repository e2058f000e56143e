#include "simulation/process.hpp"

namespace dbcord::simulation {

process::process(const base::steady_time& now, process_options options)
    : name_(std::move(options.name)),
      clock_(now, options.wall_skew),
      random_(options.seed),
      work_(actor::asio::make_work_guard(context_)),
      env_{context_, clock_, timers_, random_, options.log ? *options.log : silence_} {}

process::~process() { destroy(); }

void process::destroy() {
  timers_.drop_all();
  context_.drop_handlers();
  while (!objects_.empty()) objects_.pop_back();
  // What the objects' destructors have posted or scheduled must not outlive them.
  timers_.drop_all();
  context_.drop_handlers();
}

void process::spawn(actor::task<void> work) {
  actor::asio::co_spawn(context_, std::move(work), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

bool process::poll_one() {
  if (context_.poll_one() == 0) return false;
  ++steps_;
  return true;
}

std::optional<base::steady_time> process::next_timer() const {
  auto next = timers_.next();
  if (next) next = clock_.in_world(*next);
  return next;
}

bool process::fire_due() {
  auto due = timers_.pop_due(clock_.now());
  if (!due) return false;
  ++steps_;
  due();
  return true;
}

}  // namespace dbcord::simulation
