#pragma once
// owner_view: the guild as a person with every permission sees it, and what such a person does by hand. Looks at the guild directly, past network
// and scheduler, waiting out its rate limits. Throws std::runtime_error when the guild does not answer as it must. One thread (the world's).

#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <optional>

#include "protocol/row_page.hpp"
#include "simulation/simulated_guild.hpp"

namespace dbcord::simulation {

struct seen_message {
  base::message_id id;
  std::string content;
  std::map<std::string, std::string> files = {};  // of a row too large for a message, a page of rows, or of index entries: the bytes by name
};
// The rows of a part, numbered from 1, of a page whose machine line was read; an error: it is not there, or was cut when it was uploaded.
base::result<std::vector<protocol::page_slot>> part_of_page(const seen_message& message, const protocol::page_header& page, unsigned part);
struct seen_channel {
  base::channel_id id;
  std::string name;
  std::string topic;
};

struct seen_thread {
  base::channel_id id;
  std::string name;
};

// The bytes of a message's files by name.
std::map<std::string, std::string> files_of(simulated_guild& guild, const boost::json::object& message);
std::vector<seen_channel> channels_in(simulated_guild& guild);
// Active and archived ones.
std::vector<seen_thread> threads_in(simulated_guild& guild, base::channel_id parent);
bool is_there(simulated_guild& guild, base::channel_id channel);
// The newest first.
std::vector<seen_message> messages_in(simulated_guild& guild, base::channel_id channel);
// False: it is not there.
bool delete_message(simulated_guild& guild, base::channel_id channel, base::message_id message);
bool delete_channel(simulated_guild& guild, base::channel_id channel);
// One of the newest hundred of a channel, unless it is to be spared. Empty: there is none, or the guild did not answer.
std::optional<base::message_id> delete_some_message(simulated_guild& guild, base::channel_id channel, base::random_source& random,
                                                    const std::function<bool(const seen_message&)>& spared);

}  // namespace dbcord::simulation
