#include "protocol/rate_limiter_state.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"

namespace dbcord::protocol {
namespace {

// A 429 that says no time at all (from a proxy in front of Discord, say).
constexpr base::duration unstated_retry = std::chrono::seconds(5);

bool teaches_absence(int status) {
  // Answers of the API itself; 401, 403 and 5xx may come from something in front of it.
  return status < 500 && status != 401 && status != 403 && status != 429;
}

}  // namespace

void invalid_request_counter::add(base::steady_time now) {
  times_.push_back(now);
}

int invalid_request_counter::count(base::steady_time now) {
  while (!times_.empty() && times_.front() + period <= now) times_.pop_front();
  return static_cast<int>(times_.size());
}

std::optional<base::steady_time> invalid_request_counter::full_until(base::steady_time now) {
  if (times_.empty() || count(now) < budget_) return std::nullopt;
  return times_[times_.size() - static_cast<std::size_t>(budget_)] + period;
}

rate_limiter::state::route_state& rate_limiter::state::find_route(const rate_limit_key& key,
                                                                  base::steady_time now) {
  auto found = routes.find(key);
  if (found != routes.end()) return *found->second;
  drop_idle(now);
  auto route = std::make_shared<route_state>();
  // The bucket's name is known from another channel, and another route has used that bucket here already.
  if (auto name = names.find({key.method, key.route}); name != names.end()) {
    auto group = groups.find({name->second, name->first});
    auto bucket = buckets.find({name->second, key.top_level, group == groups.end() ? 0 : group->second});
    if (bucket != buckets.end()) route->bucket = bucket->second;
  }
  return *routes.emplace(key, std::move(route)).first->second;
}

std::uint64_t rate_limiter::state::grant(const rate_limit_key& key, route_state& route, bool exempt,
                                         base::steady_time now) {
  if (route.bucket) route.bucket->sent();
  if (!exempt) global.sent(now);
  ++route.in_flight;
  auto id = ++last_permit;
  permits.emplace(id, sent_request{key, routes.at(key), route.bucket, now, exempt});
  return id;
}

rate_limiter::state::sent_request rate_limiter::state::take(const rate_limiter* owner, std::uint64_t id) {
  auto node = permits.extract(id);
  DBCORD_ASSERT(owner && !node.empty());
  return std::move(node.mapped());
}

void rate_limiter::state::answered(sent_request sent, int status, const rate_limit_headers& headers,
                                   base::steady_time now) {
  --sent.route->in_flight;
  if (status == 401 || status == 403 || (status == 429 && headers.scope != rate_scope::shared))
    invalid.add(now);
  bool global_refusal = status == 429 && headers.scope == rate_scope::global;
  auto& travel = travels[{sent.key.method, sent.key.route}];
  travel.answered(now - sent.at);
  if (!sent.exempt) {
    bool telling = options.telling_route.empty() || sent.key.route == options.telling_route;
    if (headers.any || (telling && teaches_absence(status))) global.saw_headers(headers.any);
    if (!global_refusal) global.accepted(sent.at, now - std::max(base::duration::zero(), travel.lead()));
  }
  if (global_refusal) {
    auto pause = headers.retry_after.value_or(unstated_retry) + options.margin;
    if (sent.exempt) {
      sent.route->parked_until = std::max(sent.route->parked_until, now + pause);
    } else {
      global.refused(sent.at, pause, now);
    }
    if (sent.bucket) sent.bucket->not_counted();
    return;
  }
  if (headers.counted) {
    learn(sent, status, headers, now);
  } else {
    learn_nothing(sent, status, now);
    if (!headers.any && teaches_absence(status) && !sent.route->bucket) sent.route->unlimited = true;
  }
  if (status == 429) refused(sent, headers, now);
}

// Shared: this kind of request waits. Remaining above 0: a limit that the headers do not count, again only
// this kind. Else the bucket is used up.
void rate_limiter::state::refused(const sent_request& sent, const rate_limit_headers& headers,
                                  base::steady_time now) {
  auto until = now + headers.retry_after.value_or(unstated_retry) + options.margin;
  bool hidden = headers.scope == rate_scope::shared || !headers.counted || headers.counted->remaining > 0;
  if (hidden) {
    sent.route->parked_until = std::max(sent.route->parked_until, until);
  } else {
    sent.route->bucket->exhaust(until);
    if (headers.retry_after) travels[{sent.key.method, sent.key.route}].refused_early(*headers.retry_after);
  }
}

void rate_limiter::state::learn(sent_request& sent, int status, const rate_limit_headers& headers,
                                base::steady_time now) {
  auto bucket = find_bucket(sent, headers, now);
  if (sent.bucket != bucket) {
    if (sent.bucket) sent.bucket->not_counted();
    bucket->sent();
    sent.bucket = bucket;
  }
  auto margin = options.margin - travels[{sent.key.method, sent.key.route}].lead();
  bucket->answered({*headers.counted, sent.at, now, margin, status == 429});
  sent.route->bucket = bucket;
  sent.route->unlimited = false;
}

// A 429 has no part in a count.
void rate_limiter::state::learn_nothing(sent_request& sent, int status, base::steady_time now) {
  if (!sent.bucket) return;
  if (status == 429) {
    sent.bucket->not_counted();
  } else {
    sent.bucket->unanswered(now, options.margin);
  }
}

rate_limiter::state::window_ptr rate_limiter::state::find_bucket(const sent_request& sent,
                                                                 const rate_limit_headers& headers,
                                                                 base::steady_time now) {
  route_name route{sent.key.method, sent.key.route};
  const auto& name = headers.bucket.empty() ? route.first + " " + route.second : headers.bucket;
  names[route] = name;
  auto& users = sharers[name];
  users.insert(route);
  auto group = groups.find({name, route});
  bucket_key key{name, sent.key.top_level, group == groups.end() ? 0 : group->second};
  auto found = buckets.find(key);
  if (found == buckets.end() && key.group != 0) return part(key, route, *headers.counted);
  if (found == buckets.end()) {
    return buckets.emplace(key, std::make_shared<rate_limiter_window>(headers.counted->limit)).first->second;
  }
  bool shared = key.group == 0 && users.size() > 1;
  if (shared && found->second->contradicts(*headers.counted, sent.at, now)) {
    key.group = static_cast<int>(groups.size()) + 1;
    groups.emplace(std::pair{name, route}, key.group);
    return part(key, route, *headers.counted);
  }
  return found->second;
}

rate_limiter::state::window_ptr rate_limiter::state::part(const bucket_key& own, const route_name& route,
                                                          const rate_limit_headers::window& counted) {
  auto bucket = std::make_shared<rate_limiter_window>(counted.limit);
  bucket->begin_with(counted);
  buckets.emplace(own, bucket);
  auto shared = buckets.find({own.name, own.top_level, 0});
  if (shared == buckets.end()) return bucket;
  for (auto& [id, other] : permits) {
    bool same = route_name{other.key.method, other.key.route} == route && other.key.top_level == own.top_level;
    if (!same || other.bucket != shared->second) continue;
    other.bucket->not_counted();
    bucket->sent();
    other.bucket = bucket;
  }
  return bucket;
}

// Called before a key is added; the next sweep comes when as many again were added, so that it costs little.
void rate_limiter::state::drop_idle(base::steady_time now) {
  if (std::max(routes.size(), buckets.size()) < std::max(options.idle_keys, sweep_at)) return;
  std::erase_if(routes, [&](const auto& entry) {
    const auto& route = *entry.second;
    return route.in_flight == 0 && route.parked_until <= now && (!route.bucket || route.bucket->idle(now));
  });
  std::erase_if(buckets,
                [&](const auto& entry) { return entry.second.use_count() == 1 && entry.second->idle(now); });
  sweep_at = std::max(routes.size(), buckets.size()) * 2;
}

}  // namespace dbcord::protocol
