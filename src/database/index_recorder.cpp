#include "database/index_recorder.hpp"

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t change_overhead = 100;  // of the map's node

}  // namespace

bool index_recorder::was_read(const protocol::json_node& value, const std::string& key) const {
  if (state_ == state::following) return true;
  if (state_ == state::lost || !at_) return false;
  auto order = protocol::compare_values(value, at_->value);
  return order < 0 || (order == 0 && key <= at_->key);
}

void index_recorder::note(const protocol::json_node& value, const std::string& key, bool added) {
  bool read = was_read(value, key);
  if (!read && !held_known_) return;  // it is counted when it is read
  auto hash = protocol::index_entry_hash(value, key);
  if (added) {
    held_.add(hash);
  } else {
    held_.remove(hash);
  }
  if (!read) return;
  if (added) {
    unshown_.add(hash);
  } else {
    unshown_.remove(hash);
  }
  auto entry = protocol::index_entry(value, key);
  auto size = entry.size() + change_overhead;
  auto [it, is_new] = changes_.try_emplace(std::move(entry), change{added, hash});
  if (!is_new) {
    changes_.erase(it);
    bytes_ -= size;
    return;
  }
  bytes_ += size;
  if (changes_.size() > changes_max || bytes_ > changes_bytes_max) lose();
}

void index_recorder::forget_changes() {
  changes_.clear();
  bytes_ = 0;
  unshown_ = {};
  at_.reset();
}

void index_recorder::cleared() {
  lose();
  held_ = {};
  held_known_ = true;
}

void index_recorder::begin_reading() {
  forget_changes();
  if (!held_known_) held_ = {};
  state_ = state::reading;
}

void index_recorder::saw(const protocol::json_node& value, const std::string& key) {
  if (!held_known_) held_.add(protocol::index_entry_hash(value, key));
}

void index_recorder::end_reading() {
  held_known_ = true;
  state_ = state::following;
}

void index_recorder::lose() {
  forget_changes();
  state_ = state::lost;
}

bool index_recorder::resume(const protocol::index_digest& shown) {
  bool same = (held_known_ && shown == held_) || base::has_bug(base::deliberate_bug::trust_what_is_shown);
  if (!same) return false;
  forget_changes();
  state_ = state::following;
  return true;
}

protocol::index_digest index_recorder::shown() const {
  auto shown = held_;
  shown.remove(unshown_);
  return shown;
}

std::vector<std::string> index_recorder::take(std::size_t bytes) {
  bool only_added = base::has_bug(base::deliberate_bug::show_no_removals);
  std::vector<std::string> lines;
  if (only_added) std::erase_if(changes_, [](const auto& c) { return !c.second.added; });
  while (!changes_.empty() && (lines.empty() || bytes > 0)) {
    auto first = changes_.begin();
    lines.push_back(protocol::index_change(first->second.added, first->first));
    bytes -= std::min(bytes, lines.back().size() + 1);
    if (first->second.added) {
      unshown_.remove(first->second.hash);
    } else {
      unshown_.add(first->second.hash);
    }
    bytes_ -= first->first.size() + change_overhead;
    changes_.erase(first);
  }
  return lines;
}

}  // namespace dbcord::database
