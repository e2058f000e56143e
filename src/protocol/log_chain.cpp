#include "protocol/log_chain.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/deliberate_bug.hpp"

namespace dbcord::protocol {
namespace {

class chain_builder {
 public:
  chain_builder(const chain_anchor& anchor, const std::vector<chain_record>& records) : anchor_(anchor), records_(records) {
    by_hash_.reserve(records.size());
    children_.reserve(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto& h = records[i].header;
      if (by_hash_.emplace(h.hash, i).second) children_[h.previous].push_back(i);
    }
  }

  std::vector<std::size_t> build() const {
    auto chain = path_to_best_start();
    while (auto next = successor(chain)) chain.push_back(*next);
    return chain;
  }

 private:
  // What a record's predecessor, or the anchor, demands of it.
  struct tip {
    std::uint64_t epoch, lsn;
    base::channel_id channel;
    bool released;
  };

  tip after(const std::vector<std::size_t>& chain) const {
    tip t{anchor_.epoch, anchor_.lsn, anchor_.channel, false};
    for (auto i : chain) advance(t, records_[i]);
    return t;
  }

  static void advance(tip& t, const chain_record& r) {
    t.epoch = r.header.epoch;
    t.lsn = r.header.lsn;
    t.released = r.header.kind == record_kind::release;
    if (r.header.kind == record_kind::roll) t.channel = r.roll_to;
  }

  static bool may_follow(const tip& t, const chain_record& r) {
    if (r.header.lsn != t.lsn + 1 || r.channel != t.channel) return false;
    if (r.header.kind == record_kind::start) return r.header.epoch >= t.epoch;
    return r.header.epoch == t.epoch && !t.released;
  }

  std::vector<std::size_t> path_to_best_start() const {
    std::vector<std::size_t> starts;
    for (const auto& [hash, i] : by_hash_) {
      if (records_[i].header.kind == record_kind::start) starts.push_back(i);
    }
    std::sort(starts.begin(), starts.end(), [&](std::size_t a, std::size_t b) { return rank(a) > rank(b); });
    for (auto start : starts) {
      if (auto path = path_from_anchor(start)) return *path;
    }
    return {};
  }

  std::pair<std::uint64_t, std::uint64_t> rank(std::size_t i) const {
    return {records_[i].header.epoch, records_[i].header.attempt};
  }

  std::optional<std::vector<std::size_t>> path_from_anchor(std::size_t last) const {
    std::vector<std::size_t> path{last};
    while (records_[path.back()].header.previous != anchor_.hash) {
      auto before = by_hash_.find(records_[path.back()].header.previous);
      if (before == by_hash_.end() || path.size() > records_.size()) return std::nullopt;
      path.push_back(before->second);
    }
    std::reverse(path.begin(), path.end());
    tip t = after({});
    for (auto i : path) {
      if (!may_follow(t, records_[i])) return std::nullopt;
      advance(t, records_[i]);
    }
    return path;
  }

  std::optional<std::size_t> successor(const std::vector<std::size_t>& chain) const {
    auto t = after_last(chain);
    auto found = children_.find(chain.empty() ? anchor_.hash : records_[chain.back()].header.hash);
    if (found == children_.end()) return std::nullopt;
    std::optional<std::size_t> best;
    for (auto i : found->second) {
      const auto& r = records_[i];
      if (r.header.kind == record_kind::start || !may_follow(t, r)) continue;
      bool newest = base::has_bug(base::deliberate_bug::trust_id_order);
      if (!best || newest || r.header.attempt > records_[*best].header.attempt) best = i;
    }
    return best;
  }

  // after(chain), at a cost that does not grow with the chain: only rolls change the channel.
  tip after_last(const std::vector<std::size_t>& chain) const {
    tip t{anchor_.epoch, anchor_.lsn, anchor_.channel, false};
    if (chain.empty()) return t;
    advance(t, records_[chain.back()]);
    if (records_[chain.back()].header.kind != record_kind::roll) t.channel = records_[chain.back()].channel;
    return t;
  }

  const chain_anchor& anchor_;
  const std::vector<chain_record>& records_;
  std::unordered_map<std::string_view, std::size_t> by_hash_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> children_;
};

}  // namespace

std::vector<std::size_t> valid_chain(const chain_anchor& anchor, const std::vector<chain_record>& records) {
  return chain_builder(anchor, records).build();
}

std::optional<std::size_t> record_without_predecessor(const chain_anchor& anchor, const std::vector<chain_record>& records) {
  std::unordered_set<std::string_view> present;
  for (const auto& r : records) present.insert(r.header.hash);
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& h = records[i].header;
    bool orphan = h.lsn > anchor.lsn + 1 && !present.contains(h.previous);
    if (orphan && (!first || h.lsn < records[*first].header.lsn)) first = i;
  }
  return first;
}

}  // namespace dbcord::protocol
