#include "simulation/fencing_model.hpp"

#include <fmt/format.h>

#include <memory>

namespace dbcord::simulation {
namespace {

constexpr model_time length = 150'000, settle = 200'000;
constexpr model_time tidied_after = 30'000;  // longer than what an opening reads takes
constexpr model_time shown_for = 40'000;     // longer than the three requests of a check take: twice within one nobody can tell

// What is special about a run; drawn from a stream of its own.
struct habits {
  bool hand_over = false;  // a process is started when the one before it is told to end, as who installs a new version does
  bool tidying = false;    // a person deletes claims that have served
  bool clumsy = false;     // and gets the permissions wrong for a moment now and then; if not, the log rolls all the time
};

habits habits_of(std::uint64_t seed) {
  model_random random(seed ^ 0x4AB175);
  auto kind = random.below(10);
  return {kind == 0, kind == 1 || kind == 2, kind == 2};
}

class model final : public fencing_events {
 public:
  model(std::uint64_t seed, fencing_weakness w) : discord_(seed, climate_of(seed)), weakness_(w), habits_(habits_of(seed)) {
    auto& random = discord_.random;
    // Longer staleness than the two seconds by which whole-second Dates are rounded: else those two would stand in for it.
    auto staleness = std::chrono::milliseconds(climate_of(seed).staleness);
    auto beyond = random.chance(20) ? 10 + random.below(60) : 4 + random.below(6);
    protocol::lease_terms terms{staleness + std::chrono::seconds(beyond), staleness};
    crash_every_ = 15'000 + random.below(80'000);
    sleep_every_ = 8'000 + random.below(80'000);
    auto processes = 1 + random.below(3);
    fencing_writer::upkeep often;
    if (random.chance(30)) often = {40, 60, 5};  // the log is cut all the time
    if (beyond > 9) often.slow_openings = 50;
    if (habits_.hand_over) {
      processes = 2;
      often.releases = 15;
      terms.lease += std::chrono::seconds(30);
    }
    if (habits_.tidying) processes = 2 + random.below(2);
    if (habits_.tidying && !habits_.clumsy) often.rolls = 40;
    if (habits_.clumsy) terms.lease = staleness + std::chrono::seconds(4 + random.below(3));
    staleness_ = climate_of(seed).staleness;
    for (int i = 0; i < processes; ++i) writers_.push_back(std::make_unique<fencing_writer>(discord_, *this, w, terms, often, i));
  }

