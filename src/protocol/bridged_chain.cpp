#include "protocol/bridged_chain.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <unordered_set>

namespace dbcord::protocol {
namespace {

class bridge_builder {
 public:
  bridge_builder(const chain_anchor& anchor, const std::vector<chain_record>& records) : anchor_(anchor), records_(records) {
    for (const auto& r : records) present_.insert(r.header.hash);
  }

  bridged_log build() {
    auto from = anchor_;
    for (;;) {
      auto part = valid_chain(from, records_);
      out_.chain.insert(out_.chain.end(), part.begin(), part.end());
      auto next = behind_the_hole();
      if (!next) return std::move(out_);
      const auto& h = records_[*next].header;
      give_up_void(h.lsn);
      out_.gaps.push_back({tip_lsn() + 1, h.lsn - 1, out_.chain.size(), leaps(h)});
      from = {h.epoch, 0, h.lsn - 1, h.previous, records_[*next].channel};
    }
  }

 private:
  std::uint64_t tip_lsn() const { return out_.chain.empty() ? anchor_.lsn : records_[out_.chain.back()].header.lsn; }
  std::uint64_t tip_epoch() const { return out_.chain.empty() ? anchor_.epoch : records_[out_.chain.back()].header.epoch; }

  const std::string& tip_hash() const { return out_.chain.empty() ? anchor_.hash : records_[out_.chain.back()].header.hash; }

  // Who goes on from a log whose end was lost starts on what is left of it, and leaves out the numbers that may have been given; mostly in a channel to which
  // no roll leads.
  bool leaps(const log_header& h) const { return h.kind == record_kind::start && h.previous == tip_hash() && h.lsn > tip_lsn() + 1; }

  // Where the chain goes on behind what is lost. Who leaped knew that the tip is the last one left; but somebody may have come after him who found more.
  std::optional<std::size_t> behind_the_hole() const {
    auto leap = best_leap(), orphan = nearest_orphan();
    if (!leap || !orphan) return leap ? leap : orphan;
    const auto &a = records_[*leap].header, &b = records_[*orphan].header;
    return b.lsn < a.lsn && b.epoch > a.epoch ? orphan : leap;
  }

  // Of several who did the last one counts, as it does for other starts.
  std::optional<std::size_t> best_leap() const {
    std::optional<std::size_t> best;
    auto rank = [this](std::size_t i) { return std::tuple(records_[i].header.epoch, records_[i].header.attempt); };
    for (std::size_t i = 0; i < records_.size(); ++i) {
      bool leap = leaps(records_[i].header) && records_[i].header.epoch >= tip_epoch();
      if (leap && (!best || rank(i) > rank(*best))) best = i;
    }
    return best;
  }

  // The nearest record beyond the tip whose predecessor is not there.
  std::optional<std::size_t> nearest_orphan() const {
    std::optional<std::size_t> best;
    auto rank = [this](std::size_t i) {
      const auto& h = records_[i].header;
      return std::tuple(~h.lsn, h.epoch, h.attempt);
    };
    for (std::size_t i = 0; i < records_.size(); ++i) {
      const auto& h = records_[i].header;
      bool beyond = h.lsn > tip_lsn() && h.lsn > anchor_.lsn + 1 && h.epoch >= tip_epoch();
      if (beyond && !present_.contains(h.previous) && (!best || rank(i) > rank(*best))) best = i;
    }
    return best;
  }

  // Where the lost record stood another of the same LSN may have been taken for it: one that counted for nothing.
  void give_up_void(std::uint64_t behind) {
    while (!out_.chain.empty() && tip_lsn() + 1 >= behind) out_.chain.pop_back();
  }

  const chain_anchor& anchor_;
  const std::vector<chain_record>& records_;
  std::unordered_set<std::string_view> present_;
  bridged_log out_;
};

}  // namespace

bridged_log bridged_chain(const chain_anchor& anchor, const std::vector<chain_record>& records) {
  return bridge_builder(anchor, records).build();
}

}  // namespace dbcord::protocol
