#pragma once
// The ids of the last interactions, so that a second delivery is known for what it is. Bounded: the oldest goes first.
// Not thread-safe; its owner's strand.

#include <deque>
#include <unordered_set>

#include "dbcord/base/ids.hpp"

namespace dbcord::bot {

class recent_ids {
 public:
  explicit recent_ids(std::size_t limit) : limit_(limit) {}

  // False if the id is remembered already.
  bool add(base::interaction_id id) {
    if (!known_.insert(id).second) return false;
    order_.push_back(id);
    if (order_.size() > limit_) {
      known_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

 private:
  std::size_t limit_;
  std::unordered_set<base::interaction_id> known_;
  std::deque<base::interaction_id> order_;
};

}  // namespace dbcord::bot
