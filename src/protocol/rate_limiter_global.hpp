#pragma once
// rate_limiter_global: the limit over all routes. The server counts in fixed seconds that begin when it
// likes, and a request arrives at some time between being sent and its answer. So a request holds one unit
// from being sent until `window` after it must have been counted: no second of the server can then see more than the limit.
// Part of rate_limiter; same owner and strand. Pure. Keeps at most as many times as requests were answered
// within three windows.

#include <deque>
#include <optional>

#include "dbcord/base/clock.hpp"

namespace dbcord::protocol {

class rate_limiter_global {
 public:
  struct verdict {
    bool go = false;
    std::optional<base::steady_time> until;
  };
  struct options {
    std::optional<int> limit;
    base::duration window;
    base::duration recovery;
    int lift_after;
    int first_flight;     // of rate_limiter_options
    int next_flights;
    base::duration margin;
  };

  explicit rate_limiter_global(options o) : options_(o) {}

  verdict check(base::steady_time now);
  void sent(base::steady_time now);
  void never_sent() { --in_flight_; }
  void unanswered(base::steady_time now) { settle(now, now, false); }
  // An answer that is no global 429; the server had counted the request by `counted_by`.
  void accepted(base::steady_time sent_at, base::steady_time counted_by);
  void refused(base::steady_time sent_at, base::duration retry_after, base::steady_time now);

  // Whether an answer bore rate limit headers; a server that never sends any is taken to have no global
  // limit.
  void saw_headers(bool any);
  std::optional<int> limit() const;

 private:
  struct receipt {
    base::steady_time sent_at, counted_by;
    bool accepted;
  };
  struct refusal {
    base::steady_time first_sent, last_sent, until;
  };

  void settle(base::steady_time sent_at, base::steady_time counted_by, bool accepted);
  bool proven(base::steady_time now) const;
  bool flight_is_full(std::ptrdiff_t counted, base::steady_time now) const;
  void forget(base::steady_time now);
  void learn(const refusal& r);
  void recover(base::steady_time now);

  static constexpr std::size_t max_unlimited_receipts = 2'048;

  options options_;
  std::optional<int> learned_;
  bool headers_seen_ = false;
  int without_headers_ = 0;
  int in_flight_ = 0;
  std::deque<receipt> receipts_;  // by counted_by
  std::optional<base::steady_time> first_sent_;
  int accepted_ = 0;        // at most what proves the limit
  bool ever_refused_ = false;
  std::optional<refusal> refusal_;
  base::steady_time last_change_{};
};

}  // namespace dbcord::protocol
