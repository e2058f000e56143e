#include "guild/message_bodies.hpp"

#include "dbcord/base/assert.hpp"

namespace dbcord::guild {
namespace {

std::size_t bytes_of(const stored_message& m) {
  constexpr std::size_t table_overhead = 128;  // of map and list
  auto bytes = sizeof(stored_message) + table_overhead + m.content.capacity();
  if (!m.extras) return bytes;
  auto& extras = *m.extras;
  bytes += sizeof(extras) + extras.embeds.capacity() + extras.components.capacity();
  for (auto& file : extras.attachments) {
    bytes += sizeof(file) + file.filename.capacity() + file.title.capacity() + file.description.capacity();
  }
  return bytes + (extras.mentions.capacity() + extras.mention_roles.capacity()) * sizeof(base::user_id);
}

}  // namespace

const stored_message* message_bodies::find(base::message_id id) {
  auto found = slots_.find(id.value);
  if (found == slots_.end()) return nullptr;
  auto& s = found->second;
  if (s.on_its_way == 0) order_.splice(order_.begin(), order_, s.place);
  return &s.body;
}

const stored_message& message_bodies::keep(stored_message message) {
  auto [found, made] = slots_.try_emplace(message.id.value);
  auto& s = found->second;
  if (!made && s.on_its_way == 0) make_kept(s);
  ++s.on_its_way;
  s.body = std::move(message);
  return s.body;
}

const stored_message& message_bodies::remember(stored_message message) {
  auto [found, made] = slots_.try_emplace(message.id.value);
  DBCORD_ASSERT(made);
  auto& s = found->second;
  s.body = std::move(message);
  make_evictable(s);
  return s.body;
}

bool message_bodies::settle(base::message_id id) {
  auto found = slots_.find(id.value);
  if (found == slots_.end() || found->second.on_its_way == 0 || --found->second.on_its_way != 0) return false;
  make_evictable(found->second);
  return true;
}

void message_bodies::forget(base::message_id id) {
  auto found = slots_.find(id.value);
  if (found == slots_.end()) return;
  if (found->second.on_its_way == 0) make_kept(found->second);
  slots_.erase(found);
}

void message_bodies::trim() {
  while (evictable_ > budget_) forget(order_.back());
}

void message_bodies::make_evictable(slot& s) {
  s.bytes = bytes_of(s.body);
  evictable_ += s.bytes;
  s.place = order_.insert(order_.begin(), s.body.id);
}

void message_bodies::make_kept(slot& s) {
  evictable_ -= s.bytes;
  order_.erase(s.place);
}

}  // namespace dbcord::guild
