#pragma once
// request_queue: the requests that wait to be sent, in lanes (one for each rate limit key), each lane by
// priority, then first come first served. Owned by the request scheduler, on its strand. Its bound is the
// scheduler's.

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "actor/promise.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::discord {

// One request from send() to its answer.
struct request_job {
  struct position {
    database::priority level{};
    std::uint64_t sequence = 0;
    auto operator<=>(const position&) const = default;
  };

  rest_request request;
  position place;
  actor::promise<base::result<rest_response>> reply;
  base::steady_time since{};  // when it was handed over
  int attempts = 0;
  base::steady_time not_before{};  // backing off until then
  // What the caller is told if the deadline passes now: the last failure, or that it was never sent.
  base::result<rest_response> last = base::error(database::store_errc::busy);
  bool ambiguous = false;  // an attempt may have had an effect; `last` says which and stays

  protocol::rate_limit_key key() const { return {request.method, request.route, request.top_level}; }
};
using request_job_ptr = std::shared_ptr<request_job>;

class request_queue {
 public:
  void add(request_job_ptr job);
  void remove(const request_job_ptr& job);
  std::size_t size() const { return deadlines_.size(); }

  // The first of each lane and how many wait in it, in no particular order.
  struct lane_head {
    request_job_ptr job;
    std::size_t waiting = 0;
  };
  std::vector<lane_head> heads() const;
  // The head of the lane that `job` was in; no job when nothing waits there any more.
  lane_head head_beside(const request_job& job) const;

  // Those that back off until `now` or earlier join their lanes.
  void wake(base::steady_time now);
  std::vector<request_job_ptr> take_expired(base::steady_time now);
  std::vector<request_job_ptr> take_all();
  // The next deadline or end of a back-off.
  std::optional<base::steady_time> next_event() const;

 private:
  using lane_key = std::pair<protocol::rate_limit_key, bool>;  // with exempt_from_global
  using lane = std::map<request_job::position, request_job_ptr>;

  static lane_key lane_of(const request_job& job) { return {job.key(), job.request.exempt_from_global}; }
  void join(const request_job_ptr& job);
  void leave(const request_job_ptr& job);

  std::map<lane_key, lane> lanes_;
  std::map<std::pair<base::steady_time, request_job::position>, request_job_ptr> backing_off_;
  std::map<std::pair<base::steady_time, request_job::position>, request_job_ptr> deadlines_;  // all
};

}  // namespace dbcord::discord
