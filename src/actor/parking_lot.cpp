#include "actor/parking_lot.hpp"

#include "actor/wait_slot.hpp"

namespace dbcord::actor {

void parking_lot::enter(wait_slot& slot) {
  std::lock_guard lock(mutex_);
  slot.next_ = first_;
  slot.previous_ = nullptr;
  if (first_) first_->previous_ = &slot;
  first_ = &slot;
}

void parking_lot::leave(wait_slot& slot) {
  std::lock_guard lock(mutex_);
  if (slot.next_) slot.next_->previous_ = slot.previous_;
  (slot.previous_ ? slot.previous_->next_ : first_) = slot.next_;
  slot.next_ = slot.previous_ = nullptr;
}

void parking_lot::shutdown() noexcept {
  for (;;) {
    std::shared_ptr<wait_slot> slot;
    {
      std::lock_guard lock(mutex_);
      if (!first_) return;
      slot = first_->shared_from_this();
    }
    slot->take_waiter();  // the waiter dies here, and with it the coroutine that sleeps in it
  }
}

}  // namespace dbcord::actor
