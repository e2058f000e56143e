#include "guild/guild_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dbcord/base/assert.hpp"
#include "guild/record_codec.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

// When a thread will have been idle for as long as its settings say.
std::uint64_t idle_until_ms(const channel& c) {
  auto active = c.thread->archive_ms;
  if (c.last_message) active = std::max(active, to_unix_ms(base::created_at(c.last_message)));
  return active + static_cast<std::uint64_t>(c.thread->auto_archive_minutes) * 60'000;
}

std::uint32_t marks_of(const stored_message& m) {
  std::uint32_t marks = m.type == message_types::thread_starter ? message_entry::thread_starter : 0;
  if (!m.extras) return marks;
  if (!m.extras->attachments.empty()) marks |= message_entry::has_files;
  if (m.extras->pinned_ms) marks |= message_entry::pinned;
  return marks;
}

}  // namespace

void guild_state::found(founding first) {
  first_ = std::move(first);
  roles_ = {first_.everyone, first_.bot_role};
  base::system_time joined(std::chrono::milliseconds(static_cast<std::int64_t>(first_.created_ms)));
  members_ = {member{first_.owner.id, {}, joined, {}}, member{first_.bot.id, {first_.bot_role.id}, joined, {}}};
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
  schedule_archive(place);
}

void guild_state::schedule_archive(channel& c) {
  if (c.archive_due_ms) archive_due_.erase({c.archive_due_ms, c.id});
  bool active = c.thread && !c.thread->archived;
  c.archive_due_ms = active ? idle_until_ms(c) : 0;
  if (active) archive_due_.insert({c.archive_due_ms, c.id});
}

std::optional<std::pair<base::system_time, base::channel_id>> guild_state::next_archive() const {
  if (archive_due_.empty()) return std::nullopt;
  auto& [due_ms, id] = *archive_due_.begin();
  return std::pair(from_unix_ms(due_ms), id);
}

base::system_time guild_state::reschedule_archive(base::channel_id id) {
  auto& c = channels_.at(id);
  schedule_archive(c);
  return from_unix_ms(c.archive_due_ms);
}

std::vector<base::channel_id> guild_state::threads_of(base::channel_id parent) const {
  std::vector<base::channel_id> found;
  for (auto& [id, c] : channels_) {
    if (c.thread && c.parent == parent) found.push_back(id);
  }
  return found;
}

bool guild_state::remove_channel(base::channel_id id) {
  auto found = channels_.find(id);
  if (found == channels_.end()) return false;
  for (auto file : attachments_in(found->second)) attachments_.erase(file.value);
  found->second.messages.for_each([&](const message_entry& entry) { bodies_.forget(entry.id); });
  auto type = found->second.type;
  if (found->second.archive_due_ms) archive_due_.erase({found->second.archive_due_ms, id});
  channels_.erase(found);
  if (type == channel_types::text) {
    for (auto thread : threads_of(id)) remove_channel(thread);
  }
  if (type != channel_types::category) return true;
  for (auto& [child_id, child] : channels_) {
    if (child.parent == id) child.parent = {};
  }
  return true;
}

bool guild_state::put_message(base::channel_id where, stored_message message, std::string_view nonce, record_place place) {
  auto found = channels_.find(where);
  if (found == channels_.end() || !find_user(message.author)) return false;
  if (!nonce.empty()) nonces.remember(message.author, nonce, {where, message.id});
  ids.raise(message.id.value);
  auto& last = found->second.last_message;
  last = std::max(last, message.id);
  bool known = found->second.messages.contains(message.id);
  auto& entry = found->second.messages.need(message.id);
  forget_attachments(entry);
  index_attachments(message);
  entry.marks = marks_of(message);
  if (found->second.thread && !known && message.type != message_types::thread_starter)
    ++found->second.messages_sent;
  if (entry.marks & message_entry::pinned) {
    found->second.pins[message.id] = message.extras->pinned_ms;
  } else {
    found->second.pins.erase(message.id);
  }
  entry.where = place.where;
  entry.size = place.size;
  if (place.where != 0 && reader_) {
    bodies_.forget(message.id);
  } else {
    bodies_.keep(std::move(message));
  }
  return true;
}

bool guild_state::put_messages(channel_messages messages) {
  auto found = channels_.find(messages.channel);
  if (found == channels_.end()) return false;
  auto& last = found->second.last_message;
  last = std::max(last, messages.last_message);
  ids.raise(last.value);
  found->second.messages_sent = messages.sent;
  found->second.messages = message_table(std::move(messages.entries));
  found->second.messages.for_each([&](const message_entry& entry) {
    if (entry.marks & message_entry::has_files) index_attachments(load(entry));
    if (entry.marks & message_entry::pinned) found->second.pins[entry.id] = load(entry).extras->pinned_ms;
    trim_bodies();
  });
  return true;
}

