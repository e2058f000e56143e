#pragma once
// idempotency_register: what commands that were executed already have answered, by their idempotency key, so that a command
// delivered twice acts once (design.md section 9). Filled from the log at start. Any thread.
// Limit: the newest `capacity` keys, at least one. A command that tells its age and may be among those that are forgotten, or is older than `window`, is refused, never executed.

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actor/promise.hpp"
#include "dbcord/base/clock.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

struct executed_command {
  std::uint64_t lsn = 0;
  base::message_id log_message;
  std::uint64_t operations = 0;
  std::uint64_t version = 0;  // of the row that its last operation wrote; 0: none
  std::string refused;        // transaction::refused
};

// When the interaction was created whose id a key is, or begins with (before a ':'); empty: it is of none.
std::optional<base::system_time> given_at(std::string_view key);

class idempotency_register {
 public:
  static constexpr base::duration window = std::chrono::hours(1);  // interactions live 15 minutes

  explicit idempotency_register(std::size_t capacity) : capacity_(capacity) {}

  // What a key's first use has answered. Empty: never used. A promise: it is being executed right now.
  struct lookup {
    std::optional<executed_command> done;
    std::optional<actor::promise<bool>> running;
  };
  // What is known of a key and of its parts ("key:…"), together; both members may be set.
  struct sight {
    std::optional<executed_command> done;
    bool running = false;
  };
  sight look(const std::string& key) const;
  // Keys given then may have been forgotten for newer ones: also before a restart, which brings back as many.
  bool may_have_forgotten(base::system_time given) const;
  // Marks the key as running if it is new (then both members are empty); the caller must end with finish() or abandon().
  lookup begin(const std::string& key);
  void finish(const std::string& key, executed_command result);
  void abandon(const std::string& key);
  // Every finished key with its result, oldest first.
  std::vector<std::pair<std::string, executed_command>> finished() const;

 private:
  struct entry {
    std::optional<executed_command> done;
    std::vector<actor::promise<bool>> waiting;
  };
  void settle(const std::string& key, std::optional<executed_command> result);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
  std::deque<std::string> order_;  // finished keys, oldest first
};

executed_command to_executed(const protocol::transaction& t, std::uint64_t lsn, base::message_id message);

}  // namespace dbcord::database
