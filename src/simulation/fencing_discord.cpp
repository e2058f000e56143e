#include "simulation/fencing_discord.hpp"

namespace dbcord::simulation {
namespace {

constexpr model_time begins = 1'700'000'000'000;  // Unix ms, a whole second
constexpr model_time late_max = 60'000;
constexpr model_time client_patience = 20'000;    // as log_request_time

}  // namespace

std::uint64_t model_random::next() {
  auto z = state_ += 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

base::system_time fencing_discord::to_system(model_time t) { return base::system_time(std::chrono::milliseconds(begins + t)); }
model_time fencing_discord::to_model(base::system_time t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count() - begins;
}

base::channel_id model_channel(int segment) { return base::channel_id{static_cast<std::uint64_t>(segment) + 1}; }

void fencing_discord::at(model_time when, std::function<void()> run) {
  if (free_.empty()) {
    free_.push_back(others_.size());
    others_.emplace_back();
  }
  auto place = free_.back();
  free_.pop_back();
  others_[place] = std::move(run);
  events_.push({std::max(when, now_), ++order_, nullptr, 0, {}, place});
}

void fencing_discord::run_until(model_time end) {
  while (!events_.empty() && events_.top().when <= end) {
    auto next = events_.top();
    events_.pop();
    now_ = next.when;
    if (next.who) {
      resume(*next.who, next.generation, next.waiter);
      continue;
    }
    auto run = std::exchange(others_[next.other], {});
    free_.push_back(next.other);
    run();
  }
  now_ = end;
}

void fencing_discord::wake(model_process& who, model_time when, std::coroutine_handle<> waiter) {
  events_.push({std::max(when, now_), ++order_, &who, who.generation, waiter, 0});
}

void fencing_discord::resume(model_process& who, std::uint64_t generation, std::coroutine_handle<> waiter) {
  if (who.generation != generation) return;  // its frames are gone
  if (who.asleep_until > now_) return wake(who, who.asleep_until, waiter);
  waiter.resume();
}

model_time fencing_discord::latency(const model_process& who) {
  if (who.number == 0 && random.chance(climate_.slow_of_first)) return random.below(15'000);
  if (random.chance(climate_.slow)) return random.below(9'000);
  return 5 + random.below(200);
}

bool fencing_discord::is_out(const model_process& who, bool outage::*what) const {
  for (const auto& o : climate_.outages) {
    bool meant = o.only < 0 || o.only == who.number;
    if (meant && o.*what && now_ >= o.from && now_ < o.to) return true;
  }
  return false;
}

int fencing_discord::add_segment() {
  segments_.emplace_back();
  gone_.push_back(0);
  return segments() - 1;
}

const std::vector<model_message_ptr>& fencing_discord::messages(int channel) const {
  if (channel == checkpoints) return checkpoints_;
  return channel == control ? control_ : segments_[channel];
}

std::vector<model_message_ptr>& fencing_discord::all(int channel) { return const_cast<std::vector<model_message_ptr>&>(messages(channel)); }

base::message_id fencing_discord::append(int channel, model_message m) {
  m.time = now_;
  auto minted = now_ - random.below(climate_.ids_behind + 1);
  m.id.value = (static_cast<std::uint64_t>(begins + minted - base::discord_epoch_ms) << 22) | ++ids_;
  if (m.record) m.record->chain.channel = model_channel(channel);
  auto id = m.id;
  all(channel).push_back(std::make_shared<const model_message>(std::move(m)));
  return id;
}

flow<model_answer> fencing_discord::post(model_process& who, int channel, model_message m) {
  return request(who, [this, channel, m = std::move(m)]() mutable -> std::optional<base::message_id> {
    if (channel >= 0 && is_gone(channel)) return std::nullopt;
    return append(channel, std::move(m));  // it is applied once at most
  });
}

flow<model_answer> fencing_discord::remove_segment(model_process& who, int segment) {
  return request(who, [this, segment]() -> std::optional<base::message_id> {
    gone_[segment] = 1;
    return base::message_id{};
  });
}

flow<model_answer> fencing_discord::remove_checkpoint(model_process& who, base::message_id id) {
  return request(who, [this, id]() -> std::optional<base::message_id> {
    std::erase_if(checkpoints_, [&](const auto& m) { return m->id == id; });
    return id;
  });
}

void fencing_discord::delete_by_hand(const std::vector<base::message_id>& from_control) {
  deleted_.insert(from_control.begin(), from_control.end());
  std::erase_if(control_, [this](const auto& m) { return deleted_.contains(m->id); });
}

flow<model_answer> fencing_discord::fetch(model_process& who, base::message_id id) {
  auto answer = std::make_shared<model_answer>();
  auto there = latency(who), back = latency(who);
  if (!random.chance(climate_.lost) && !is_out(who, &outage::reads)) {
    at(now_ + there, [this, id, answer] {
      bool blind = now_ >= climate_.blind_from && now_ < climate_.blind_to;
      answer->what = blind ? model_answer::kind::refused : is_deleted_by_hand(id) ? model_answer::kind::gone : model_answer::kind::answered;
      answer->date = now_ / 1000 * 1000;
    });
  }
  co_await sleep{*this, who, now_ + there + back};
  co_return std::move(*answer);
}

flow<model_answer> fencing_discord::request(model_process& who, effect apply) {
  auto answer = std::make_shared<model_answer>();
  auto there = latency(who), back = latency(who);
  auto ends = now_ + there + back;
  auto dice = random.below(100);
  auto falls = [&dice](int percent) { return (dice -= percent) < 0; };
  bool out = is_out(who, &outage::posts);
  if (!out && falls(climate_.refused)) {
    answer->what = model_answer::kind::refused;
  } else if (falls(out ? 40 : climate_.lost)) {
    if (random.chance(50)) at(now_ + there, [apply = std::move(apply)] { apply(); });
  } else if (out || falls(climate_.late)) {
    if (random.chance(30)) ends = now_ + client_patience;
    at(ends + random.below(late_max), [apply = std::move(apply)] { apply(); });
  } else {
    at(now_ + there, [this, apply = std::move(apply), answer] {
      auto done = apply();
      answer->id = done.value_or(base::message_id{});
      answer->what = done ? model_answer::kind::answered : model_answer::kind::refused;
      answer->date = now_ / 1000 * 1000;
    });
  }
  co_await sleep{*this, who, std::min(ends, now_ + client_patience)};
  co_return std::move(*answer);
}

flow<model_answer> fencing_discord::read(model_process& who, int channel) {
  auto answer = std::make_shared<model_answer>();
  auto there = latency(who), back = latency(who);
  if (!random.chance(climate_.lost) && !is_out(who, &outage::reads)) {
    at(now_ + there, [this, channel, answer] {
      bool gone = channel >= 0 && is_gone(channel);
      if (!gone) answer->messages = shown(channel);
      answer->what = gone ? model_answer::kind::gone : model_answer::kind::answered;
      answer->date = now_ / 1000 * 1000;
    });
  }
  co_await sleep{*this, who, now_ + there + back};
  co_return std::move(*answer);
}

std::vector<model_message_ptr> fencing_discord::shown(int channel) {
  if (now_ >= climate_.blind_from && now_ < climate_.blind_to) return {};
  const auto& all = messages(channel);
  auto cut = now_ - random.below(climate_.staleness + 1);
  std::vector<model_message_ptr> seen;
  seen.reserve(all.size());
  for (const auto& m : all) {
    bool old = m->time <= now_ - climate_.staleness || climate_.stale == 0;
    bool young_one = climate_.stale == 1 ? m->time <= cut : climate_.stale == 2 && random.chance(50);
    if (old || young_one) seen.push_back(m);
  }
  return seen;
}

}  // namespace dbcord::simulation
