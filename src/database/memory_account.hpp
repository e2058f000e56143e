#pragma once
// memory_account: bytes held by the rows of all tables of an engine, against the cap (design.md section 13). Any thread.
//
// Values of committed rows can be evicted and read again, so they make room for everything else. So do superseded versions, of whatever table, which are
// forgotten. What is refused is what would not fit beside the rest even without them.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "actor/promise.hpp"

namespace dbcord::database {

struct memory_use {
  std::uint64_t held = 0;    // all of it
  std::uint64_t values = 0;  // which could be evicted
  std::uint64_t past = 0;    // superseded versions, which could be forgotten
};

// What somebody wants to add. New keys are refused from 90 % of the cap on, updates from 95 %; deletes, which make room in the end, go on.
struct memory_demand {
  std::uint64_t bytes = 0;
  bool new_keys = true;
};

// Somebody whose values can be evicted, and whose superseded versions can be forgotten. Both are called on any thread and return at once.
class evicts_values {
 public:
  virtual ~evicts_values() = default;
  virtual void relieve() = 0;
  // Forgets some versions if the demand does not fit yet; calls `then`.
  virtual void forget_past(memory_demand wanted, std::function<void()> then) = 0;
};

class memory_account {
 public:
  explicit memory_account(std::uint64_t cap) : cap_(cap) {}

  void change(memory_use before, memory_use after) {
    used_.fetch_add(after.held - before.held);
    values_.fetch_add(after.values - before.values);
    past_.fetch_add(after.past - before.past);
  }
  std::uint64_t used() const { return used_.load(); }
  // Without what can be evicted.
  std::uint64_t fixed() const {
    auto used = used_.load(), values = values_.load();
    return used > values ? used - values : 0;
  }
  bool admits(memory_demand d) const { return fixed() + d.bytes <= limit(d); }
  bool admits_new_keys() const { return admits({}); }
  // It would if superseded versions were forgotten.
  bool has_room_for(memory_demand d) const { return fixed() + d.bytes <= limit(d) + past_.load(); }
  // Forgetting superseded versions makes room for it, or brings what is held back under the cap. Otherwise they would be lost for nothing.
  bool gains_by_forgetting(memory_demand d) const { return past_.load() > 0 && !admits(d) && (has_room_for(d) || fixed() > cap_); }
  std::uint64_t cap() const { return cap_; }
  // How much should be evicted: what is over three quarters of the cap (the rest is for what is pending and for the tables' growth), and a little
  // more, so that it need not be done all the time.
  std::uint64_t excess() const {
    auto used = used_.load(), most = cap_ / 4 * 3;
    return used > most ? used - most + cap_ / 100 : 0;
  }

  // What could go may have come in when so much more is held.
  std::uint64_t some() const { return cap_ / 200; }
  // How much may be used before it is worth while to look again for what could go: a little more, but not more than the cap.
  std::uint64_t some_more() const {
    auto used = used_.load();
    return std::max(used, std::min(used + some(), cap_));
  }
  // Nothing is admitted any more, and superseded versions take a part of it that is worth while.
  bool is_full_of_past() const { return past_.load() > some() && gains_by_forgetting({0, false}); }

  void join(std::weak_ptr<evicts_values> who) {
    std::lock_guard lock(mutex_);
    std::erase_if(members_, [](const auto& m) { return m.expired(); });
    members_.push_back(std::move(who));
  }
  // Everybody is asked to evict what it can.
  void relieve_all() const {
    for (const auto& m : members()) {
      if (auto who = m.lock()) who->relieve();
    }
  }
  // Everybody is asked to forget older versions, one round of it; kept when all have. Only of what has_room_for() says that it helps.
  actor::promise<bool> make_room(memory_demand d) const {
    actor::promise<bool> made;
    auto asked = members();
    auto left = std::make_shared<std::atomic<std::size_t>>(asked.size() + 1);
    auto one_has = [left, made] {
      if (left->fetch_sub(1) == 1) made.set(true);
    };
    for (const auto& m : asked) {
      if (auto who = m.lock()) {
        who->forget_past(d, one_has);
      } else {
        one_has();
      }
    }
    one_has();
    return made;
  }

 private:
  std::uint64_t limit(memory_demand d) const { return cap_ / 20 * (d.new_keys ? 18 : 19); }
  std::vector<std::weak_ptr<evicts_values>> members() const {
    std::lock_guard lock(mutex_);
    return members_;
  }

  std::uint64_t cap_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> values_{0};
  std::atomic<std::uint64_t> past_{0};
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<evicts_values>> members_;
};

}  // namespace dbcord::database
