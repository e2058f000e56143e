#include "guild/guild_state.hpp"

#include <algorithm>
#include <utility>

namespace dbcord::guild {

void guild_state::found(founding first) {
  first_ = std::move(first);
  roles_ = {first_.everyone, first_.bot_role};
  base::system_time joined(std::chrono::milliseconds(static_cast<std::int64_t>(first_.created_ms)));
  members_ = {member{first_.owner.id, {}, joined}, member{first_.bot.id, {first_.bot_role.id}, joined}};
  channel_settings general;
  general.id = first_.first_channel;
  general.name = first_.first_channel_name;
  for (auto id : {first_.guild.value, first_.owner.id.value, first_.bot.id.value, first_.bot_role.id.value}) {
    ids.raise(id);
  }
  put_channel(std::move(general));
}

void guild_state::put_channel(channel_settings settings) {
  ids.raise(settings.id.value);
  auto& place = channels_[settings.id];
  static_cast<channel_settings&>(place) = std::move(settings);
}

bool guild_state::remove_channel(base::channel_id id) {
  auto found = channels_.find(id);
  if (found == channels_.end()) return false;
  for (auto& [message_id, message] : found->second.messages) forget_attachments(message);
  bool was_category = found->second.type == channel_types::category;
  channels_.erase(found);
  if (!was_category) return true;
  for (auto& [child_id, child] : channels_) {
    if (child.parent == id) child.parent = {};
  }
  return true;
}

bool guild_state::put_message(base::channel_id where, stored_message message, std::string_view nonce) {
  auto found = channels_.find(where);
  if (found == channels_.end() || !find_user(message.author)) return false;
  if (!nonce.empty()) nonces.remember(message.author, nonce, {where, message.id});
  auto& messages = found->second.messages;
  ids.raise(message.id.value);
  auto& last = found->second.last_message;
  last = std::max(last, message.id);
  auto id = message.id;
  // Nearly always the newest of its channel.
  auto place = messages.try_emplace(messages.end(), id);
  forget_attachments(place->second);
  place->second = std::move(message);
  index_attachments(place->second);
  return true;
}

bool guild_state::remove_message(base::channel_id where, base::message_id id) {
  auto found = channels_.find(where);
  if (found == channels_.end()) return false;
  auto message = found->second.messages.find(id);
  if (message == found->second.messages.end()) return false;
  forget_attachments(message->second);
  found->second.messages.erase(message);
  return true;
}

void guild_state::put_commands(command_scope scope, std::vector<app_command> commands) {
  for (auto& command : commands) {
    ids.raise(command.id.value);
    ids.raise(command.version);
  }
  commands_[static_cast<std::size_t>(scope)] = std::move(commands);
}

const user* guild_state::find_user(base::user_id id) const {
  if (id == first_.owner.id) return &first_.owner;
  if (id == first_.bot.id) return &first_.bot;
  return nullptr;
}

const member* guild_state::find_member(base::user_id id) const {
  auto found = std::find_if(members_.begin(), members_.end(), [&](const member& m) { return m.user == id; });
  return found == members_.end() ? nullptr : &*found;
}

const role* guild_state::find_role(base::role_id id) const {
  auto found = std::find_if(roles_.begin(), roles_.end(), [&](const role& r) { return r.id == id; });
  return found == roles_.end() ? nullptr : &*found;
}

const channel* guild_state::find_channel(base::channel_id id) const {
  auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : &found->second;
}

const stored_message* guild_state::find_message(base::channel_id where, base::message_id id) const {
  auto* channel = find_channel(where);
  if (!channel) return nullptr;
  auto found = channel->messages.find(id);
  return found == channel->messages.end() ? nullptr : &found->second;
}

void guild_state::index_attachments(const stored_message& message) {
  if (!message.extras) return;
  for (auto& file : message.extras->attachments) {
    ids.raise(file.id.value);
    attachments_.insert(file.id.value);
  }
}

void guild_state::forget_attachments(const stored_message& message) {
  if (!message.extras) return;
  for (auto& file : message.extras->attachments) attachments_.erase(file.id.value);
}

}  // namespace dbcord::guild
