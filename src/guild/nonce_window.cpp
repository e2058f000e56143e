#include "guild/nonce_window.hpp"

namespace dbcord::guild {

std::string nonce_window::key(base::user_id author, std::string_view nonce) {
  std::string text = author.str();
  text += ' ';
  text += nonce;
  return text;
}

void nonce_window::remember(base::user_id author, std::string_view nonce, made_message made) {
  forget_old(base::created_at(made.message));
  auto k = key(author, nonce);
  made_[k] = made;
  order_.emplace_back(made.message, std::move(k));
}

std::optional<nonce_window::made_message> nonce_window::find(base::user_id author, std::string_view nonce,
                                                             base::system_time now) {
  forget_old(now);
  auto found = made_.find(key(author, nonce));
  if (found == made_.end()) return std::nullopt;
  return found->second;
}

void nonce_window::forget_old(base::system_time now) {
  while (!order_.empty() &&
         (order_.size() >= entries_max || base::created_at(order_.front().first) + length <= now)) {
    auto& [id, k] = order_.front();
    auto found = made_.find(k);
    if (found != made_.end() && found->second.message == id) made_.erase(found);
    order_.pop_front();
  }
}

}  // namespace dbcord::guild
