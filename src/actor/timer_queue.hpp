#pragma once
// Pending timers ordered by (deadline, order of scheduling); the pure part that real and virtual time share.
// Not thread-safe: its owner locks.

#include <map>
#include <optional>
#include <unordered_map>

#include "actor/timer_service.hpp"

namespace dbcord::actor {

class timer_queue {
 public:
  timer_service::timer_id push(base::steady_time when, timer_service::callback fire) {
    auto id = ++last_id_;
    order_.emplace(std::pair{when, id}, std::move(fire));
    deadlines_.emplace(id, when);
    return id;
  }

  bool erase(timer_service::timer_id id) {
    auto it = deadlines_.find(id);
    if (it == deadlines_.end()) return false;
    order_.erase({it->second, id});
    deadlines_.erase(it);
    return true;
  }

  std::optional<base::steady_time> next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first.first;
  }

  // The earliest callback that is due at `now`, removed; an empty one if none is.
  timer_service::callback pop_due(base::steady_time now) {
    if (order_.empty() || order_.begin()->first.first > now) return {};
    auto node = order_.extract(order_.begin());
    deadlines_.erase(node.key().second);
    return std::move(node.mapped());
  }

  std::size_t size() const { return order_.size(); }

 private:
  std::map<std::pair<base::steady_time, timer_service::timer_id>, timer_service::callback> order_;
  std::unordered_map<timer_service::timer_id, base::steady_time> deadlines_;
  timer_service::timer_id last_id_ = 0;
};

}  // namespace dbcord::actor
