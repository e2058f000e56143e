#include "database/idempotency_register.hpp"

namespace dbcord::database {
namespace {

constexpr base::duration id_clocks_differ = std::chrono::seconds(10);  // of an interaction's id, its record's, and that of the record before

}  // namespace

std::optional<base::system_time> given_at(std::string_view key) {
  auto id = base::parse_id<base::interaction_id>(key.substr(0, key.find(':')));
  if (!id) return std::nullopt;
  return base::created_at(*id);
}

idempotency_register::lookup idempotency_register::begin(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto [it, fresh] = entries_.try_emplace(key);
  if (fresh) return {};
  if (it->second.done) return {it->second.done, std::nullopt};
  actor::promise<bool> turn;
  it->second.waiting.push_back(turn);
  return {std::nullopt, turn};
}

idempotency_register::sight idempotency_register::look(const std::string& key) const {
  std::lock_guard lock(mutex_);
  sight seen;
  for (const auto& [name, e] : entries_) {
    if (!name.starts_with(key) || (name.size() > key.size() && name[key.size()] != ':')) continue;
    if (!e.done) {
      seen.running = true;
      continue;
    }
    auto operations = e.done->operations + (seen.done ? seen.done->operations : 0);
    if (!seen.done || seen.done->lsn < e.done->lsn) seen.done = e.done;
    seen.done->operations = operations;
  }
  return seen;
}

bool idempotency_register::may_have_forgotten(base::system_time given) const {
  std::lock_guard lock(mutex_);
  if (order_.size() < capacity_) return false;
  const auto& oldest = entries_.at(order_.front()).done;  // what was forgotten was written before it
  return given <= base::created_at(oldest->log_message) + id_clocks_differ;
}

void idempotency_register::finish(const std::string& key, executed_command result) { settle(key, std::move(result)); }
void idempotency_register::abandon(const std::string& key) { settle(key, std::nullopt); }

void idempotency_register::settle(const std::string& key, std::optional<executed_command> result) {
  std::vector<actor::promise<bool>> waiting;
  {
    std::lock_guard lock(mutex_);
    auto& e = entries_[key];
    waiting.swap(e.waiting);
    if (result) {
      bool again = e.done.has_value();  // a key without an age, which was forgotten between
      e.done = std::move(result);
      if (!again) order_.push_back(key);
    } else if (!e.done) {
      entries_.erase(key);
    }
    while (order_.size() > capacity_) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
  }
  for (auto& w : waiting) w.set(true);
}

std::vector<std::pair<std::string, executed_command>> idempotency_register::finished() const {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, executed_command>> all;
  all.reserve(order_.size());
  for (const auto& key : order_) {
    auto it = entries_.find(key);
    if (it != entries_.end() && it->second.done) all.emplace_back(key, *it->second.done);
  }
  return all;
}

executed_command to_executed(const protocol::transaction& t, std::uint64_t lsn, base::message_id message) {
  executed_command done{lsn, message, t.operations.size(), 0, t.refused};
  if (!t.operations.empty()) {
    const auto& last = t.operations.back();
    if (const auto* put = std::get_if<protocol::put_row>(&last)) done.version = put->version;
    if (const auto* del = std::get_if<protocol::delete_row>(&last)) done.version = del->version;
  }
  return done;
}

}  // namespace dbcord::database
