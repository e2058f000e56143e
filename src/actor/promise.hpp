#pragma once
// promise<T>: a value set once on one side and awaited once on the other. Copies share the state. Any thread.
// The first set() wins; later ones are ignored (an answer that lost against a deadline, say).

#include <optional>

#include "actor/wait_slot.hpp"

namespace dbcord::actor {

template <class T>
class promise {
 public:
  promise() : state_(std::make_shared<state>()) {}

  bool set(T value) const {
    {
      std::lock_guard lock(state_->mutex);
      if (state_->done) return false;
      state_->done = true;
      state_->value.emplace(std::move(value));
    }
    state_->slot->wake();
    return true;
  }

  bool same_as(const promise& other) const { return state_ == other.state_; }

  bool is_set() const {
    std::lock_guard lock(state_->mutex);
    return state_->done;
  }

  task<T> get() const { return get(state_); }
  // nullopt when the deadline passed first; the value may still be set later and is then dropped.
  task<std::optional<T>> get_until(const environment& env, base::steady_time deadline) const {
    return get_until(state_, env, deadline);
  }

 private:
  struct state {
    std::mutex mutex;
    bool done = false;
    std::optional<T> value;
    std::shared_ptr<wait_slot> slot = std::make_shared<wait_slot>();

    std::optional<T> take() {
      std::lock_guard lock(mutex);
      return std::exchange(value, std::nullopt);
    }
  };

  static task<T> get(std::shared_ptr<state> s) {
    co_await wait_slot::wait(s->slot);
    auto value = s->take();
    DBCORD_ASSERT(value.has_value());
    co_return std::move(*value);
  }

  static task<std::optional<T>> get_until(std::shared_ptr<state> s, const environment& env,
                                          base::steady_time deadline) {
    co_await wait_slot::wait_until(s->slot, env, deadline);
    co_return s->take();
  }

  std::shared_ptr<state> state_;
};

}  // namespace dbcord::actor
