#include "discord/beast_transport_pool.hpp"

namespace dbcord::discord {

actor::task<std::optional<connection_pool::lease>> connection_pool::acquire(bool reserved, base::steady_time deadline) {
  std::optional<turn> waiting;
  {
    std::lock_guard lock(mutex_);
    if (may_lease(reserved)) {
      ++leased_;
    } else {
      (reserved ? waiting_reserved_ : waiting_).push_back(waiting.emplace());
    }
  }
  if (waiting) co_return co_await waiting->get_until(factory_.env, deadline);
  co_return make_lease();
}

std::size_t connection_pool::idle_count() const {
  std::lock_guard lock(mutex_);
  return idle_.size();
}

void connection_pool::close_idle() {
  std::vector<idle_connection> closing;
  std::lock_guard lock(mutex_);
  closing.swap(idle_);
}

// The place is already counted in leased_.
connection_pool::lease connection_pool::make_lease() {
  auto connection = take_idle();
  if (!connection) connection = factory_.make(server_);
  return {shared_from_this(), std::move(connection)};
}

std::shared_ptr<http_connection> connection_pool::take_idle() {
  for (;;) {
    idle_connection last;
    {
      std::lock_guard lock(mutex_);
      if (idle_.empty()) return nullptr;
      last = std::move(idle_.back());
      idle_.pop_back();
    }
    if (last.connection->alive()) return std::move(last.connection);
  }
}

void connection_pool::give_back(std::shared_ptr<http_connection> connection) {
  std::optional<turn> next;
  {
    std::lock_guard lock(mutex_);
    if (connection->reusable()) idle_.push_back({std::move(connection), factory_.env.now()});
    --leased_;
    next = next_turn();
    if (next) ++leased_;
    if (!idle_.empty()) arm_sweep();
  }
  // A waiter whose deadline has passed drops the lease, and the next one gets it.
  if (next) next->set(make_lease());
}

std::optional<connection_pool::turn> connection_pool::next_turn() {
  for (auto* queue : {&waiting_reserved_, &waiting_}) {
    if (queue->empty() || !may_lease(queue == &waiting_reserved_)) continue;
    auto next = std::move(queue->front());
    queue->pop_front();
    return next;
  }
  return std::nullopt;
}

void connection_pool::arm_sweep() {
  if (std::exchange(sweeping_, true)) return;
  factory_.env.timers.schedule(idle_.front().since + limits_.idle, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->sweep();
  });
}

void connection_pool::sweep() {
  std::vector<idle_connection> closing;
  std::lock_guard lock(mutex_);
  sweeping_ = false;
  auto limit = factory_.env.now() - limits_.idle;
  auto keep = idle_.begin();
  while (keep != idle_.end() && keep->since <= limit) ++keep;
  closing.assign(std::make_move_iterator(idle_.begin()), std::make_move_iterator(keep));
  idle_.erase(idle_.begin(), keep);
  if (!idle_.empty()) arm_sweep();
}

}  // namespace dbcord::discord
