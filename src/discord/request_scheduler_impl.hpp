#pragma once
// The actor behind request_scheduler. Private to it; everything but stats() runs on its strand.
// Kept alive by its attempts in flight.

#include <atomic>
#include <map>
#include <mutex>
#include <tuple>

#include "actor/actor.hpp"
#include "actor/task_group.hpp"
#include "discord/request_queue.hpp"

namespace dbcord::discord {

class request_scheduler::impl final : public actor::actor, public std::enable_shared_from_this<impl> {
 public:
  impl(const ::dbcord::actor::environment& env, transport& net, scheduler_options options);

  ::dbcord::actor::task<base::result<rest_response>> send(rest_request request);
  ::dbcord::actor::task<void> stop(base::steady_time deadline);
  scheduler_stats stats() const;
  std::vector<route_stats> by_route() const;
  std::vector<bucket_counts> by_bucket() const;
  ::dbcord::actor::task<base::result<std::vector<bucket_stats>>> buckets(base::steady_time deadline);

 private:
  using answer = base::result<rest_response>;

  ::dbcord::actor::task<answer> handle(rest_request request);
  void admit(request_job_ptr job);

  // Sends what may be sent now, fails what is too late, and sets the timer for the rest.
  void pump();
  void pump_once();
  void send_ready();
  // A lane's turn: by priority, then by when its head came, a lane sooner by as long as it will take.
  struct turn {
    std::tuple<database::priority, base::steady_time, std::uint64_t> order;
    request_job_ptr job;
    friend bool operator>(const turn& a, const turn& b) { return a.order > b.order; }
  };
  turn turn_of(request_queue::lane_head head) const;
  bool try_launch(const request_job_ptr& job, bool& global_full);
  bool has_slot(database::priority level) const;
  void launch(request_job_ptr job, protocol::rate_limiter::permit permit);
  void set_timer(std::optional<base::steady_time> when);

  static ::dbcord::actor::task<void> attempt(std::shared_ptr<impl> self, request_job_ptr job,
                                             protocol::rate_limiter::permit permit);
  void note_time(const http_response& response, base::steady_time asked);
  base::steady_time attempt_deadline(const rest_request& request) const;
  http_request make_request(const request_job& job) const;
  void answered(request_job_ptr job, http_response response, protocol::rate_limiter::permit permit);
  void failed(request_job_ptr job, base::error e, protocol::rate_limiter::permit permit);
  void rate_limited(request_job_ptr job, const protocol::rate_limit_headers& headers);
  void retry_later(request_job_ptr job);
  void lose_token();
  void fail_waiting(bool authenticated_only, const base::error& e);
  static base::error unauthorized();
  void finish(const request_job_ptr& job, answer a);
  void count(std::uint64_t scheduler_stats::*counter);
  void count(const rest_request& of, std::uint64_t route_stats::*counter);
  void count_answer(const rest_request& to, int status, const std::string& bucket);

  transport& net_;
  scheduler_options options_;
  protocol::rate_limiter limiter_;
  request_queue queue_;
  ::dbcord::actor::task_group attempts_;
  std::size_t in_flight_ = 0;
  std::uint64_t sequence_ = 0;
  bool stopping_ = false;
  std::atomic<bool> refusing_{false};  // stop() was called
  bool unauthorized_ = false;
  bool pumping_ = false;
  bool pump_again_ = false;
  std::optional<base::steady_time> wake_;  // when the limiter says to ask again
  std::optional<std::pair<base::steady_time, ::dbcord::actor::timer_service::timer_id>> timer_;

  mutable std::mutex stats_mutex_;
  scheduler_stats stats_;
  std::map<std::pair<std::string, std::string>, route_stats> by_route_;  // by method and route
  std::map<std::string, std::map<std::pair<std::string, std::string>, bucket_counts>> by_bucket_;  // by name, at most bucket_names_max and two; then by kind
};

}  // namespace dbcord::discord