void guild_state::place_message(base::channel_id where, base::message_id id, record_place place) {
  if (!bodies_.settle(id)) return;  // removed, or a newer record is on its way
  auto found = channels_.find(where);
  auto* entry = found == channels_.end() ? nullptr : found->second.messages.find(id);
  if (!entry) return;
  entry->where = place.where;
  entry->size = place.size;
}

bool guild_state::remove_message(base::channel_id where, base::message_id id) {
  auto found = channels_.find(where);
  if (found == channels_.end()) return false;
  auto* entry = found->second.messages.find(id);
  if (!entry) return false;
  forget_attachments(*entry);
  bodies_.forget(id);
  found->second.pins.erase(id);
  return found->second.messages.erase(id);
}

void guild_state::put_role(role changed) {
  ids.raise(changed.id.value);
  auto place = std::lower_bound(roles_.begin(), roles_.end(), changed.id,
                                [](const role& r, base::role_id id) { return r.id < id; });
  if (place != roles_.end() && place->id == changed.id) {
    *place = std::move(changed);
  } else {
    roles_.insert(place, std::move(changed));
  }
}

bool guild_state::remove_role(base::role_id id) {
  auto found = std::find_if(roles_.begin(), roles_.end(), [&](const role& r) { return r.id == id; });
  if (found == roles_.end() || found == roles_.begin()) return false;
  roles_.erase(found);
  for (auto& m : members_) std::erase(m.roles, id);
  return true;
}

bool guild_state::put_member(const member& changed) {
  for (auto& m : members_) {
    if (m.user != changed.user) continue;
    m.roles = changed.roles;
    m.nick = changed.nick;
    return true;
  }
  return false;
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

std::vector<channel_messages> guild_state::all_messages() const {
  std::vector<channel_messages> found;
  for (auto& [id, c] : channels_) {
    if (c.last_message) found.push_back({id, c.last_message, c.messages_sent, c.messages.entries()});
  }
  return found;
}

void guild_state::move_messages(const core_snapshot& taken, std::span<const record_place> places) {
  for (auto& channel : taken.messages) {
    auto moved = places.first(channel.entries.size());
    places = places.subspan(channel.entries.size());
    auto found = channels_.find(channel.channel);
    if (found == channels_.end()) continue;
    std::size_t next = 0;
    found->second.messages.for_each([&](message_entry& entry) {
      while (next < moved.size() && channel.entries[next].id < entry.id) ++next;
      if (next == moved.size() || channel.entries[next].id != entry.id) return;
      if (entry.where == 0 || entry.where != channel.entries[next].where) return;
      entry.where = moved[next].where;
      entry.size = moved[next].size;
    });
  }
}

bool guild_state::has_message(base::channel_id where, base::message_id id) const {
  auto* channel = find_channel(where);
  return channel && channel->messages.contains(id);
}

const stored_message* guild_state::find_message(base::channel_id where, base::message_id id) const {
  auto* channel = find_channel(where);
  auto* entry = channel ? channel->messages.find(id) : nullptr;
  return entry ? &load(*entry) : nullptr;
}

const stored_message& guild_state::load(const message_entry& entry) const {
  if (auto* body = bodies_.find(entry.id)) return *body;
  DBCORD_ASSERT(reader_ && entry.where != 0);
  auto message = decode_message(reader_->read(entry.place()));
  if (!message) throw unreadable_record(fmt::format("message {}: {}", entry.id.value, message.error().message));
  bool promised = entry.marks & (message_entry::has_files | message_entry::pinned);
  if (promised && !message->extras) throw unreadable_record(fmt::format("message {} is not what it was: its files or its pin are missing", entry.id.value));
  return bodies_.remember(std::move(*message));
}

std::vector<base::attachment_id> guild_state::attachments_in(const channel& where) const {
  std::vector<base::attachment_id> found;
  where.messages.for_each([&](const message_entry& entry) {
    if (!(entry.marks & message_entry::has_files)) return;
    for (auto& file : load(entry).extras->attachments) found.push_back(file.id);
  });
  return found;
}

void guild_state::index_attachments(const stored_message& message) {
  if (!message.extras) return;
  for (auto& file : message.extras->attachments) {
    ids.raise(file.id.value);
    attachments_.insert(file.id.value);
  }
}

void guild_state::forget_attachments(const message_entry& entry) {
  if (!(entry.marks & message_entry::has_files)) return;
  for (auto& file : load(entry).extras->attachments) attachments_.erase(file.id.value);
}

}  // namespace dbcord::guild
