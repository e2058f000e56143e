#pragma once
// What rate_limiter remembers: routes, buckets, permits. Private to rate_limiter; same owner and strand.
// Pure.

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "protocol/rate_limiter.hpp"
#include "protocol/rate_limiter_global.hpp"
#include "protocol/rate_limiter_travel.hpp"
#include "protocol/rate_limiter_window.hpp"

namespace dbcord::protocol {

// Answers that count toward Discord's ban (401, 403, 429 but shared; docs, Invalid Request Limit), of ten
// minutes.
class invalid_request_counter {
 public:
  explicit invalid_request_counter(int budget) : budget_(budget) {}
  void add(base::steady_time now);
  int count(base::steady_time now);
  std::optional<base::steady_time> full_until(base::steady_time now);

 private:
  static constexpr base::duration period = std::chrono::minutes(10);
  int budget_;
  std::deque<base::steady_time> times_;  // at most budget_ + what was in flight
};

struct rate_limiter::state {
  using window_ptr = std::shared_ptr<rate_limiter_window>;
  using route_name = std::pair<std::string, std::string>;  // method, template

  struct route_state {
    window_ptr bucket;       // null: no limit known
    bool unlimited = false;  // an answer came without headers
    int in_flight = 0;
    base::steady_time parked_until{};
  };
  struct sent_request {
    rate_limit_key key;
    std::shared_ptr<route_state> route;
    window_ptr bucket;  // counted there
    base::steady_time at;
    bool exempt = false;
  };
  struct bucket_key {
    std::string name, top_level;
    int group = 0;  // 0: shared by all routes that report the name; others: proven to count for itself
    auto operator<=>(const bucket_key&) const = default;
  };

  explicit state(const rate_limiter_options& o)
      : options(o),
        global({o.global_limit, o.global_window, o.global_recovery, o.lift_global_after, o.first_flight, o.next_flights, o.margin}),
        invalid(o.invalid_request_budget) {}

  route_state& find_route(const rate_limit_key& key, base::steady_time now);
  std::uint64_t grant(const rate_limit_key& key, route_state& route, bool exempt, base::steady_time now);
  sent_request take(const rate_limiter* owner, std::uint64_t id);

  void answered(sent_request sent, int status, const rate_limit_headers& headers, base::steady_time now);
  void refused(const sent_request& sent, const rate_limit_headers& headers, base::steady_time now);
  // Counts the request in the bucket that the answer names.
  void learn(sent_request& sent, int status, const rate_limit_headers& headers, base::steady_time now);
  // The answer bore no numbers.
  void learn_nothing(sent_request& sent, int status, base::steady_time now);
  window_ptr find_bucket(const sent_request& sent, const rate_limit_headers& headers, base::steady_time now);
  // Gives the route a count of its own, which begins with what this answer shows, and moves what it has in flight there.
  window_ptr part(const bucket_key& own, const route_name& route, const rate_limit_headers::window& counted);
  void drop_idle(base::steady_time now);

  rate_limiter_options options;
  rate_limiter_global global;
  invalid_request_counter invalid;
  std::map<rate_limit_key, std::shared_ptr<route_state>> routes;
  std::map<bucket_key, window_ptr> buckets;
  std::map<route_name, rate_limiter_travel> travels;
  std::map<route_name, std::string> names;                   // newest bucket name of a route
  std::map<std::string, std::set<route_name>> sharers;       // routes that reported the bucket name
  std::map<std::pair<std::string, route_name>, int> groups;  // (bucket name, route) proven apart
  std::map<std::uint64_t, sent_request> permits;
  std::uint64_t last_permit = 0;
  std::size_t sweep_at = 0;
};

}  // namespace dbcord::protocol
