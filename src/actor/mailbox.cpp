#include "actor/mailbox.hpp"

#include <boost/asio/post.hpp>

#include "actor/no_suspend.hpp"

namespace dbcord::actor {

bool mailbox::push(message m) {
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= limit_) return false;
    queue_.push_back(std::move(m));
    if (std::exchange(scheduled_, true)) return true;
  }
  asio::post(strand_, [self = shared_from_this()] { self->drain(); });
  return true;
}

std::size_t mailbox::size() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

void mailbox::discard() {
  std::vector<message> waiting;  // destroyed outside the lock: a message may own anything
  std::lock_guard lock(mutex_);
  waiting.swap(queue_);
}

// One batch a turn, so that other handlers of the strand (resumed coroutines) are not starved.
void mailbox::drain() {
  std::vector<message> batch;
  {
    std::lock_guard lock(mutex_);
    batch.swap(queue_);
  }
  for (auto& m : batch) {
    check_may_suspend();
    m();
  }
  {
    std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      scheduled_ = false;
      return;
    }
  }
  asio::post(strand_, [self = shared_from_this()] { self->drain(); });
}

}  // namespace dbcord::actor
