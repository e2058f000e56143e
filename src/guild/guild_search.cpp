#include "guild/guild_search.hpp"

#include <algorithm>

#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

std::uint32_t file_traits(const attachment& file) {
  auto type = guess_content_type(file.filename);
  if (type.starts_with("image/")) return search_trait::file | search_trait::image;
  if (type.starts_with("audio/")) return search_trait::file | search_trait::sound;
  if (type.starts_with("video/")) return search_trait::file | search_trait::video;
  return search_trait::file;
}

}  // namespace

std::uint32_t search_traits(const guild_state& state, const stored_message& m) {
  auto traits = m.author == state.bot().id ? search_trait::by_bot : search_trait::by_person;
  bool link = m.content.find("http://") != m.content.npos || m.content.find("https://") != m.content.npos;
  if (link) traits |= search_trait::link;
  if (!m.extras) return traits;
  for (auto& file : m.extras->attachments) traits |= file_traits(file);
  if (!m.extras->embeds.empty()) traits |= search_trait::embed;
  if (m.extras->interaction) traits |= search_trait::by_webhook;
  if (m.extras->mention_everyone) traits |= search_trait::mention_everyone;
  if (m.extras->pinned_ms) traits |= search_trait::pinned;
  return traits;
}

void guild_search::begin(const guild_state& state, base::system_time now) {
  if (stage_ != stage::cold) return;
  stage_ = stage::building;
  step_at_ = now + step_interval;
  for (auto& [where, c] : state.channels()) {
    c.messages.for_each([&, in = where](const message_entry& entry) { backlog_.push_back({entry.id, in}); });
  }
  std::sort(backlog_.begin(), backlog_.end(), [](auto& a, auto& b) { return a.id < b.id; });
}

void guild_search::forget() {
  index_.clear();
  backlog_.clear();
  waiting_.clear();
  indexed_ = 0;
  stage_ = stage::cold;
}

void guild_search::message_stored(base::channel_id where, base::message_id id, base::system_time now) {
  if (stage_ == stage::cold) return;
  waiting_.push_back({now, {id, where}});
}

void guild_search::message_removed(base::message_id id) {
  if (stage_ != stage::cold) index_.remove(id);
}

void guild_search::advance(const guild_state& state, base::system_time now, std::vector<std::string>& complaints) {
  while (stage_ == stage::building && step_at_ <= now) step(state, complaints);
  // What is new comes behind what there was: ids enter in their order.
  if (stage_ != stage::ready) return;
  auto until = now - delay_ - faults_.plan().search_lag;
  while (!waiting_.empty() && (waiting_.front().stored <= until || waiting_.size() > waiting_max)) {
    enter(state, waiting_.front().what, complaints);
    waiting_.pop_front();
  }
}

void guild_search::step(const guild_state& state, std::vector<std::string>& complaints) {
  auto end = std::min(backlog_.size(), indexed_ + step_messages);
  for (; indexed_ < end; ++indexed_) enter(state, backlog_[indexed_], complaints);
  step_at_ += step_interval;
  if (indexed_ < backlog_.size()) return;
  stage_ = stage::ready;
  backlog_ = {};
}

bool guild_search::misses(base::message_id id) {
  return (missed_always && well_mixed(id.value) % 1'000'000 < missed_always) || faults_.hides_from_search(id);
}

void guild_search::enter(const guild_state& state, place what, std::vector<std::string>& complaints) {
  try {
    auto* m = state.find_message(what.where, what.id);
    if (!m) return;  // deleted meanwhile
    bool missed = !m->edited_ms && misses(what.id);
    if (!missed) index_.put({what.id, what.where, search_traits(state, *m), m->content});
  } catch (const unreadable_record& e) {
    if (complaints.size() < complaints_max) complaints.emplace_back(e.what());
  }
}

std::optional<base::system_time> guild_search::next_step() const {
  if (stage_ != stage::building) return std::nullopt;
  return step_at_;
}

std::chrono::seconds guild_search::usable_after() const {
  auto needed = std::min(usable_at, backlog_.size());
  auto left = needed - std::min(indexed_, needed);
  auto steps = static_cast<std::int64_t>(left / step_messages + 1);
  return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(steps * step_interval));
}

}  // namespace dbcord::guild
