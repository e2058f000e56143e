#include "app/pending_interactions.hpp"

#include <vector>

#include "app/reply_message.hpp"

namespace dbcord::app {

reply_promise pending_interactions::expect(std::string nonce, progress_sink progress) {
  reply_promise reply;
  std::lock_guard lock(mutex_);
  by_nonce_[std::move(nonce)] = waiting{{}, reply, std::move(progress)};
  return reply;
}

void pending_interactions::forget(const std::string& nonce) {
  std::lock_guard lock(mutex_);
  by_nonce_.erase(nonce);
}

void pending_interactions::on_dispatch(const std::string& type, const boost::json::object& data) {
  if (type == "INTERACTION_CREATE") learn_id(data);
  if (type == "INTERACTION_FAILURE") failed(data);
  if (type == "INTERACTION_MODAL_CREATE") form(data);
  if (type == "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE") choices(data);
  if (type == "MESSAGE_CREATE" || type == "MESSAGE_UPDATE") message(data);
}

void pending_interactions::fail_all(const base::error& e) {
  std::map<std::string, waiting> lost;
  {
    std::lock_guard lock(mutex_);
    lost.swap(by_nonce_);
  }
  for (auto& [nonce, w] : lost) w.reply.set(e);
}

void pending_interactions::learn_id(const boost::json::object& data) {
  std::lock_guard lock(mutex_);
  auto found = by_nonce_.find(string_member(data, "nonce"));
  if (found != by_nonce_.end()) found->second.id = string_member(data, "id");
}

std::optional<reply_promise> pending_interactions::take(const std::string& nonce) {
  std::lock_guard lock(mutex_);
  auto found = by_nonce_.find(nonce);
  if (found == by_nonce_.end()) return std::nullopt;
  auto reply = found->second.reply;
  by_nonce_.erase(found);
  return reply;
}

void pending_interactions::failed(const boost::json::object& data) {
  if (auto reply = take(string_member(data, "nonce")))
    reply->set(base::error(base::errc::timeout, "the bot did not answer in time; is it running (dbcord serve)?"));
}

void pending_interactions::form(const boost::json::object& data) {
  auto nonce = string_member(data, "nonce");
  if (auto reply = take(nonce)) reply->set(form_as_message(data));
}

void pending_interactions::choices(const boost::json::object& data) {
  if (auto reply = take(string_member(data, "nonce"))) reply->set(boost::json::object(data));
}

void pending_interactions::message(const boost::json::object& data) {
  auto id = interaction_of(data);
  if (id.empty()) return;
  reply_promise reply;
  progress_sink progress;
  bool unfinished = is_unfinished(data);
  {
    std::lock_guard lock(mutex_);
    auto found = by_nonce_.begin();
    while (found != by_nonce_.end() && found->second.id != id) ++found;
    if (found == by_nonce_.end()) return;
    reply = found->second.reply;
    progress = found->second.progress;
    if (!unfinished) by_nonce_.erase(found);
  }
  if (!unfinished) {
    reply.set(boost::json::object(data));
  } else if (progress) {
    progress(data);
  }
}

}  // namespace dbcord::app
