#include "database/row_history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/record_order.hpp"

namespace dbcord::database {
namespace {

constexpr std::uint64_t chain_overhead = 120;  // of a std::map node with key and vector

}  // namespace

base::error lost_version(std::string_view key, std::uint64_t version) {
  return {errc::damaged, fmt::format("version {} of row \"{}\" is lost: people deleted its message, or what had it is damaged, and the log does not have it any more",
                                     version, key)};
}

void row_history::add(const std::string& key, past_version past, std::uint64_t superseded_by, channel_garbage& out) {
  auto [it, fresh] = chains_.try_emplace(key);
  if (fresh) key_bytes_ += key.size();
  auto& c = it->second;
  if (fresh) c.forgotten_to = forgotten_to_;
  c.versions.push_back(past);
  ++size_;
  if (past.row_message) ++messages_;
  if (c.versions.size() > limits_.versions) drop_front(c, c.versions.size() - limits_.versions, superseded_by, out);
  tidied(it);
}

row_history::chains::iterator row_history::tidied(chains::iterator it) {
  if (!it->second.versions.empty()) return std::next(it);
  forgotten_to_ = std::max(forgotten_to_, it->second.forgotten_to);
  key_bytes_ -= it->first.size();
  return chains_.erase(it);
}

// What put an end to the chain's last version. Empty: nothing has, as far as is known.
std::optional<row_history::live_version> row_history::end_of(const chains::value_type& of, const live_versions& live) {
  const auto& last = of.second.versions.back();
  return last.deleted ? live_version{last.lsn, last.log_message} : live(of.first);
}

void row_history::keep_newest(chains::value_type& of, std::size_t count, const live_versions& live, channel_garbage& out) {
  auto& c = of.second;
  if (c.versions.size() <= count) return;
  auto end = end_of(of, live);
  drop_front(c, c.versions.size() - count, end ? end->lsn : c.versions.back().lsn + 1, out);
}

void row_history::halve(base::system_time now, const live_versions& live, channel_garbage& out) {
  auto before = size_;
  for (auto it = chains_.begin(); it != chains_.end();) {
    keep_newest(*it, it->second.versions.size() / 2, live, out);
    it = tidied(it);
  }
  if (size_ == before) return;
  given_up_.count += before - size_;
  given_up_.last = now;
}

// `next_lsn`: what follows the chain's last version.
void row_history::drop_front(chain& c, std::size_t count, std::uint64_t next_lsn, channel_garbage& out) {
  auto end = c.versions.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto v = c.versions.begin(); v != end; ++v) {
    if (!v->row_message) continue;
    out.release(v->row_message, v->part);
    --messages_;
  }
  if (end == c.versions.end() && c.versions.back().deleted) deleted_to_ = std::max(deleted_to_, c.versions.back().version);
  c.forgotten_to = std::max(c.forgotten_to, end == c.versions.end() ? next_lsn : end->lsn);
  c.versions.erase(c.versions.begin(), end);
  size_ -= count;
}

void row_history::set_limits(history_limits limits, const live_versions& live, channel_garbage& out) {
  limits_ = limits;
  for (auto it = chains_.begin(); it != chains_.end();) {
    keep_newest(*it, limits.versions, live, out);
    it = tidied(it);
  }
}

row_history::attached row_history::attach(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message,
                                          unsigned part) {
  auto it = chains_.find(key);
  if (it == chains_.end()) return attached::unknown;
  auto is_it = [&](const past_version& p) { return p.lsn == lsn && p.version == version && !p.deleted; };
  auto v = std::find_if(it->second.versions.rbegin(), it->second.versions.rend(), is_it);
  if (v == it->second.versions.rend()) return attached::unknown;
  if (v->row_message) return v->row_message == message ? attached::before : attached::unknown;
  if (is_of_another_record(v->log_message, message)) return attached::unknown;
  v->row_message = message;
  v->part = part;
  v->lost = false;
  ++messages_;
  return attached::now;
}

std::optional<past_version> row_history::move(const std::string& key, std::uint64_t version, std::uint64_t lsn, const std::function<bool(base::message_id)>& leaves,
                                              base::message_id message, unsigned part) {
  auto it = chains_.find(key);
  if (it == chains_.end()) return std::nullopt;
  for (auto& v : it->second.versions) {
    if (v.lsn != lsn || v.version != version || !v.row_message || !leaves(v.row_message)) continue;
    auto left = v;
    v.row_message = message;
    v.part = part;
    return left;
  }
  return std::nullopt;
}

template <class Gone>
void row_history::forget_where(Gone gone) {
  for (auto& [key, c] : chains_) {
    for (auto& v : c.versions) {
      if (!v.row_message || !gone(v.row_message)) continue;
      v.row_message = {};
      v.part = 0;
      --messages_;
    }
  }
}

void row_history::forget_messages(const std::set<base::message_id>& gone) {
  forget_where([&](base::message_id m) { return gone.contains(m); });
}

