#pragma once
// Keeps the search index up with the guild, as late as Discord does (facts 8): nothing is indexed before the
// first search, which begins to index what there is; what is written later enters after a delay. Owned by the
// world; one caller at a time; not durable: after a restart the first search begins anew. What it does is a
// function of its calls and their times. Limits below.

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

#include "guild/fault_injector.hpp"
#include "guild/guild_state.hpp"
#include "guild/search_index.hpp"

namespace dbcord::guild {

namespace search_trait {
inline constexpr std::uint32_t by_bot = 1u << 0;
inline constexpr std::uint32_t by_webhook = 1u << 1;  // answers to interactions
inline constexpr std::uint32_t by_person = 1u << 10;
inline constexpr std::uint32_t image = 1u << 2;
inline constexpr std::uint32_t sound = 1u << 3;
inline constexpr std::uint32_t video = 1u << 4;
inline constexpr std::uint32_t file = 1u << 5;
inline constexpr std::uint32_t embed = 1u << 6;
inline constexpr std::uint32_t link = 1u << 7;
inline constexpr std::uint32_t pinned = 1u << 8;
inline constexpr std::uint32_t mention_everyone = 1u << 9;
inline constexpr std::uint32_t impossible = 1u << 31;  // what no message here has: stickers, polls, forwards
}  // namespace search_trait

std::uint32_t search_traits(const guild_state& state, const stored_message& m);

class guild_search {
 public:
  // Past work: so many messages in each step.
  static constexpr std::size_t step_messages = 1000;
  static constexpr std::chrono::milliseconds step_interval{10};
  // Answers are given from the first so many on, while older messages are still being added.
  static constexpr std::size_t usable_at = 10'000;
  static constexpr std::size_t waiting_max = 1'000'000;  // beyond it the oldest enter early
  static constexpr std::size_t complaints_max = 10;

  enum class stage { cold, building, ready };

  // The fault plan makes the delay longer and lets messages be missed.
  guild_search(std::chrono::milliseconds delay, fault_injector& faults) : delay_(delay), faults_(faults) {}

  void begin(const guild_state& state, base::system_time now);
  void message_stored(base::channel_id where, base::message_id id, base::system_time now);
  void message_removed(base::message_id id);
  // Indexes what is due. Messages whose body cannot be read are not to be found; `complaints` gets a sentence of the first
  // `complaints_max` of a call.
  void advance(const guild_state& state, base::system_time now, std::vector<std::string>& complaints);
  std::optional<base::system_time> next_step() const;
  // As if Discord had lost the index: the next search begins anew.
  void forget();

  stage at() const { return stage_; }
  bool usable() const { return stage_ == stage::ready || indexed_ >= usable_at; }
  std::chrono::seconds usable_after() const;  // about when `usable`, at least 1 s
  const search_index& index() const { return index_; }

  std::uint32_t missed_always = 0;  // of a million messages, whatever the fault plan says; they never enter, until they are edited

 private:
  struct place {
    base::message_id id;
    base::channel_id where;
  };
  struct waiting_message {
    base::system_time stored;
    place what;
  };
  void enter(const guild_state& state, place what, std::vector<std::string>& complaints);
  bool misses(base::message_id id);
  void step(const guild_state& state, std::vector<std::string>& complaints);

  std::chrono::milliseconds delay_;
  fault_injector& faults_;
  stage stage_ = stage::cold;
  search_index index_;
  std::vector<place> backlog_;  // by id; what there was when building began
  std::size_t indexed_ = 0;     // of the backlog
  base::system_time step_at_;
  std::deque<waiting_message> waiting_;
};

}  // namespace dbcord::guild
