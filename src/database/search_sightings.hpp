#pragma once
// search_sightings: which messages of a table's channel guild search has been seen to return. Messages are immutable, so one that was seen stays
// findable; every other one may be missing from search for ever (design.md section 8). Forgetting a sighting is always safe: its row is looked at
// itself then. Plain data; owned by a table_actor, on its strand.
//
// Limits: 8 to 12 bytes a sighting and at most as many as the constructor is told; what is seen beyond that stays unseen.

#include <absl/container/btree_set.h>

#include <memory>
#include <vector>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

class search_sightings {
 public:
  static constexpr std::uint64_t bytes_each = 12;

  explicit search_sightings(std::size_t most) : most_(most) {}

  // What one find may rest on: what had been seen when it began, as long as search has not lost its index since.
  class view {
   public:
    bool shows(base::message_id message) const { return owner_ && owner_->seen_.contains(message) && !later_.contains(message); }

   private:
    friend class search_sightings;
    explicit view(const search_sightings* owner) : owner_(owner) {}
    static constexpr std::size_t later_max = 100'000;  // beyond it the find rests on nothing
    const search_sightings* owner_;                     // null: rests on nothing
    absl::btree_set<base::message_id> later_;
  };
  using view_ptr = std::shared_ptr<view>;
  // Must not outlive this.
  view_ptr begin();

  // Search has returned a message in which a live row lies, with tokens for all its scalars.
  void add(base::message_id message);
  // Search has no index, or builds it anew: nothing may be in it.
  void reset();
  // No row lives in that message any more.
  void forget(base::message_id message) { seen_.erase(message); }
  bool empty() const { return seen_.empty(); }

  // For checkpoints.
  std::vector<base::message_id> all() const { return {seen_.begin(), seen_.end()}; }
  void load(const std::vector<base::message_id>& messages);  // ascending

  std::size_t size() const { return seen_.size(); }
  bool full() const { return seen_.size() >= most_; }
  std::uint64_t memory() const { return seen_.size() * bytes_each; }

 private:
  std::size_t most_;
  absl::btree_set<base::message_id> seen_;
  std::vector<std::weak_ptr<view>> views_;
};

}  // namespace dbcord::database
