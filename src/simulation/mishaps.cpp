#include "simulation/mishaps.hpp"

#include <algorithm>

#include "protocol/row_message.hpp"
#include "simulation/index_channel_checks.hpp"
#include "simulation/log_view.hpp"
#include "simulation/store_checks.hpp"

namespace dbcord::simulation {
namespace {

constexpr base::duration shortest_spell = std::chrono::seconds(1);
constexpr base::duration death_after_loss = std::chrono::seconds(4);
constexpr base::duration death_after_refusal = std::chrono::milliseconds(1'500);  // of what was sent again; before somebody writes over it

constexpr base::duration served_for = std::chrono::seconds(30);                   // beyond what the guild may hide: no other claimant still waits then

}  // namespace

void mishaps::start() {
  working_ = true;
  plan_guild_restart();
  plan_spell();
  plan_hand();
  plan_tidying();
  plan_deaths();
  usual_limits_ = guild_.options().limits;
  plan_cut();
}

void mishaps::end() {
  working_ = false;
  ended_ = true;
  network_.plan = {};
  network_.plan_of.clear();
  guild_.set_faults({});
  if (cut_) cut_limits(false);
}

void mishaps::plan_guild_restart() {
  if (scenario_.guild_restart_every <= base::duration::zero()) return;
  world_.after(draw_exponential(scenario_.guild_restart_every, random_), [this] {
    if (!working_) return;
    guild_.restart();
    network_.guild_restarted();
    plan_guild_restart();
  });
}

void mishaps::plan_cut() {
  if (scenario_.cut_every <= base::duration::zero()) return;
  world_.after(draw_exponential(scenario_.cut_every, random_), [this] {
    if (!working_) return;
    cut_limits(true);
    world_.after(shortest_spell + draw_up_to(scenario_.cut_longest - shortest_spell, random_), [this] {
      if (ended_) return;
      cut_limits(false);
      plan_cut();
    });
  });
}

void mishaps::cut_limits(bool yes) {
  trace_.say("the guild allows {}", yes ? "a tenth" : "what is usual again");
  cut_ = yes;
  cuts_ += yes;
  guild_.set_limits(yes ? tenth_of(usual_limits_) : usual_limits_);
  network_.limits_cut(yes);
}

// A few seconds in which one thing fails nearly always: what fails once and works at the next attempt hides much.
void mishaps::plan_spell() {
  if (scenario_.spell_every <= base::duration::zero()) return;
  world_.after(draw_exponential(scenario_.spell_every, random_), [this] {
    if (!working_) return;
    auto usual = network_.plan;
    bool long_ones = scenario_.is_long() && random_.below(3) == 0;
    auto victim = scenario_.one_sided && random_.below(2) == 0 ? holder() : std::string();
    auto spell = !victim.empty()             ? draw_one_sided_spell(usual, random_)
                 : scenario_.retries_refused ? answers_lost_and_permission_missing(usual)
                 : scenario_.requests_late   ? requests_arrive_late(usual)
                 : scenario_.answers_lost    ? answers_to_files_are_lost(usual)
                                             : draw_spell(usual, long_ones, random_);
    bool of_the_log = scenario_.retries_refused || scenario_.requests_late || scenario_.answers_lost;
    spell.plan.only_messages = of_the_log && scenario_.quiet;  // else most of the few commands do not come so far
    auto length = shortest_spell + draw_up_to(spell.longest - shortest_spell, random_);
    trace_.say("for {:.1f} s {}{}{}", std::chrono::duration<double>(length).count(), spell.name, victim.empty() ? "" : ", for ", victim);
    (victim.empty() ? network_.plan : network_.plan_of[victim]) = spell.plan;
    if (spell.drops_gateway) network_.drop_links();
    world_.after(length, [this, usual, victim] {
      if (ended_) return;
      network_.plan = usual;
      network_.plan_of.clear();
      if (working_) plan_spell();
    });
  });
}

// The process that has the database, if one has; else one that is there.
std::string mishaps::holder() const {
  for (auto* who : rivals_.all_and_bot()) {
    if (who->ready()) return who->where()->name();
  }
  return bot_.where() ? bot_.where()->name() : std::string();
}

// What a dead process has left half done is the last word until somebody writes again.
void mishaps::plan_deaths() {
  if (!scenario_.quiet || scenario_.crash_every <= base::duration::zero()) return;
  network_.on_lost = [this](const std::string& who) {
    if (!working_ || !bot_.where() || bot_.where()->name() != who) return;
    bool always = scenario_.retries_refused || scenario_.requests_late || scenario_.answers_lost;
    if (!always && random_.below(2) == 0) return;
    auto longest = scenario_.answers_lost ? death_after_refusal : death_after_loss;
    world_.after(draw_up_to(longest, random_), [this, who] {
      if (working_ && bot_.where() && bot_.where()->name() == who) bot_.crash();
    });
  };
}

// Somebody deletes a message of a table, or of an index.
void mishaps::plan_hand() {
  if (scenario_.hand_every <= base::duration::zero()) return;
  if (channels_.empty()) channels_ = channels_of_tables(world_, bot_);
  world_.after(draw_exponential(scenario_.hand_every, random_), [this] {
    if (!working_) return;
    auto channels = channels_;
    if (scenario_.index_channels) {
      for (auto shown : channels_of_indexes(guild_)) channels.push_back(shown);
    }
    auto channel = channels[random_.below(channels.size())];
    stood_there chosen;
    auto spared = [this, &chosen](const seen_message& m) {
      chosen = what_stands_in(m);
      return may_be_all_there_is(chosen);
    };
    if (auto gone = delete_some_message(guild_, channel, random_, spared)) {
      deleted_by_hand_.messages.insert(*gone);
      deleted_by_hand_.versions.insert(chosen.versions.begin(), chosen.versions.end());
      trace_.say("somebody deletes message {} of channel {}", gone->value, channel.value);
    }
    plan_hand();
  });
}

// A person tidies the control channel: a claim that has served is deleted, be it that of the process that writes now.
void mishaps::plan_tidying() {
  if (scenario_.tidy_every <= base::duration::zero()) return;
  world_.after(draw_exponential(scenario_.tidy_every, random_), [this] {
    if (!working_) return;
    auto controls = channels_of(guild_, protocol::channel_role::control);
    auto served = claims_that_have_served();
    if (!controls.empty() && !served.empty()) {
      auto claim = served[random_.below(served.size())];
      if (delete_message(guild_, controls.front().id, claim)) trace_.say("somebody deletes the claim {}", claim.value);
    }
    plan_tidying();
  });
}

std::vector<base::message_id> mishaps::claims_that_have_served() const {
  std::vector<base::message_id> served;
  auto log = log_chain_in(guild_);
  for (const auto& r : log) {
    bool long_ago = base::created_at(r.message) + scenario_.staleness + served_for <= base::created_at(log.back().message);
    if (r.header.kind == protocol::record_kind::start && long_ago) served.push_back(base::message_id{r.header.epoch});
  }
  return served;
}

mishaps::stood_there mishaps::what_stands_in(const seen_message& m) const {
  stood_there all;
  if (auto row = protocol::decode_row(m.content)) all.versions.emplace_back(row->key, row->lsn);
  auto page = protocol::decode_page(m.content);
  for (unsigned part = 1; page && part <= page->parts.size(); ++part) {
    auto slots = part_of_page(m, *page, part);
    all.readable = all.readable && slots;
    if (!slots) continue;
    for (const auto& s : *slots) all.versions.emplace_back(s.key, s.lsn);
  }
  return all;
}

// The value of a row that is not in memory lies in its message alone once the log's record is gone: nothing could bring that back. The newest segment of the
// log stays whatever happens, so what was written there may be deleted.
bool mishaps::may_be_all_there_is(const stood_there& all) const {
  if (scenario_.memory_cap == scenario().memory_cap) return false;
  auto newest = first_lsn_of_newest_segment(guild_);
  return !all.readable || std::any_of(all.versions.begin(), all.versions.end(), [newest](const auto& v) { return v.second < newest; });
}

}  // namespace dbcord::simulation
