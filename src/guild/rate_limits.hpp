#pragma once
// Counts requests against the rules (facts 2). A window begins at its first request. Owned by the core; one
// caller at a time. Memory: one counter for each rule and resource with an open window; closed ones are
// swept.

#include <cstdint>
#include <string>
#include <unordered_map>

#include "dbcord/base/clock.hpp"
#include "guild/rate_table.hpp"

namespace dbcord::guild {

struct rate_verdict {
  bool admitted = true;
  int limit = 0;
  int remaining = 0;
  base::system_time reset;  // when the window ends
};

class rate_limits {
 public:
  explicit rate_limits(const rate_table& table) : table_(table) {}

  // Counts one request if it is admitted.
  rate_verdict admit(const rate_rule& rule, std::uint64_t resource, base::system_time now);
  // Fixed windows of one second; `reset` is when the next begins.
  rate_verdict admit_global(base::system_time now);

  std::size_t open_windows() const { return counters_.size(); }

  // What X-RateLimit-Bucket says: equal for all resources, different per route group.
  static const std::string& bucket_id(const rate_rule& rule);

 private:
  struct counter {
    base::system_time end;
    int used = 0;
  };
  struct counter_key {
    const rate_rule* rule;
    std::uint64_t resource;
    friend bool operator==(const counter_key&, const counter_key&) = default;
  };
  struct key_hash {
    std::size_t operator()(const counter_key& key) const noexcept {
      return std::hash<std::uint64_t>{}(key.resource) ^ (std::hash<const void*>{}(key.rule) << 1);
    }
  };
  void sweep(base::system_time now);

  const rate_table& table_;
  std::unordered_map<counter_key, counter, key_hash> counters_;  // never iterated but to erase
  std::size_t sweep_at_ = 1024;
  std::int64_t global_second_ = 0;
  int global_used_ = 0;
};

}  // namespace dbcord::guild
