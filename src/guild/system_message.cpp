#include "guild/system_message.hpp"

#include "guild/events.hpp"

namespace dbcord::guild {

const stored_message& post_system_message(world& w, base::channel_id where, stored_message m) {
  m.id = w.durable_id<base::message_id>();
  auto& made = w.store_message(where, std::move(m));
  announce_message(w, "MESSAGE_CREATE", *w.state.find_channel(where), made);
  return made;
}

bool is_users_message(const stored_message& m) {
  return m.type == message_types::normal || m.type == message_types::reply ||
         m.type == message_types::chat_input_command || m.type == message_types::context_menu_command;
}

}  // namespace dbcord::guild
