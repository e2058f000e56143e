#pragma once
// Discord's rate limits as observed (facts 2.7; none is documented), in one place. Constant data.

#include <array>
#include <chrono>
#include <string_view>

namespace dbcord::guild {

enum class rate_key { none, channel, guild, token };

struct rate_rule {
  std::string_view group;   // names the rule
  std::string_view bucket;  // what X-RateLimit-Bucket is made of; equal for groups that Discord names alike
  int limit = 0;            // requests a window
  std::chrono::milliseconds window{0};
  rate_key key = rate_key::none;
};

inline constexpr std::array rate_rules{
    rate_rule{"message create", "channel messages", 5, std::chrono::seconds(5), rate_key::channel},
    // Reported under the same name as creates, counted apart (api-docs#1442).
    rate_rule{"message edit", "channel messages", 5, std::chrono::seconds(5), rate_key::channel},
    rate_rule{"message list", "channel history", 5, std::chrono::seconds(5), rate_key::channel},
    // Three by the message's age (api-docs#8330); what is not there counts as young.
    rate_rule{"message delete", "message delete", 3, std::chrono::milliseconds(333), rate_key::channel},
    rate_rule{"young message delete", "young message delete", 5, std::chrono::seconds(1), rate_key::channel},
    rate_rule{"old message delete", "old message delete", 30, std::chrono::seconds(4), rate_key::channel},
    rate_rule{"role create", "role create", 250, std::chrono::hours(48), rate_key::guild},
    rate_rule{"bulk delete", "bulk delete", 1, std::chrono::seconds(1), rate_key::guild},
    rate_rule{"reaction", "reaction", 1, std::chrono::milliseconds(250), rate_key::channel},
    // No figure is published; "about one per second at most" (facts 8.2).
    rate_rule{"guild search", "guild search", 1, std::chrono::seconds(1), rate_key::guild},
    rate_rule{"channel edit", "channel edit", 10, std::chrono::seconds(15), rate_key::channel},
    rate_rule{"follow-up create", "webhook", 5, std::chrono::seconds(2), rate_key::token},
    rate_rule{"follow-up edit", "webhook edit", 5, std::chrono::seconds(2), rate_key::token},
    rate_rule{"follow-up read", "webhook read", 5, std::chrono::seconds(2), rate_key::token},
    rate_rule{"follow-up delete", "webhook delete", 5, std::chrono::seconds(2), rate_key::token},
    // Hidden limits: not in any header but that of their own 429.
    rate_rule{"channel rename", "", 2, std::chrono::minutes(10), rate_key::channel},
    rate_rule{"channel topic", "", 2, std::chrono::minutes(10), rate_key::channel},
    // Commonly quoted, not confirmed; what was seen are waits of up to 280 s with scope `shared`.
    rate_rule{"thread create", "", 50, std::chrono::minutes(5), rate_key::channel},
    rate_rule{"old message edit", "", 3, std::chrono::seconds(6), rate_key::channel}};

constexpr const rate_rule* find_rate_rule(std::string_view group) {
  for (auto& rule : rate_rules) {
    if (rule.group == group) return &rule;
  }
  return nullptr;
}

inline constexpr int global_requests_a_second = 50;  // Discord docs, Rate Limits, Global
inline constexpr std::chrono::hours old_message_age{
    1};                                        // edits of older ones have their own limit, error 30046
inline constexpr std::chrono::seconds young_delete_age{10};
inline constexpr std::chrono::hours old_delete_age{14 * 24};
inline constexpr int identifies_a_day = 1000;  // Discord docs, Gateway, Session Start Limit
inline constexpr std::chrono::seconds identify_interval{5};  // one IDENTIFY each, max_concurrency 1

}  // namespace dbcord::guild