void row_history::forget_messages_in(message_range gone) {
  forget_where([&](base::message_id m) { return gone.contains(m); });
}

const std::vector<past_version>* row_history::of(const std::string& key) const {
  auto it = chains_.find(key);
  return it == chains_.end() ? nullptr : &it->second.versions;
}

std::uint64_t row_history::last_version(std::string_view key) const {
  auto it = chains_.find(key);
  return it == chains_.end() ? deleted_to_ : it->second.versions.back().version;
}

std::uint64_t row_history::forgotten_to(const std::string& key) const {
  auto it = chains_.find(key);
  return it == chains_.end() ? forgotten_to_ : it->second.forgotten_to;
}

void row_history::expire(base::system_time before, const live_versions& live, channel_garbage& out) {
  for (auto it = chains_.begin(); it != chains_.end();) it = expire(it, before, live, out);
}

void row_history::expire(const std::string& key, base::system_time before, const live_versions& live, channel_garbage& out) {
  auto it = chains_.find(key);
  if (it != chains_.end()) expire(it, before, live, out);
}

// A version ends when the next one begins; a deletion has no end, and counts from its beginning.
row_history::chains::iterator row_history::expire(chains::iterator it, base::system_time before, const live_versions& live, channel_garbage& out) {
  auto& c = it->second;
  const auto& last = c.versions.back();
  std::size_t gone = 0;
  while (gone + 1 < c.versions.size() && base::created_at(c.versions[gone + 1].log_message) < before) ++gone;
  std::optional<live_version> end;
  if (gone + 1 == c.versions.size()) end = end_of(*it, live);
  bool last_too = end && end->log_message && base::created_at(end->log_message) < before;
  if (last_too) ++gone;
  if (gone > 0) drop_front(c, gone, last_too ? end->lsn : last.lsn, out);
  return tidied(it);
}

std::size_t row_history::mark_lost(std::uint64_t first_in_log) {
  std::size_t marked = 0;
  for (auto& [key, c] : chains_) {
    for (auto& v : c.versions) {
      if (v.row_message || v.deleted || v.lost || v.lsn >= first_in_log) continue;
      v.lost = true;
      ++marked;
    }
  }
  return marked;
}

bool row_history::lose(const std::string& key, std::uint64_t version, std::uint64_t lsn) {
  auto it = chains_.find(key);
  if (it == chains_.end()) return false;
  auto& all = it->second.versions;
  auto v = std::find_if(all.begin(), all.end(), [&](const past_version& p) { return p.version == version && p.lsn == lsn && !p.deleted; });
  if (v == all.end() || v->row_message) return false;
  return !std::exchange(v->lost, true);
}

void row_history::forget_before_last(const std::string& key, channel_garbage& out) {
  auto it = chains_.find(key);
  if (it != chains_.end() && it->second.versions.size() > 1) drop_front(it->second, it->second.versions.size() - 1, 0, out);
}

std::optional<std::uint64_t> row_history::oldest_in_log(std::uint64_t from) const {
  std::optional<std::uint64_t> oldest;
  for (const auto& [key, c] : chains_) {
    for (const auto& v : c.versions) {
      if (!v.row_message && !v.deleted && !v.lost && v.lsn >= from && (!oldest || v.lsn < *oldest)) oldest = v.lsn;
    }
  }
  return oldest;
}

protocol::image_history row_history::image() const {
  protocol::image_history all{limits_.versions, static_cast<std::uint64_t>(limits_.age / std::chrono::seconds(1)), forgotten_to_, {}, deleted_to_};
  for (const auto& [key, c] : chains_) {
    protocol::image_chain chain{key, c.forgotten_to, {}};
    for (const auto& v : c.versions) chain.versions.push_back({v.version, v.lsn, v.log_message, v.row_message, v.deleted, v.part, v.lost});
    all.chains.push_back(std::move(chain));
  }
  return all;
}

void row_history::load(protocol::image_history image, channel_garbage& pages) {
  constexpr std::uint64_t age_max_s = 1'000'000'000;  // beyond any horizon
  limits_ = {static_cast<std::uint32_t>(image.versions), std::chrono::seconds(std::min(image.age_s, age_max_s))};
  forgotten_to_ = image.forgotten_to;
  deleted_to_ = image.deleted_to;
  for (auto& chain : image.chains) {
    auto [it, fresh] = chains_.try_emplace(std::move(chain.key));
    if (!fresh) continue;
    key_bytes_ += it->first.size();
    it->second.forgotten_to = chain.forgotten_to;
    for (const auto& v : chain.versions) {
      it->second.versions.push_back({v.version, v.lsn, v.log_message, v.row_message, v.deleted, v.part, v.lost});
      if (v.part != 0) pages.use_page(v.row_message);
      ++size_;
      if (v.row_message) ++messages_;
    }
  }
}

std::uint64_t row_history::memory() const { return size_ * sizeof(past_version) + chains_.size() * chain_overhead + key_bytes_; }

}  // namespace dbcord::database
