#pragma once
// channel_directory: finds and creates dbcord's channels in the guild. An object's channel is found by its topic until its id
// is recorded, so that a lost reply or a crash half-way leaves nothing behind that is not used later (design.md section 1).
// Stateless but for the port; any executor.

#include "database/message_store.hpp"
#include "protocol/channel_topic.hpp"

namespace dbcord::database {

// Limits of Discord (docs, Guilds and Channels): channels a guild, channels a category.
inline constexpr std::size_t guild_channel_max = 500;
inline constexpr std::size_t category_channel_max = 50;

class channel_directory {
 public:
  channel_directory(const actor::environment& env, message_store& store) : env_(env), store_(store) {}

  actor::task<base::result<dated<std::vector<channel_info>>>> list(base::steady_time deadline);
  // The channel with this topic, created in a category of the database if there is none. `taken` are bound already to other
  // objects and never returned. `created`: it is new.
  struct found_channel {
    channel_info channel;
    bool created = false;
  };
  actor::task<base::result<found_channel>> ensure(protocol::channel_topic topic, std::string name,
                                                  std::vector<base::channel_id> taken, base::steady_time deadline);

 private:
  actor::task<base::result<base::channel_id>> ensure_category(std::string database, std::vector<channel_info> present,
                                                              base::steady_time deadline);
  actor::task<base::result<channel_info>> create(new_channel wanted, std::vector<base::channel_id> taken, base::steady_time deadline);

  const actor::environment& env_;
  message_store& store_;
};

// Channels of `present` with exactly this topic, lowest id first.
std::vector<channel_info> with_topic(const std::vector<channel_info>& present, const protocol::channel_topic& topic);

// Of a channel of the log. The first one's topic may name none.
std::uint64_t segment_number(const protocol::channel_topic& topic);

}  // namespace dbcord::database
