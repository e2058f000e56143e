#pragma once
// watchdog: calls back when its owner has been at one thing for too long. Moving the deadline further away costs no
// timer (the armed one looks again when it fires), so that every request of a busy connection may have its own.
//
// Every function and the callback run on the strand given. Owned by shared_ptr; after its owner's last reference is gone
// nothing fires. The callback must keep nothing alive that owns the watchdog: capture weak pointers, or pointers to the owner.

#include <boost/asio/post.hpp>
#include <memory>
#include <optional>

#include "actor/environment.hpp"

namespace dbcord::actor {

class watchdog : public std::enable_shared_from_this<watchdog> {
 public:
  watchdog(const environment& env, asio::any_io_executor on, base::unique_function<void()> expired)
      : env_(env), strand_(std::move(on)), expired_(std::move(expired)) {}

  void set(base::steady_time deadline) {
    if (stopped_) return;
    deadline_ = deadline;
    if (!armed_ || *armed_ > deadline) arm(deadline);
  }
  void clear() { deadline_.reset(); }
  // The callback is never called again, and is destroyed.
  void stop() {
    clear();
    stopped_ = true;
    expired_ = {};
    if (armed_) env_.timers.cancel(timer_);
    armed_.reset();
  }

 private:
  void arm(base::steady_time when) {
    if (armed_) env_.timers.cancel(timer_);
    armed_ = when;
    auto generation = ++generation_;
    timer_ = env_.timers.schedule(when, [weak = weak_from_this(), on = strand_, generation] {
      asio::post(on, [weak, generation] {
        if (auto self = weak.lock()) self->look(generation);
      });
    });
  }

  void look(std::uint64_t generation) {
    if (!armed_ || generation != generation_) return;
    armed_.reset();
    if (!deadline_) return;
    if (env_.now() < *deadline_) return arm(*deadline_);
    deadline_.reset();
    auto call = std::move(expired_);  // it may stop() us
    if (call) call();
    if (!stopped_) expired_ = std::move(call);
  }

  const environment& env_;
  asio::any_io_executor strand_;
  base::unique_function<void()> expired_;
  std::optional<base::steady_time> deadline_;
  std::optional<base::steady_time> armed_;
  timer_service::timer_id timer_ = 0;
  std::uint64_t generation_ = 0;
  bool stopped_ = false;
};

// Watches the rest of a scope; on its end, however it comes, the watchdog is clear.
class watched_scope {
 public:
  watched_scope(watchdog& w, base::steady_time deadline) : watchdog_(w) { watchdog_.set(deadline); }
  ~watched_scope() { watchdog_.clear(); }
  watched_scope(const watched_scope&) = delete;
  watched_scope& operator=(const watched_scope&) = delete;

 private:
  watchdog& watchdog_;
};

}  // namespace dbcord::actor
