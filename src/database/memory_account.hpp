#pragma once
// memory_account: bytes held by the rows of all tables of an engine, against the cap (design.md section 13). Any thread.
//
// Values of committed rows can be evicted and read again, so they make room for everything else: what is refused is what would not fit beside the
// rest even without them.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace dbcord::database {

struct memory_use {
  std::uint64_t held = 0;    // all of it
  std::uint64_t values = 0;  // which could be evicted
};

// Somebody whose values can be evicted. relieve() is called on any thread and returns at once.
class evicts_values {
 public:
  virtual ~evicts_values() = default;
  virtual void relieve() = 0;
};

class memory_account {
 public:
  explicit memory_account(std::uint64_t cap) : cap_(cap) {}

  void change(memory_use before, memory_use after) {
    used_.fetch_add(after.held - before.held);
    values_.fetch_add(after.values - before.values);
  }
  std::uint64_t used() const { return used_.load(); }
  // Without what can be evicted.
  std::uint64_t fixed() const {
    auto used = used_.load(), values = values_.load();
    return used > values ? used - values : 0;
  }
  // New keys are refused from 90 % of the cap on; updates and deletes go on.
  bool admits(std::uint64_t bytes) const { return fixed() + bytes <= cap_ / 10 * 9; }
  // Updates may use what is left.
  bool admits_growth(std::uint64_t bytes) const { return fixed() + bytes <= cap_; }
  std::uint64_t cap() const { return cap_; }
  // How much should be evicted: what is over three quarters of the cap (the rest is for what is pending and for the tables' growth), and a little
  // more, so that it need not be done all the time.
  std::uint64_t excess() const {
    auto used = used_.load(), most = cap_ / 4 * 3;
    return used > most ? used - most + cap_ / 100 : 0;
  }

  void join(std::weak_ptr<evicts_values> who) {
    std::lock_guard lock(mutex_);
    std::erase_if(members_, [](const auto& m) { return m.expired(); });
    members_.push_back(std::move(who));
  }
  // Everybody is asked to evict what it can.
  void relieve_all() const {
    std::vector<std::weak_ptr<evicts_values>> members;
    {
      std::lock_guard lock(mutex_);
      members = members_;
    }
    for (const auto& m : members) {
      if (auto who = m.lock()) who->relieve();
    }
  }

 private:
  std::uint64_t cap_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> values_{0};
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<evicts_values>> members_;
};

}  // namespace dbcord::database
