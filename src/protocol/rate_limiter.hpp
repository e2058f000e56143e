#pragma once
// rate_limiter: when may which request be sent? A pure algorithm (no I/O, no clock): acquire() gives a permit
// or the earliest time to ask again; complete() learns from the answer; a dropped permit counts as a request
// never sent.
//
// Owner: the request scheduler, on its strand; not thread-safe. It outlives its permits.
// What it keeps to (Discord docs, Rate Limits): no number is built in but the assumed global limit, an
// option.
// - A bucket's window begins with the first request that the server sees. So after a window's end a new one
// is assumed
//   to hold every request that is still unanswered, and its end is known from the first answer on: receipt +
//   Reset-After is never too early.
// - Nothing known about a key: one request goes first. An answer without headers: the route has no limit of
// its own.
// - Several routes that report one bucket name share a count until an answer proves that they do not.
// - Global: a request occupies one unit from being sent until a second after it was counted at the latest, so that no
//   second of the server's clock, wherever it begins, sees more than the limit. Until the server has taken half of the
//   assumed limit in peace, few are in flight at once: a lower limit then costs few 429s.
// - What is certain of the time that requests and answers travel (rate_limiter_travel) is taken off every wait.
// Limits: state of idle keys is dropped beyond `idle_keys`; invalid answers are counted over ten minutes.

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/rate_limit_headers.hpp"

namespace dbcord::protocol {

struct rate_limiter_options {
  // Requests a second over all routes; nullopt: none. Lowered by a global 429.
  std::optional<int> global_limit = 50;
  base::duration global_window = std::chrono::seconds(1);
  // While it is not known whether the server takes as much as assumed: so many requests in a window may go at once, over all routes,
  // and beyond them a few at a time, so that a lower limit refuses only few. The first are many since each bucket's clock starts with its first.
  int first_flight = 30;
  int next_flights = 10;
  // After so many answers of this route, of which Discord's always have rate limit headers, while no answer
  // of any route had one, the server is taken to have no limits at all. Empty: any route will do.
  int lift_global_after = 3;
  std::string telling_route = "/channels/{}/messages";
  // A limit learned from a global 429 is raised by a tenth after so long without another.
  base::duration global_recovery = std::chrono::minutes(10);
  // Added to every time that a server states, which are rounded to milliseconds.
  base::duration margin = std::chrono::milliseconds(2);
  // Answers 401, 403 and 429 (not shared) allowed in ten minutes before everything waits (Discord bans at
  // 10,000).
  int invalid_request_budget = 9'000;
  std::size_t idle_keys = 4'096;
};

struct rate_limit_key {
  std::string method;
  std::string route;      // template; a suffix "#kind" names requests with a hidden limit of their own
  std::string top_level;  // channel, guild or webhook id; empty: none

  auto operator<=>(const rate_limit_key&) const = default;
};

class rate_limiter {
 public:
  class permit {
   public:
    permit() = default;
    permit(permit&& other) noexcept;
    permit& operator=(permit&& other) noexcept;
    ~permit();  // not completed: the request was never sent

   private:
    friend class rate_limiter;
    permit(rate_limiter& owner, std::uint64_t id) : owner_(&owner), id_(id) {}
    rate_limiter* owner_ = nullptr;
    std::uint64_t id_ = 0;
  };

  enum class reason { probing, bucket, parked, global, invalid_requests };
  struct wait {
    reason why;
    std::optional<base::steady_time> until;  // nullopt: ask again after the next complete() or dropped permit
  };

  explicit rate_limiter(rate_limiter_options options);
  rate_limiter(const rate_limiter&) = delete;
  rate_limiter& operator=(const rate_limiter&) = delete;
  ~rate_limiter();

  // A permit must be completed or dropped before the limiter is destroyed.
  std::variant<permit, wait> acquire(const rate_limit_key& key, bool exempt_from_global,
                                     base::steady_time now);
  // An answer came. `headers` and `status` are of that answer. `sent_at`: when the request's first byte left, where that was later
  // than acquire(): connecting says nothing of how long requests travel.
  void complete(permit p, int status, const rate_limit_headers& headers, base::steady_time now,
                std::optional<base::steady_time> sent_at = {});
  // It was sent, and no answer came: the server may have counted it.
  void complete_unanswered(permit p, base::steady_time now);

  // How urgent it is to begin with `count` requests: how long they keep their bucket busy from now on, where a window that has not
  // begun counts whole. Of an unknown bucket much is assumed: its first request starts its clock and tells its limits.
  base::duration time_for(const rate_limit_key& key, std::size_t count) const;

  int invalid_requests(base::steady_time now);  // within the last ten minutes
  std::optional<int> global_limit() const;      // in force now
  std::size_t keys() const;

  // A bucket that is known: of one top-level id, used by one or several routes.
  struct bucket_look {
    std::string name;       // as Discord gives it; without a name, the route that showed it
    std::string top_level;  // empty: none
    int limit = 0;
    int used = 0;
    std::optional<base::steady_time> until;   // end of its window, if that has begun and is known
    std::vector<rate_limit_key> keys;         // that count there
  };
  // By name and top-level id. Linear in what is known.
  std::vector<bucket_look> buckets(base::steady_time now) const;

 private:
  struct state;
  void cancel(std::uint64_t id);
  std::unique_ptr<state> state_;
};

}  // namespace dbcord::protocol