  fencing_report run() {
    auto first_ones = habits_.hand_over ? 1 : static_cast<int>(writers_.size());
    for (int i = 0; i < first_ones; ++i) restart(i, i == 0 ? 0 : discord_.random.below(60'000));
    if (habits_.tidying) tidy();
    if (discord_.random.chance(20)) discord_.at(discord_.random.below(length), [this] { vandal(); });
    discord_.run_until(length);
    over_ = true;
    for (auto& w : writers_) w->crash();
    discord_.run_until(length + settle);
    judge();
    return std::move(report_);
  }

 private:
  static fencing_discord::climate climate_of(std::uint64_t seed) {
    model_random random(seed ^ 0xC11A7E);
    fencing_discord::climate c;
    c.lost = static_cast<int>(random.below(12));
    c.late = static_cast<int>(random.below(10));
    c.refused = static_cast<int>(random.below(6));
    c.slow = static_cast<int>(random.below(20));
    c.stale = static_cast<int>(random.below(4));
    if (random.chance(50)) c.staleness = 1'000 * (1 + random.below(8));
    if (random.chance(15)) {
      c.blind_from = random.below(length);
      c.blind_to = c.blind_from + random.below(20'000);
    }
    for (auto n = random.below(8); n > 0; --n) {
      auto from = random.below(length);
      bool one = random.chance(40);  // for longer: its rival may take over meanwhile
      auto lasts = 2'000 + random.below(one ? 60'000 : 12'000);
      c.outages.push_back({from, from + lasts, one || random.chance(60), random.chance(40), one ? static_cast<int>(random.below(3)) : -1});
    }
    if (random.chance(50)) c.ids_behind = random.below(1'000);
    if (habits_of(seed).hand_over) {
      c.staleness = 1'000 * (1 + random.below(2));
      c.slow_of_first = 50;  // what it writes last its rival has read, and written on, before it has the answer
    }
    if (habits_of(seed).clumsy) c.staleness = 1'000 * (1 + random.below(2));
    if (habits_of(seed).tidying && !habits_of(seed).clumsy) {
      // Long enough for a rival to take over and for its claim to be deleted.
      auto from = 10'000 + random.below(40'000);
      c.outages.push_back({from, from + 50'000 + random.below(50'000), true, random.chance(70), static_cast<int>(random.below(2))});
    }
    return c;
  }

  // ---- what happens to processes ----

  void restart(int i, model_time after) {
    discord_.at(discord_.now() + after, [this, i] {
      if (over_ || writers_[i]->alive()) return;
      writers_[i]->asleep_until = 0;
      writers_[i]->start();
      auto mine = writers_[i]->generation;
      plan_crash(i, mine);
      plan_sleep(i, mine);
    });
  }
  void plan_crash(int i, std::uint64_t mine) {
    discord_.at(discord_.now() + discord_.random.below(2 * crash_every_), [this, i, mine] {
      if (over_ || writers_[i]->generation != mine) return;
      writers_[i]->crash();
      restart(i, discord_.random.below(discord_.random.chance(50) ? 5'000 : 40'000));
    });
  }
  void plan_sleep(int i, std::uint64_t mine) {
    discord_.at(discord_.now() + discord_.random.below(2 * sleep_every_), [this, i, mine] {
      if (over_ || writers_[i]->generation != mine) return;
      writers_[i]->asleep_until = discord_.now() + discord_.random.below(discord_.random.chance(40) ? longest_sleep() : 6'000);
      plan_sleep(i, mine);
    });
  }
  model_time longest_sleep() const { return habits_.tidying ? 120'000 : 60'000; }
  void releasing(int i) override {
    if (habits_.hand_over) restart(1 - i, discord_.random.below(4'000));
  }
  void ended(int i) override {
    if (habits_.hand_over && writers_[1 - i]->alive()) return;
    restart(i, discord_.random.below(50'000));
  }

  // The claims on which a start has stood for longer than it may stay unseen.
  void tidy() {
    discord_.at(discord_.now() + 1'000 + discord_.random.below(15'000), [this] {
      std::set<std::uint64_t> served;
      for (int s = 0; s < discord_.segments(); ++s) {
        for (const auto& m : discord_.messages(s)) {
          bool starts = m->ours && m->record && m->record->chain.header.kind == protocol::record_kind::start;
          if (starts && m->time + staleness_ + tidied_after < discord_.now()) served.insert(m->record->chain.header.epoch);
        }
      }
      std::vector<base::message_id> deleted;
      for (const auto& m : discord_.messages(fencing_discord::control)) {
        if (m->claim && served.contains(m->id.value)) deleted.push_back(m->id);
      }
      discord_.delete_by_hand(deleted);
      if (habits_.clumsy && discord_.now() > shown_until_) {
        auto hidden_until = discord_.now() + discord_.random.below(20'000);
        discord_.hide_history(hidden_until);
        shown_until_ = hidden_until + shown_for;
      }
      if (!over_) tidy();
    });
  }

  // A person with rights puts something into the log that looks like a start on top of what is there.
  void vandal() {
    const auto& log = discord_.messages(0);
    if (log.empty() || !log.back()->record) return;
    auto forged = *log.back();
    forged.ours = false;
    forged.record->group = -1;
    auto& h = forged.record->chain.header;
    h.kind = protocol::record_kind::start;
    h.hash = "forged";
    h.epoch = ~std::uint64_t{0};
    discord_.append(0, std::move(forged));
  }

  // ---- what they say ----

  int new_group() override {
    acknowledged_.push_back(0);
    failed_.push_back(0);
    seen_.push_back(0);
    return report_.groups++;
  }
  void acknowledged(int group) override {
    ++report_.acknowledged;
    acknowledged_[group] = 1;
    order_.push_back({discord_.now(), group});
  }
  void failed(int group) override {
    ++report_.failed;
    failed_[group] = 1;
  }
  void opened() override { ++report_.openings; }
  void found_nothing_to_stand_on() override { violate(fmt::format("at {} neither a checkpoint that counts nor the log's beginning was found", discord_.now())); }
  void read(model_time asked, const std::vector<int>& state) override {
    ++report_.reads;
    std::vector<char> has(acknowledged_.size());
    for (int g : state) has[g] = seen_[g] = 1;
    for (const auto& [when, g] : order_) {
      if (when < asked && !has[g]) return violate(fmt::format("a read that began at {} does not show group {}, acknowledged at {}", asked, g, when));
    }
  }
  void violate(std::string what) {
    if (report_.violations.size() < 3) report_.violations.push_back(std::move(what));
  }

  // Of what ever lay in the log, or of what has not been deleted.
  std::vector<model_message_ptr> log(bool deleted_too) const {
    std::vector<model_message_ptr> records;
    for (int s = 0; s < discord_.segments(); ++s) {
      if (discord_.is_gone(s) && !deleted_too) continue;
      for (const auto& m : discord_.messages(s)) {
        if (m->record && (m->ours || weakness_ == fencing_weakness::foreign_records_count)) records.push_back(m);
      }
    }
    return records;
  }

  void judge() {
    auto all = log(true);
    std::vector<char> counts(acknowledged_.size()), may_go(discord_.segments());
    for (auto i : writers_[0]->valid(model_anchor(), all)) {
      const auto& record = *all[i]->record;
      if (record.dropped >= 0) may_go[record.dropped] = 1;
      auto group = record.group;
      if (group < 0) continue;
      if (counts[group]) violate(fmt::format("group {} counts twice", group));
      counts[group] = 1;
    }
    for (std::size_t g = 0; g < counts.size(); ++g) {
      if (acknowledged_[g] && !counts[g]) violate(fmt::format("group {} was acknowledged and does not count", g));
      if (failed_[g] && counts[g]) violate(fmt::format("group {} was said to have failed and counts", g));
      if (seen_[g] && !counts[g]) violate(fmt::format("group {} was read and does not count", g));
    }
    for (int s = 0; s < discord_.segments(); ++s) {
      report_.dropped += discord_.is_gone(s);
      if (discord_.is_gone(s) && !may_go[s]) violate(fmt::format("segment {} was deleted and no drop that counts names it", s));
    }
    judge_what_is_left(counts);
  }

  // Who opens now must find the same, by the checkpoints and what is left of the log.
  void judge_what_is_left(const std::vector<char>& counts) {
    auto left = log(false);
    auto view = writers_[0]->view(discord_.messages(fencing_discord::checkpoints), left);
    std::vector<char> found(counts.size());
    if (view.base) {
      ++report_.from_checkpoints;
      for (int g : view.base->manifest->state) found[g] = 1;
    }
    for (auto i : view.valid) {
      if (left[i]->record->group >= 0) found[left[i]->record->group] = 1;
    }
    for (std::size_t g = 0; g < counts.size(); ++g) {
      if (counts[g] && !found[g]) violate(fmt::format("group {} counts and is lost with what was deleted", g));
      if (!counts[g] && found[g]) violate(fmt::format("group {} does not count and is in the checkpoint", g));
    }
  }

  fencing_discord discord_;
  fencing_weakness weakness_;
  std::vector<std::unique_ptr<fencing_writer>> writers_;
  habits habits_;
  model_time crash_every_ = 0, sleep_every_ = 0, staleness_ = 0, shown_until_ = 0;
  bool over_ = false;
  std::vector<char> acknowledged_, failed_, seen_;
  std::vector<std::pair<model_time, int>> order_;
  fencing_report report_;
};

}  // namespace

fencing_report explore_fencing(std::uint64_t seed, fencing_weakness weakness) { return model(seed, weakness).run(); }

}  // namespace dbcord::simulation
