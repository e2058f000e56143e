#pragma once
// memory_account: bytes held by the rows of all tables of an engine, against the cap (design.md section 13). Any thread.

#include <atomic>
#include <cstdint>

namespace dbcord::database {

class memory_account {
 public:
  explicit memory_account(std::uint64_t cap) : cap_(cap) {}

  void change(std::uint64_t before, std::uint64_t after) { used_.fetch_add(after - before); }
  std::uint64_t used() const { return used_.load(); }
  // New keys are refused from 90 % of the cap on; updates and deletes go on.
  bool admits(std::uint64_t bytes) const { return used() + bytes <= cap_ / 10 * 9; }
  // Updates may use what is left.
  bool admits_growth(std::uint64_t bytes) const { return used() + bytes <= cap_; }
  std::uint64_t cap() const { return cap_; }

 private:
  std::uint64_t cap_;
  std::atomic<std::uint64_t> used_{0};
};

}  // namespace dbcord::database
