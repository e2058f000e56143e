#pragma once
// snapshots_in_hand: the snapshots that this process is writing right now, by their tokens, so that nobody takes their parts for what an unfinished one has left. Any
// thread; outlives its claims.

#include <mutex>
#include <set>
#include <string>

namespace dbcord::database {

class snapshots_in_hand {
 public:
  // While it lives, the snapshot counts as being written.
  class claim {
   public:
    claim(snapshots_in_hand& owner, std::string token);
    claim(const claim&) = delete;
    claim& operator=(const claim&) = delete;
    ~claim();

   private:
    snapshots_in_hand& owner_;
    std::string token_;
  };

  std::set<std::string> all() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> tokens_;  // random, so no two snapshots have the same
};

}  // namespace dbcord::database
