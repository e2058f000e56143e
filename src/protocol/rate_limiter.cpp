#include "protocol/rate_limiter.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"
#include "protocol/rate_limiter_state.hpp"

namespace dbcord::protocol {

rate_limiter::permit::permit(permit&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}
rate_limiter::permit& rate_limiter::permit::operator=(permit&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(id_, other.id_);
  return *this;
}
rate_limiter::permit::~permit() {
  if (owner_) owner_->cancel(id_);
}

rate_limiter::rate_limiter(rate_limiter_options options) : state_(std::make_unique<state>(options)) {}
rate_limiter::~rate_limiter() {
  DBCORD_ASSERT(state_->permits.empty());
}

std::variant<rate_limiter::permit, rate_limiter::wait> rate_limiter::acquire(const rate_limit_key& key,
                                                                             bool exempt_from_global,
                                                                             base::steady_time now) {
  if (auto until = state_->invalid.full_until(now)) return wait{reason::invalid_requests, until};
  if (!exempt_from_global) {
    if (auto verdict = state_->global.check(now); !verdict.go) return wait{reason::global, verdict.until};
  }
  auto& route = state_->find_route(key, now);
  if (now < route.parked_until) return wait{reason::parked, route.parked_until};
  if (route.bucket) {
    if (auto verdict = route.bucket->check(now); !verdict.go) return wait{reason::bucket, verdict.until};
  } else if (!route.unlimited && route.in_flight > 0) {
    return wait{reason::probing, std::nullopt};
  }
  return permit(*this, state_->grant(key, route, exempt_from_global, now));
}

void rate_limiter::complete(permit p, int status, const rate_limit_headers& headers, base::steady_time now,
                            std::optional<base::steady_time> sent_at) {
  auto sent = state_->take(std::exchange(p.owner_, nullptr), p.id_);
  if (sent_at) sent.at = std::clamp(*sent_at, sent.at, now);
  state_->answered(std::move(sent), status, headers, now);
}

void rate_limiter::complete_unanswered(permit p, base::steady_time now) {
  auto sent = state_->take(std::exchange(p.owner_, nullptr), p.id_);
  --sent.route->in_flight;
  if (!sent.exempt) state_->global.unanswered(now);
  if (sent.bucket) sent.bucket->unanswered(now, state_->options.margin);
}

void rate_limiter::cancel(std::uint64_t id) {
  auto sent = state_->take(this, id);
  --sent.route->in_flight;
  if (!sent.exempt) state_->global.never_sent();
  if (sent.bucket) sent.bucket->not_counted();
}

base::duration rate_limiter::time_for(const rate_limit_key& key, std::size_t count) const {
  auto found = state_->routes.find(key);
  auto many = static_cast<base::duration::rep>(count);
  if (found != state_->routes.end() && found->second->bucket) return found->second->bucket->time_for(many);
  if (found != state_->routes.end() && found->second->unlimited) return base::duration::zero();
  return std::chrono::seconds(10) + many * std::chrono::milliseconds(100);
}

int rate_limiter::invalid_requests(base::steady_time now) {
  return state_->invalid.count(now);
}
std::optional<int> rate_limiter::global_limit() const {
  return state_->global.limit();
}
std::size_t rate_limiter::keys() const {
  return state_->routes.size();
}

std::vector<rate_limiter::bucket_look> rate_limiter::buckets(base::steady_time now) const {
  std::vector<bucket_look> all;
  std::map<const rate_limiter_window*, std::size_t> places;
  for (const auto& [key, window] : state_->buckets) {
    auto look = window->look_at(now);
    places.emplace(window.get(), all.size());
    all.push_back({key.name, key.top_level, look.limit, look.used, look.until, {}});
  }
  for (const auto& [key, route] : state_->routes) {
    auto place = places.find(route->bucket.get());
    if (place != places.end()) all[place->second].keys.push_back(key);
  }
  return all;
}

}  // namespace dbcord::protocol
