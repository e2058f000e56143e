#include "guild/fault_injector.hpp"

#include <algorithm>
#include <cmath>

namespace dbcord::guild {
namespace {

constexpr std::array session_faults = {session_fault::reconnect, session_fault::invalidate, session_fault::drop};
constexpr std::array<std::string_view, 3> session_fault_names = {"reconnect", "invalidate", "drop"};

double unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }

// Between this and other draws for the same message.
constexpr std::uint64_t search_salt = 0x5EA4C4;

}  // namespace

std::uint64_t well_mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

void fault_injector::set_plan(fault_plan plan, base::system_time now) {
  plan_ = std::move(plan);
  random_ = std::make_unique<base::seeded_random>(plan_.seed);
  counters_.clear();
  left_ = plan_.at_most;
  auto& p = plan_;
  meets_requests_ = p.reset_before + p.reply_lost + p.reply_never + p.applied_late + p.error_before + p.error_after +
                        p.limited_shared + p.limited_hidden > 0;
  for (auto kind : session_faults) plan_session_fault(kind, now);
}

bool fault_injector::count(std::string_view name) {
  if (left_ == 0) return false;
  --left_;
  auto found = counters_.find(name);
  if (found == counters_.end()) found = counters_.emplace(name, 0).first;
  ++found->second;
  return true;
}

bool fault_injector::happens(double probability, std::string_view name) {
  // Nothing is drawn for what is off: one fault more or less leaves the others as they were.
  return probability > 0 && random_->unit() < probability && count(name);
}

base::duration fault_injector::draw_up_to(base::duration max) {
  if (max <= base::duration::zero()) return base::duration::zero();
  return base::duration(static_cast<base::duration::rep>(random_->unit() * static_cast<double>(max.count())));
}

base::duration fault_injector::draw_exponential(base::duration mean) {
  return base::duration(
      static_cast<base::duration::rep>(-std::log(1 - random_->unit()) * static_cast<double>(mean.count())));
}

request_fate fault_injector::draw_request(std::string_view route) {
  auto& p = plan_;
  if (!meets_requests_) return request_fate::served;
  if (!p.only.empty() && std::find(p.only.begin(), p.only.end(), route) == p.only.end()) return request_fate::served;
  struct chance {
    double probability;
    request_fate fate;
    std::string_view name;
  };
  const chance chances[] = {{p.reset_before, request_fate::reset_before, "reset_before"},
                            {p.reply_lost, request_fate::reply_lost, "reply_lost"},
                            {p.reply_never, request_fate::reply_never, "reply_never"},
                            {p.applied_late, request_fate::applied_late, "applied_late"},
                            {p.error_before, request_fate::error_before, "error_before"},
                            {p.error_after, request_fate::error_after, "error_after"},
                            {p.limited_shared, request_fate::limited_shared, "limited_shared"},
                            {p.limited_hidden, request_fate::limited_hidden, "limited_hidden"}};
  double drawn = random_->unit();
  for (auto& c : chances) {
    if (drawn < c.probability) return count(c.name) ? c.fate : request_fate::served;
    drawn -= c.probability;
  }
  return request_fate::served;
}

int fault_injector::draw_error_status() {
  static constexpr int statuses[] = {500, 502, 503};
  return statuses[random_->below(3)];
}

base::duration fault_injector::draw_late() { return plan_.late_min + draw_up_to(plan_.late_max - plan_.late_min); }

// Not shorter than what a header can tell.
base::duration fault_injector::draw_retry_after() {
  return std::max<base::duration>(std::chrono::milliseconds(1), draw_up_to(plan_.retry_after_max));
}

base::duration fault_injector::draw_latency() {
  if (plan_.latency_mean == base::duration::zero()) return plan_.latency_min;
  return std::min(plan_.latency_min + draw_exponential(plan_.latency_mean), plan_.latency_max);
}

std::optional<std::size_t> fault_injector::draw_body_cut(std::size_t size) {
  if (size < 2 || !happens(plan_.body_cut, "body_cut")) return std::nullopt;
  return 1 + random_->below(size - 1);
}

