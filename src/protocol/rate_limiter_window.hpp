#pragma once
// rate_limiter_window: the count of one bucket as the server keeps it, seen from afar: `limit` requests per
// window; a window begins with the first request that arrives after the end of the one before. Part of
// rate_limiter; same owner and strand. Pure.
//
// Invariant: used_ counts every request of ours that may be counted in the current or a later window of the
// server; so limit - used_ is never more than what is really left.

#include <algorithm>
#include <optional>
#include <vector>

#include "protocol/rate_limit_headers.hpp"

namespace dbcord::protocol {

class rate_limiter_window {
 public:
  struct verdict {
    bool go = false;
    std::optional<base::steady_time> until;  // when not: the window's end; nullopt: after the next answer
  };

  explicit rate_limiter_window(int limit) : limit_(limit) {}

  verdict check(base::steady_time now);
  void sent();
  // What an answer says, and when it came.
  struct report {
    rate_limit_headers::window counted;
    base::steady_time sent_at, now;
    base::duration margin;    // added to times reckoned from `now`; travel is taken off already
    bool refused = false;     // a 429: was not counted itself
  };
  void answered(const report& r);
  // Before the first answer: what the server had counted when it gave this one, itself apart.
  void begin_with(const rate_limit_headers::window& w) { others_ = std::max(0, w.limit - w.remaining - 1); }
  // No answer, or one without numbers: the server may have counted it.
  void unanswered(base::steady_time now, base::duration margin);
  // Certain: it was not counted here.
  void not_counted();
  // A 429: nothing is left before `until`.
  void exhaust(base::steady_time until);

  // True if these numbers cannot come from this count: it has another limit, or the request was handled within the current window,
  // and the answers received before it was sent leave less than `w.remaining`.
  bool contradicts(const rate_limit_headers::window& w, base::steady_time sent_at,
                   base::steady_time now) const;

  // Of the windows that must yet begin for `count` more requests.
  base::duration time_for(base::duration::rep count) const;
  bool idle(base::steady_time now) const { return in_flight_ == 0 && (!end_ || *end_ <= now); }
  int limit() const { return limit_; }
  // For whoever looks at it: what of the limit is used, others' requests too, and when the window ends. Learns nothing, changes nothing.
  struct look {
    int limit = 0;
    int used = 0;
    std::optional<base::steady_time> until;  // nullopt: no answer has told it yet, or nothing is used
  };
  look look_at(base::steady_time now) const;

 private:
  // Names a window: by the server's own clock when it states it, else by when it may end on ours.
  struct identity {
    std::optional<base::system_time> reset;
    base::steady_time earliest, latest;
  };
  enum class order { older, same, newer, unclear };

  static identity identify(const rate_limit_headers::window& w, base::steady_time sent_at,
                           base::steady_time now);
  order compare(const identity& answer, const identity& known) const;
  void roll();
  void narrow(const identity& id, base::steady_time end);
  void widen(const identity& id, base::steady_time end);
  void account_for_others(const rate_limit_headers::window& w);

  int limit_;
  int used_ = 0;
  int in_flight_ = 0;
  int others_ = 0;                                  // used by somebody else, as far as answers show
  std::optional<base::steady_time> blocked_until_;  // after a 429
  std::optional<base::steady_time> end_;  // not before the server's; nullopt: no answer from this window yet
  std::optional<identity> current_, previous_;
  base::steady_time told_at_{};           // when the last answer came that tells of them
  base::duration longest_{};                 // Reset-After seen since a window's first answer told it: a lower bound of the window's length
  std::vector<base::steady_time> receipts_;  // answers from the current window, at most max_receipts
  static constexpr std::size_t max_receipts = 64;
};

}  // namespace dbcord::protocol
