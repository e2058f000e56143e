#include "simulation/world.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"

namespace dbcord::simulation {

world::world(std::uint64_t seed) : random_(seed) {}

world::~world() {
  while (!processes_.empty()) processes_.pop_back();
}

process& world::start(std::string name, base::logger* log, base::duration wall_skew) {
  process_options options;
  options.name = std::move(name);
  options.seed = random_.next();
  options.wall_skew = wall_skew;
  options.log = log;
  processes_.push_back(std::make_unique<process>(now_, std::move(options)));
  return *processes_.back();
}

void world::kill(process& victim) {
  DBCORD_ASSERT(running_ != &victim);
  auto it = std::find_if(processes_.begin(), processes_.end(), [&](auto& p) { return p.get() == &victim; });
  DBCORD_ASSERT(it != processes_.end());
  auto dying = std::move(*it);
  processes_.erase(it);
  turn_ = 0;
}

void world::pause_until(process& p, base::steady_time when, bool clocks_as_well) {
  auto from = std::max(p.paused_until_, now_);
  if (when <= from) return;
  p.paused_until_ = when;
  if (clocks_as_well) p.clock_.stand_still(when - from);
}

void world::set_fuse(process& victim, std::uint64_t steps, base::unique_function<void()> burnt) {
  victim.fuse_ = std::max<std::uint64_t>(steps, 1);
  victim.burnt_ = std::move(burnt);
}

actor::timer_service::timer_id world::at(base::steady_time when, base::unique_function<void()> event) {
  return events_.push(std::max(when, now_), std::move(event));
}

void world::burn(process& victim) {
  if (victim.fuse_ == 0 || --victim.fuse_ != 0) return;
  auto burnt = std::move(victim.burnt_);
  burnt();
}

// Handlers come before timers and timers before events, so that what happens at one instant is finished in causal order;
// the processes take turns.
bool world::run_something_now() {
  struct guard {
    process*& slot;
    ~guard() { slot = nullptr; }
  };
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    process& p = *processes_[(turn_ + i) % processes_.size()];
    if (p.paused_until_ > now_) continue;
    bool ran = false;
    {
      guard g{running_};
      running_ = &p;
      ran = p.poll_one() || p.fire_due();
    }
    if (!ran) continue;
    turn_ = (turn_ + i + 1) % processes_.size();
    burn(p);
    return true;
  }
  auto event = events_.pop_due(now_);
  if (!event) return false;
  event();
  return true;
}

bool world::jump(base::steady_time last) {
  auto next = events_.next();
  for (const auto& p : processes_) {
    auto mine = p->next_timer();
    if (p->paused_until_ > now_) mine = p->paused_until_;  // then whatever has become ready goes on
    if (mine && (!next || *mine < *next)) next = mine;
  }
  if (!next || *next > last) return false;
  DBCORD_ASSERT(*next > now_);
  now_ = *next;
  steps_this_instant_ = 0;
  return true;
}

bool world::step_until(base::steady_time last) {
  do {
    if (!run_something_now()) continue;
    ++steps_;
    if (++steps_this_instant_ > max_steps_per_instant) throw std::logic_error("busy loop: virtual time stands still");
    return true;
  } while (jump(last));
  return false;
}

bool world::run_until(const std::function<bool()>& done, base::duration limit) {
  auto last = now_ + limit;
  while (!done()) {
    if (!step_until(last)) {
      if (done()) return true;
      return false;
    }
  }
  return true;
}

void world::run_for(base::duration d) {
  auto last = now_ + d;
  while (step_until(last)) {
  }
  now_ = last;
}

}  // namespace dbcord::simulation
