#pragma once
// request_scheduler: the only way to Discord's REST API. It owns the rate limiter and decides which waiting
// request goes next: by priority, then, of the buckets, the one whose requests will take longest (so that none is left over at
// the end; who waits long gains on them), within a bucket first come first served; a bucket that must wait holds up nobody else.
//
// An actor on its own strand; call from any executor. One per token. stop() before it is destroyed.
// What comes back from send():
// - an answer with any HTTP status but 429 (which is waited out) and, for methods that may be repeated (GET,
// PUT, DELETE),
//   5xx only when the deadline left no time for another attempt;
// - certain failures, the request had no effect: store_errc::busy (not sent before the deadline),
// base::errc::overloaded
//   (queue full), base::errc::stopping, store_errc::unauthorized (an earlier answer was 401: sticky),
//   transport_errc::not_sent (never reached the server until the deadline);
// - transport_errc::interrupted: sent, no complete answer. POST and PATCH only, or the deadline came first.
// POST and PATCH are never repeated after they may have had an effect: 5xx and interrupted go to the caller.
// Limits: `queue_limit` requests waiting or in flight, `in_flight_limit` in flight.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actor/environment.hpp"
#include "database/message_store.hpp"
#include "discord/transport.hpp"
#include "protocol/rate_limiter.hpp"

namespace dbcord::discord {

class server_clock;

struct rest_request {
  std::string method;
  std::string
      route;  // template, "/channels/{}/messages"; "#kind" appended for requests with a hidden sub-limit
  std::string top_level;  // channel, guild or webhook id; empty: none
  std::string path;       // below the API base, "/channels/1/messages?limit=5"; or an absolute http(s) URL
  http_headers headers;   // Content-Type, X-Audit-Log-Reason …; Authorization and User-Agent are added here
  std::string body;
  database::priority level = database::priority::interactive;
  base::steady_time deadline;
  bool authenticated = true;
  bool exempt_from_global = false;
  // No attempt takes more than half of the time left, so that a lost answer leaves time to ask again. Always
  // so for GET, PUT and DELETE.
  bool leave_time_for_another = false;
};

struct rest_response {
  int status = 0;
  http_headers headers;
  std::string body;
  base::system_time date;                // the HTTP Date, whole seconds; the epoch if the server sent none
  std::optional<database::pacing> rate;  // of the bucket that counted it

  // Case-insensitive; empty if absent.
  std::string_view header(std::string_view name) const;
};

struct scheduler_options {
  std::string api_url;  // "https://discord.com/api/v10", no slash at the end
  std::string token;    // whole value of the Authorization header: "Bot x", or a bare user token
  std::string user_agent = "DiscordBot (https://dbcord.invalid, 0.1.0)";
  std::size_t queue_limit = 10'000;
  std::size_t in_flight_limit = 66;         // no more than the transport has connections
  std::size_t reserved_for_callbacks = 2;   // of in_flight_limit
  std::size_t reserved_for_foreground = 4;  // of the rest: not for materialise and maintenance
  base::duration attempt_timeout = std::chrono::seconds(30);  // of one HTTP exchange
  base::duration backoff_min = std::chrono::milliseconds(100);
  base::duration backoff_max = std::chrono::seconds(10);
  // False: what never reached the server fails at once, not_sent, instead of being tried again until its deadline. For a person who waits.
  bool repeat_unsent = true;
  protocol::rate_limiter_options limits;
  server_clock* clock = nullptr;  // is told what time the API's answers say it is
  std::function<void(base::error)> on_unauthorized = {};  // once, on the scheduler's strand: nothing will be sent any more
};

struct scheduler_stats {
  std::uint64_t sent = 0;          // attempts
  std::uint64_t retried = 0;       // attempts that were not a request's first
  std::uint64_t limited_user = 0;  // 429 by scope
  std::uint64_t limited_global = 0;
  std::uint64_t limited_shared = 0;
  std::uint64_t server_errors = 0;  // 5xx
  std::uint64_t interrupted = 0;
  std::uint64_t expired = 0;  // deadline passed before sending
  std::size_t waiting = 0;
  std::size_t in_flight = 0;
  std::optional<int> global_limit;  // requests a second in force
};

// Of the requests of one kind: a method and a route template, "/channels/{}/messages".
struct route_stats {
  std::string method;
  std::string route;
  std::uint64_t sent = 0;     // attempts
  std::uint64_t limited = 0;  // answers 429, of any scope
};

// A rate limit bucket of Discord's, as far as answers have shown it.
struct bucket_stats {
  std::string name;
  std::string top_level;           // the channel, guild or webhook that it counts for; empty: none
  std::vector<std::string> kinds;  // of requests that count in it: "POST /channels/{}/messages"
  int limit = 0;
  int used = 0;
  std::optional<base::duration> ends_in;  // its window
  std::size_t waiting = 0;                // requests
};

// Answers to the requests of one kind that named one bucket, whatever channel it counted for. A request without an answer has no bucket.
struct bucket_counts {
  std::string bucket;  // "none": the answers named none; "other": names beyond the first bucket_names_max
  std::string method;
  std::string route;
  std::uint64_t answered = 0;  // those 429, too
  std::uint64_t limited = 0;   // answers 429, of any scope
};
inline constexpr std::size_t bucket_names_max = 100;

class request_scheduler {
 public:
  request_scheduler(const actor::environment& env, transport& net, scheduler_options options);
  request_scheduler(const request_scheduler&) = delete;
  request_scheduler& operator=(const request_scheduler&) = delete;
  ~request_scheduler();

  actor::task<base::result<rest_response>> send(rest_request request);
  // Refuses new requests, lets those in hand finish until the deadline, fails the waiting rest with
  // errc::stopping and returns when nothing is in flight any more.
  actor::task<void> stop(base::steady_time deadline);
  // A copy of the counters as of the last change. Any thread.
  scheduler_stats stats() const;
  // Sorted by method and route. Any thread.
  std::vector<route_stats> by_route() const;
  // Sorted by name, method and route. Any thread.
  std::vector<bucket_counts> by_bucket() const;
  // Those that are known now, by name and top-level id.
  actor::task<base::result<std::vector<bucket_stats>>> buckets(base::steady_time deadline) const;

 private:
  class impl;
  std::shared_ptr<impl> impl_;
};

// True when a failed send() (or an answer with this status) leaves open whether Discord did it.
bool is_ambiguous(const base::error& e);
inline bool is_ambiguous_status(int status) {
  return status >= 500;
}

}  // namespace dbcord::discord
