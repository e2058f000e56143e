#include "guild/interaction_table.hpp"

namespace dbcord::guild {
namespace {

std::size_t cost(const stored_message& m) {
  std::size_t bytes = sizeof(m) + 64 + m.content.capacity();
  if (!m.extras) return bytes;
  bytes += sizeof(message_extras) + m.extras->embeds.capacity() + m.extras->components.capacity();
  return bytes + m.extras->attachments.size() * (sizeof(attachment) + 64);
}

std::size_t cost(const interaction& i) {
  std::size_t bytes = sizeof(i) + 256 + 2 * i.token.capacity() + i.nonce.capacity() + i.modal.capacity();
  for (auto& [id, message] : i.ephemeral) bytes += cost(message);
  return bytes;
}

}  // namespace

interaction& interaction_table::add(interaction added) {
  auto id = added.id;
  by_token_[added.token] = id;
  waiting_.emplace_back(added.created, id);
  for (auto file : added.uploads) attachments_.insert(file.value);
  auto& place = interactions_[id] = std::move(added);
  account(place);
  return place;
}

void interaction_table::open_modal(interaction& owner, std::string modal) {
  owner.modal = std::move(modal);
  account(owner);
}

interaction* interaction_table::find(base::interaction_id id) {
  auto found = interactions_.find(id);
  return found == interactions_.end() ? nullptr : &found->second;
}

interaction* interaction_table::find_token(std::string_view token) {
  auto found = by_token_.find(std::string(token));
  return found == by_token_.end() ? nullptr : find(found->second);
}

interaction* interaction_table::find_ephemeral(base::message_id id) {
  auto found = by_ephemeral_.find(id);
  return found == by_ephemeral_.end() ? nullptr : find(found->second);
}

void interaction_table::put_ephemeral(interaction& owner, stored_message message) {
  auto id = message.id;
  by_ephemeral_[id] = owner.id;
  auto& place = owner.ephemeral[id];
  forget_files(place);
  place = std::move(message);
  if (place.extras) {
    for (auto& file : place.extras->attachments) attachments_.insert(file.id.value);
  }
  account(owner);
}

void interaction_table::remove_ephemeral(interaction& owner, base::message_id id) {
  auto found = owner.ephemeral.find(id);
  if (found == owner.ephemeral.end()) return;
  forget_files(found->second);
  by_ephemeral_.erase(id);
  owner.ephemeral.erase(found);
  account(owner);
}

void interaction_table::forget_files(const stored_message& message) {
  if (!message.extras) return;
  for (auto& file : message.extras->attachments) attachments_.erase(file.id.value);
}

void interaction_table::account(interaction& changed) {
  bytes_ -= changed.bytes;
  changed.bytes = cost(changed);
  bytes_ += changed.bytes;
}

std::vector<interaction*> interaction_table::take_unanswered(base::system_time now) {
  std::vector<interaction*> late;
  while (!waiting_.empty()) {
    auto [created, id] = waiting_.front();
    auto* i = find(id);
    bool open = i && i->phase == interaction_phase::waiting;
    if (open && created + answer_within > now) break;
    if (open) i->phase = interaction_phase::failed;
    if (open) late.push_back(i);
    waiting_.pop_front();
  }
  return late;
}

std::vector<base::attachment_id> interaction_table::expire(base::system_time now) {
  std::vector<base::attachment_id> forgotten;
  for (auto i = interactions_.begin(); i != interactions_.end();) {
    bool over = i->second.created + token_life <= now;
    bool surplus = bytes_ > bytes_max && i->second.phase != interaction_phase::waiting;
    if (!over && bytes_ <= bytes_max) break;
    auto next = std::next(i);
    if (over || surplus) drop(i, forgotten);
    i = next;
  }
  return forgotten;
}

void interaction_table::drop(table::iterator which, std::vector<base::attachment_id>& forgotten) {
  auto& i = which->second;
  bytes_ -= i.bytes;
  by_token_.erase(i.token);
  for (auto file : i.uploads) attachments_.erase(file.value);
  forgotten.insert(forgotten.end(), i.uploads.begin(), i.uploads.end());
  for (auto& [id, message] : i.ephemeral) {
    by_ephemeral_.erase(id);
    forget_files(message);
    if (!message.extras) continue;
    for (auto& file : message.extras->attachments) forgotten.push_back(file.id);
  }
  interactions_.erase(which);
}

std::optional<base::system_time> interaction_table::next_deadline() const {
  std::optional<base::system_time> next;
  if (!interactions_.empty()) next = interactions_.begin()->second.created + token_life;
  if (!waiting_.empty()) {
    auto answer = waiting_.front().first + answer_within;
    if (!next || answer < *next) next = answer;
  }
  return next;
}

}  // namespace dbcord::guild