bool fault_injector::refuses(std::string_view content) {
  if (content.empty()) return false;
  for (auto& word : plan_.blocked_words) {
    if (content.find(word) != content.npos) return count("blocked_words");
  }
  return happens(plan_.content_refused, "content_refused");
}

std::size_t fault_injector::draw_upload(std::size_t size) {
  return size > 0 && happens(plan_.upload_cut, "upload_cut") ? random_->below(size) : size;
}

std::optional<base::duration> fault_injector::draw_id_behind() {
  if (!happens(plan_.id_behind, "id_behind")) return std::nullopt;
  return draw_up_to(plan_.id_behind_max);
}

history_view fault_injector::draw_history(base::system_time now) {
  history_view view;
  view.empty = happens(plan_.history_empty, "history_empty");
  if (happens(plan_.history_stale, "history_stale"))
    view.until = now - draw_up_to(plan_.stale_max);
  return view;
}

bool fault_injector::is_visible(base::message_id id, const history_view& view, base::system_time now) const {
  auto created = base::created_at(id);
  if (view.until && created > *view.until) return false;
  if (plan_.visible_late <= 0 || created + plan_.visible_late_max <= now) return true;
  auto drawn = well_mixed(id.value ^ well_mixed(plan_.seed));
  if (unit(drawn) >= plan_.visible_late) return true;
  auto wait = unit(well_mixed(drawn)) * static_cast<double>(plan_.visible_late_max.count());
  return created + base::duration(static_cast<base::duration::rep>(wait)) <= now;
}

bool fault_injector::hides_from_search(base::message_id id) {
  if (plan_.search_missed <= 0) return false;
  return unit(well_mixed(id.value ^ well_mixed(plan_.seed ^ search_salt))) < plan_.search_missed && count("search_missed");
}

event_fate fault_injector::draw_event(std::string_view name) {
  // Without the guild a client does not even start.
  if (name == "GUILD_CREATE") return event_fate::delivered;
  if (name == "INTERACTION_CREATE" && happens(plan_.interaction_doubled, "interaction_doubled"))
    return event_fate::doubled;
  if (plan_.event_dropped + plan_.event_doubled + plan_.event_late <= 0) return event_fate::delivered;
  double drawn = random_->unit();
  if (drawn < plan_.event_dropped) return count("event_dropped") ? event_fate::dropped : event_fate::delivered;
  drawn -= plan_.event_dropped;
  if (drawn < plan_.event_doubled) return count("event_doubled") ? event_fate::doubled : event_fate::delivered;
  drawn -= plan_.event_doubled;
  if (drawn < plan_.event_late) return count("event_late") ? event_fate::late : event_fate::delivered;
  return event_fate::delivered;
}

base::duration fault_injector::mean_of(session_fault kind) const {
  if (kind == session_fault::reconnect) return plan_.reconnect_every;
  return kind == session_fault::invalidate ? plan_.invalidate_every : plan_.drop_every;
}

void fault_injector::plan_session_fault(session_fault kind, base::system_time now) {
  auto& due = due_[static_cast<std::size_t>(kind)];
  due.reset();
  auto mean = mean_of(kind);
  if (mean > base::duration::zero())
    due = now + draw_exponential(mean);
}

std::optional<base::system_time> fault_injector::next_session_fault() const {
  std::optional<base::system_time> next;
  for (auto& due : due_) {
    if (due && left_ > 0 && (!next || *due < *next)) next = due;
  }
  return next;
}

std::vector<session_fault> fault_injector::take_session_faults(base::system_time now) {
  std::vector<session_fault> faults;
  for (auto kind : session_faults) {
    auto index = static_cast<std::size_t>(kind);
    if (!due_[index] || *due_[index] > now) continue;
    if (count(session_fault_names[index])) faults.push_back(kind);
    plan_session_fault(kind, now);
  }
  return faults;
}

}  // namespace dbcord::guild
