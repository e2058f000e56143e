#include "database/search_sightings.hpp"

namespace dbcord::database {

search_sightings::view_ptr search_sightings::begin() {
  std::erase_if(views_, [](const auto& v) { return v.expired(); });
  view_ptr made(new view(this));
  views_.push_back(made);
  return made;
}

void search_sightings::add(base::message_id message) {
  if (full() || !seen_.insert(message).second) return;
  for (const auto& weak : views_) {
    auto v = weak.lock();
    if (!v || !v->owner_) continue;
    v->later_.insert(message);
    if (v->later_.size() <= view::later_max) continue;
    v->owner_ = nullptr;
    v->later_.clear();
  }
}

void search_sightings::reset() {
  seen_.clear();
  for (const auto& weak : views_) {
    if (auto v = weak.lock()) v->owner_ = nullptr;
  }
  views_.clear();
}

void search_sightings::load(const std::vector<base::message_id>& messages) {
  for (auto m : messages) {
    if (!full()) seen_.insert(seen_.end(), m);
  }
}

}  // namespace dbcord::database
