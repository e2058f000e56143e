#include "discord/request_scheduler_impl.hpp"

#include <algorithm>
#include <functional>

namespace dbcord::discord {

using ::dbcord::actor::task;

request_scheduler::impl::impl(const ::dbcord::actor::environment& env, transport& net,
                              scheduler_options options)
    : actor(env, options.queue_limit),
      net_(net),
      options_(std::move(options)),
      limiter_(options_.limits),
      attempts_(env, "rest requests") {}

task<base::result<rest_response>> request_scheduler::impl::send(rest_request request) {
  if (refusing_) co_return base::error(base::errc::stopping);  // not "busy", which callers wait out
  co_return co_await run(&impl::handle, this, std::move(request));
}

task<base::result<rest_response>> request_scheduler::impl::handle(rest_request request) {
  auto job = std::make_shared<request_job>();
  job->request = std::move(request);
  admit(job);
  auto a = co_await job->reply.get();
  co_return std::move(a);
}

void request_scheduler::impl::admit(request_job_ptr job) {
  if (stopping_) return finish(job, base::error(base::errc::stopping));
  if (unauthorized_ && job->request.authenticated) return finish(job, unauthorized());
  job->place = {job->request.level, ++sequence_};
  job->since = env().now();
  job->last = base::error(database::store_errc::busy,
                          "Discord's rate limits left no room for the request in time; try again later.");
  queue_.add(std::move(job));
  pump();
}

// An attempt may end while the pump starts it: then it goes round once more instead of running inside itself.
void request_scheduler::impl::pump() {
  if (std::exchange(pumping_, true)) {
    pump_again_ = true;
    return;
  }
  do {
    pump_again_ = false;
    pump_once();
  } while (pump_again_);
  pumping_ = false;
}

void request_scheduler::impl::pump_once() {
  auto now = env().now();
  queue_.wake(now);
  for (const auto& job : queue_.take_expired(now)) {
    count(&scheduler_stats::expired);
    finish(job, std::move(job->last));
  }
  wake_.reset();
  send_ready();
  auto next = queue_.next_event();
  if (wake_ && (!next || *wake_ < *next)) next = wake_;
  set_timer(next);
  std::lock_guard lock(stats_mutex_);
  stats_.waiting = queue_.size();
  stats_.in_flight = in_flight_;
  stats_.global_limit = limiter_.global_limit();
}

request_scheduler::impl::turn request_scheduler::impl::turn_of(request_queue::lane_head head) const {
  auto order = std::tuple{head.job->place.level, head.job->since - limiter_.time_for(head.job->key(), head.waiting),
                          head.job->place.sequence};
  return {order, std::move(head.job)};
}

void request_scheduler::impl::send_ready() {
  if (!has_slot(database::priority::callback)) return;
  std::vector<turn> turns;
  for (auto& head : queue_.heads()) turns.push_back(turn_of(std::move(head)));
  std::make_heap(turns.begin(), turns.end(), std::greater<>());
  bool global_full = false;
  while (!turns.empty()) {
    std::pop_heap(turns.begin(), turns.end(), std::greater<>());
    auto job = std::move(turns.back().job);
    turns.pop_back();
    if (!has_slot(job->place.level)) return;  // what follows is less urgent
    if (global_full && !job->request.exempt_from_global) continue;
    if (!try_launch(job, global_full)) continue;
    auto next = queue_.head_beside(*job);
    if (!next.job) continue;
    turns.push_back(turn_of(std::move(next)));
    std::push_heap(turns.begin(), turns.end(), std::greater<>());
  }
}

bool request_scheduler::impl::try_launch(const request_job_ptr& job, bool& global_full) {
  auto verdict = limiter_.acquire(job->key(), job->request.exempt_from_global, env().now());
  if (auto* permit = std::get_if<protocol::rate_limiter::permit>(&verdict)) {
    queue_.remove(job);
    launch(job, std::move(*permit));
    return true;
  }
  const auto& wait = std::get<protocol::rate_limiter::wait>(verdict);
  if (wait.until && (!wake_ || *wait.until < *wake_)) wake_ = wait.until;
  global_full = global_full || wait.why == protocol::rate_limiter::reason::global;
  return false;
}

bool request_scheduler::impl::has_slot(database::priority level) const {
  auto most = options_.in_flight_limit;
  if (level != database::priority::callback) most -= options_.reserved_for_callbacks;
  if (level >= database::priority::materialise) most -= options_.reserved_for_foreground;
  return in_flight_ < most;
}

void request_scheduler::impl::launch(request_job_ptr job, protocol::rate_limiter::permit permit) {
  ++in_flight_;
  count(&scheduler_stats::sent);
  count(job->request, &route_stats::sent);
  if (job->attempts++ > 0) count(&scheduler_stats::retried);
  bool started = attempts_.spawn(executor(), attempt(shared_from_this(), std::move(job), std::move(permit)));
  DBCORD_ASSERT(started);
}

void request_scheduler::impl::set_timer(std::optional<base::steady_time> when) {
  if (timer_ && when && timer_->first == *when) return;
  if (timer_) env().timers.cancel(timer_->second);
  timer_.reset();
  if (!when) return;
  auto fire = [weak = weak_from_this(), where = executor()] {
    ::dbcord::actor::asio::post(where, [weak] {
      if (auto self = weak.lock()) {
        self->timer_.reset();
        self->pump();
      }
    });
  };
  timer_.emplace(*when, env().timers.schedule(*when, std::move(fire)));
}

void request_scheduler::impl::fail_waiting(bool authenticated_only, const base::error& e) {
  for (const auto& job : queue_.take_all()) {
    if (authenticated_only && !job->request.authenticated) {
      queue_.add(job);
    } else {
      finish(job, job->ambiguous ? std::move(job->last) : answer(e));
    }
  }
}

void request_scheduler::impl::finish(const request_job_ptr& job, answer a) {
  job->reply.set(std::move(a));
}

task<void> request_scheduler::impl::stop(base::steady_time deadline) {
  auto self = shared_from_this();
  refusing_ = true;
  refuse_calls();
  bool finished = co_await finish_calls(deadline);
  if (!finished) {
    ::dbcord::actor::asio::post(executor(), [self] {
      self->stopping_ = true;
      self->fail_waiting(false, base::error(base::errc::stopping));
    });
    // What is in flight ends by its own deadline or attempt_timeout.
    co_await finish_calls(base::steady_time::max());
  }
  co_await attempts_.join(base::steady_time::max());
}

void request_scheduler::impl::count(std::uint64_t scheduler_stats::*counter) {
  std::lock_guard lock(stats_mutex_);
  ++(stats_.*counter);
}

void request_scheduler::impl::count(const rest_request& of, std::uint64_t route_stats::*counter) {
  std::lock_guard lock(stats_mutex_);
  auto& stats = by_route_[{of.method, of.route}];
  ++(stats.*counter);
}

std::vector<route_stats> request_scheduler::impl::by_route() const {
  std::lock_guard lock(stats_mutex_);
  std::vector<route_stats> all;
  for (const auto& [kind, stats] : by_route_) {
    all.push_back(stats);
    std::tie(all.back().method, all.back().route) = kind;
  }
  return all;
}

void request_scheduler::impl::count_answer(const rest_request& to, int status, const std::string& bucket) {
  std::lock_guard lock(stats_mutex_);
  bool known = bucket.empty() || by_bucket_.contains(bucket) || by_bucket_.size() < bucket_names_max + by_bucket_.count("none");
  auto& counts = by_bucket_[bucket.empty() ? "none" : known ? bucket : "other"][{to.method, to.route}];
  ++counts.answered;
  counts.limited += status == 429;
}

std::vector<bucket_counts> request_scheduler::impl::by_bucket() const {
  std::lock_guard lock(stats_mutex_);
  std::vector<bucket_counts> all;
  for (const auto& [bucket, kinds] : by_bucket_) {
    for (const auto& [kind, counts] : kinds) all.push_back({bucket, kind.first, kind.second, counts.answered, counts.limited});
  }
  return all;
}

task<base::result<std::vector<bucket_stats>>> request_scheduler::impl::buckets(base::steady_time deadline) {
  auto look = [this] {
    auto now = env().now();
    std::map<protocol::rate_limit_key, std::size_t> waiting;  // one key may have two lanes
    for (const auto& head : queue_.heads()) waiting[head.job->key()] += head.waiting;
    std::vector<bucket_stats> all;
    for (const auto& b : limiter_.buckets(now)) {
      bucket_stats s{b.name, b.top_level, {}, b.limit, b.used, {}, 0};
      if (b.until) s.ends_in = *b.until - now;
      for (const auto& key : b.keys) {
        s.kinds.push_back(key.method + " " + key.route);
        auto its = waiting.find(key);
        if (its != waiting.end()) s.waiting += its->second;
      }
      all.push_back(std::move(s));
    }
    return all;
  };
  return ask(std::move(look), deadline);
}

scheduler_stats request_scheduler::impl::stats() const {
  std::lock_guard lock(stats_mutex_);
  return stats_;
}

}  // namespace dbcord::discord
