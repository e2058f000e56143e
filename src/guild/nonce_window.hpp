#pragma once
// Remembers which message an author made with a nonce, for enforce_nonce (facts 4.5): a repeated create
// within the window gives the first message, also after a restart (the records carry nonces). Owned by the
// core; one caller at a time. Keeps at most `entries_max`; the oldest are forgotten first.

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "dbcord/base/ids.hpp"

namespace dbcord::guild {

class nonce_window {
 public:
  static constexpr std::chrono::minutes length{5};  // "the past few minutes"
  static constexpr std::size_t entries_max = 100'000;

  struct made_message {
    base::channel_id channel;
    base::message_id message;
  };

  // `nonce` is its JSON text.
  void remember(base::user_id author, std::string_view nonce, made_message made);
  // Oldest first, those that still count.
  template <class Visitor>
  void for_each(base::system_time now, Visitor visit) {
    forget_old(now);
    for (auto& [id, k] : order_) {
      auto found = made_.find(k);
      if (found == made_.end() || found->second.message != id) continue;
      auto space = k.find(' ');
      visit(std::string_view(k).substr(0, space), std::string_view(k).substr(space + 1), found->second);
    }
  }
  std::optional<made_message> find(base::user_id author, std::string_view nonce, base::system_time now);

 private:
  static std::string key(base::user_id author, std::string_view nonce);
  void forget_old(base::system_time now);

  std::unordered_map<std::string, made_message> made_;  // never iterated
  std::deque<std::pair<base::message_id, std::string>> order_;
};

}  // namespace dbcord::guild
