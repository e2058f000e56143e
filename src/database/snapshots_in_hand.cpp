#include "database/snapshots_in_hand.hpp"

namespace dbcord::database {

snapshots_in_hand::claim::claim(snapshots_in_hand& owner, std::string token) : owner_(owner), token_(std::move(token)) {
  std::lock_guard lock(owner_.mutex_);
  owner_.tokens_.insert(token_);
}

snapshots_in_hand::claim::~claim() {
  std::lock_guard lock(owner_.mutex_);
  owner_.tokens_.erase(token_);
}

std::set<std::string> snapshots_in_hand::all() const {
  std::lock_guard lock(mutex_);
  return tokens_;
}

}  // namespace dbcord::database
