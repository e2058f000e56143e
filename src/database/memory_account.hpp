#pragma once
// memory_account: bytes held by rows, against a cap (design.md section 13): of all tables of an engine, or of one database's, which count towards those of the
// engine as well. Any thread.
//
// Values of committed rows can be evicted and read again, so they make room for everything else; so do, behind them, the fingerprints of evicted rows, and
// superseded versions, of whatever table, which are forgotten. What is refused is what would not fit beside the rest even without them.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "actor/promise.hpp"

namespace dbcord::database {

struct memory_figures {
  std::uint64_t used = 0;
  std::uint64_t fixed = 0;  // what of it cannot be evicted
  std::uint64_t cap = 0;
  // As memory_account::admits_new_keys().
  bool takes_new_rows() const { return fixed <= cap / 20 * 18; }
};

struct memory_use {
  std::uint64_t held = 0;    // all of it
  std::uint64_t values = 0;  // which could be evicted
  std::uint64_t past = 0;    // superseded versions, which could be forgotten
  std::uint64_t fingerprints = 0;  // of evicted rows, which go where evicting values is not enough
};

// What somebody wants to add. New keys are refused from 90 % of the cap on, updates from 95 %; deletes, which make room in the end, go on.
struct memory_demand {
  std::uint64_t bytes = 0;
  bool new_keys = true;
};

class memory_account;

// Somebody whose values can be evicted, and whose superseded versions can be forgotten. Both are called on any thread and return at once.
class evicts_values {
 public:
  virtual ~evicts_values() = default;
  virtual void relieve() = 0;
  // Forgets some versions if the demand does not fit into `asking` yet; calls `then`. `asking` outlives the call.
  virtual void forget_past(const memory_account& asking, memory_demand wanted, std::function<void()> then) = 0;
};

class memory_account {
 public:
  // `all`: what is held here is held there too; it outlives this one.
  explicit memory_account(std::uint64_t cap, memory_account* all = nullptr) : cap_(cap), all_(all) {}

  void change(memory_use before, memory_use after) {
    used_.fetch_add(after.held - before.held);
    values_.fetch_add(after.values - before.values);
    past_.fetch_add(after.past - before.past);
    fingerprints_.fetch_add(after.fingerprints - before.fingerprints);
    if (all_) all_->change(before, after);
  }
  std::uint64_t used() const { return used_.load(); }
  // Without what can be evicted.
  std::uint64_t fixed() const {
    auto used = used_.load(), evictable = values_.load() + fingerprints_.load();
    return used > evictable ? used - evictable : 0;
  }
  bool admits(memory_demand d) const { return fixed() + d.bytes <= limit(d) && (!all_ || all_->admits(d)); }
  bool admits_new_keys() const { return admits({}); }
  // It would if superseded versions were forgotten.
  bool has_room_for(memory_demand d) const { return fixed() + d.bytes <= limit(d) + past_.load() && (!all_ || all_->has_room_for(d)); }
  // Forgetting superseded versions makes room for it, or brings what is held back under the cap. Otherwise they would be lost for nothing.
  bool gains_by_forgetting(memory_demand d) const { return forgettable() > 0 && !admits(d) && (has_room_for(d) || is_over()); }
  // A cap of its own is what does not admit it.
  bool is_narrower_than_all(memory_demand d) const { return all_ && cap_ < all_->cap_ && fixed() + d.bytes > limit(d); }
  const memory_account& all() const { return all_ ? *all_ : *this; }
  std::uint64_t cap() const { return cap_; }
  memory_figures figures() const { return {used(), fixed(), cap_}; }
  // How much should be evicted: what is over three quarters of the cap (the rest is for what is pending and for the tables' growth), and a little
  // more, so that it need not be done all the time.
  std::uint64_t excess() const { return std::max(own_excess(), all_ ? all_->excess() : 0); }

  // What of it would be left if all values were evicted: there is no room for fingerprints.
  std::uint64_t excess_beyond_values() const { return std::max(own_excess_beyond_values(), all_ ? all_->excess_beyond_values() : 0); }

  // What could go may have come in when so much more is held.
  std::uint64_t some() const { return cap_ / 200; }
  // What is held here, and by all.
  struct mark {
    std::uint64_t own = 0, all = 0;
  };
  // How much may be used before it is worth while to look again for what could go: a little more, but not more than the cap.
  mark some_more() const { return {own_some_more(), all_ ? all_->own_some_more() : 0}; }
  bool is_below(mark m) const { return used() < m.own && (!all_ || all_->used() < m.all); }
  // Nothing is admitted any more, and superseded versions take a part of it that is worth while.
  bool is_full_of_past() const { return forgettable() > some() && gains_by_forgetting({0, false}); }

  void join(std::weak_ptr<evicts_values> who) {
    std::lock_guard lock(mutex_);
    std::erase_if(members_, [](const auto& m) { return m.expired(); });
    members_.push_back(who);
    if (all_) all_->join(std::move(who));
  }
  // Everybody whom that helps is asked to evict what it can.
  void relieve_all() const {
    for (const auto& m : all_ && all_->excess() > 0 ? all_->members() : members()) {
      if (auto who = m.lock()) who->relieve();
    }
  }
  // Everybody is asked to forget older versions, one round of it; kept when all have. Only of what has_room_for() says that it helps.
  actor::promise<bool> make_room(memory_demand d) const {
    if (all_ && !all_->admits(d)) return all_->make_room(d);
    actor::promise<bool> made;
    auto asked = members();
    auto left = std::make_shared<std::atomic<std::size_t>>(asked.size() + 1);
    auto one_has = [left, made] {
      if (left->fetch_sub(1) == 1) made.set(true);
    };
    for (const auto& m : asked) {
      if (auto who = m.lock()) {
        who->forget_past(*this, d, one_has);
      } else {
        one_has();
      }
    }
    one_has();
    return made;
  }

 private:
  std::uint64_t limit(memory_demand d) const { return cap_ / 20 * (d.new_keys ? 18 : 19); }
  std::uint64_t forgettable() const { return all_ ? std::max(past_.load(), all_->forgettable()) : past_.load(); }
  bool is_over() const { return fixed() > cap_ || (all_ && all_->is_over()); }
  std::uint64_t own_excess() const {
    auto used = used_.load(), most = cap_ / 4 * 3;
    return used > most ? used - most + cap_ / 100 : 0;
  }
  std::uint64_t own_excess_beyond_values() const {
    auto excess = own_excess(), values = values_.load();
    return excess > values ? excess - values : 0;
  }
  std::uint64_t own_some_more() const {
    auto used = used_.load();
    return std::max(used, std::min(used + some(), cap_));
  }
  std::vector<std::weak_ptr<evicts_values>> members() const {
    std::lock_guard lock(mutex_);
    return members_;
  }

  std::uint64_t cap_;
  memory_account* all_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> values_{0};
  std::atomic<std::uint64_t> past_{0};
  std::atomic<std::uint64_t> fingerprints_{0};
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<evicts_values>> members_;
};

}  // namespace dbcord::database
