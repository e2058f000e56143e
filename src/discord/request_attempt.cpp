// The part of request_scheduler that sends one attempt and judges what came back.

#include <algorithm>

#include "dbcord/base/time_text.hpp"
#include "discord/request_scheduler_impl.hpp"
#include "discord/server_clock.hpp"

namespace dbcord::discord {
namespace {

// RFC 9110, 9.2.2: sending these twice does no more than sending them once.
bool repeatable(std::string_view method) {
  return method == "GET" || method == "PUT" || method == "DELETE";
}

// Time left is not halved below this: a slow answer is better than none.
constexpr base::duration shortest_attempt = std::chrono::seconds(2);

rest_response convert(http_response response, const protocol::rate_limit_headers& limits) {
  rest_response r;
  r.status = response.status;
  r.date = base::parse_http_date(response.header("Date")).value_or(base::system_time{});
  if (limits.counted) {
    r.rate = database::pacing{limits.counted->limit, limits.counted->remaining, limits.counted->reset_after};
  }
  r.headers = std::move(response.headers);
  r.body = std::move(response.body);
  return r;
}

}  // namespace

::dbcord::actor::task<void> request_scheduler::impl::attempt(std::shared_ptr<impl> self, request_job_ptr job,
                                                             protocol::rate_limiter::permit permit) {
  auto request = self->make_request(*job);
  auto deadline = self->attempt_deadline(job->request);
  auto asked = self->env().now();
  auto response = co_await self->net_.send(std::move(request), deadline);
  --self->in_flight_;
  if (response && job->request.path.starts_with("/")) self->note_time(*response, asked);
  if (response) {
    self->answered(std::move(job), std::move(*response), std::move(permit));
  } else {
    self->failed(std::move(job), response.error(), std::move(permit));
  }
  self->pump();
}

void request_scheduler::impl::note_time(const http_response& response, base::steady_time asked) {
  auto date = options_.clock ? base::parse_http_date(response.header("Date")) : std::nullopt;
  if (date) options_.clock->note(*date, asked);
}

base::steady_time request_scheduler::impl::attempt_deadline(const rest_request& request) const {
  auto now = env().now();
  auto left = request.deadline - now;
  if (request.leave_time_for_another || repeatable(request.method))
    left = std::max(left / 2, std::min(left, shortest_attempt));
  return now + std::min(left, options_.attempt_timeout);
}

http_request request_scheduler::impl::make_request(const request_job& job) const {
  const auto& from = job.request;
  http_request r;
  r.method = from.method;
  r.url = from.path.starts_with("/") ? options_.api_url + from.path : from.path;
  r.headers = from.headers;
  r.headers.emplace_back("User-Agent", options_.user_agent);
  if (from.authenticated) r.headers.emplace_back("Authorization", options_.token);
  r.body = from.body;  // a copy: it may have to be sent again
  r.reserved = from.level == database::priority::callback;
  return r;
}

void request_scheduler::impl::answered(request_job_ptr job, http_response response,
                                       protocol::rate_limiter::permit permit) {
  auto limits = protocol::read_rate_limit_headers(response.status, response.headers, response.body);
  auto now = env().now();
  auto sent_at = response.sent_at == base::steady_time{} ? std::nullopt : std::optional(response.sent_at);
  limiter_.complete(std::move(permit), response.status, limits, now, sent_at);
  int status = response.status;
  count_answer(job->request, status, limits.bucket);
  if (status == 429) return rate_limited(std::move(job), limits);
  if (status == 401 && job->request.authenticated) {
    lose_token();
    return finish(job, unauthorized());
  }
  auto converted = convert(std::move(response), limits);
  if (status < 500) return finish(job, std::move(converted));
  count(&scheduler_stats::server_errors);
  job->last = std::move(converted);
  job->ambiguous = true;
  if (!repeatable(job->request.method)) return finish(job, std::move(job->last));
  retry_later(std::move(job));
}

void request_scheduler::impl::failed(request_job_ptr job, base::error e,
                                     protocol::rate_limiter::permit permit) {
  bool not_sent = e.code == transport_errc::not_sent;
  if (!not_sent) {
    limiter_.complete_unanswered(std::move(permit), env().now());
    count(&scheduler_stats::interrupted);
    job->ambiguous = true;
    job->last = std::move(e);
    if (!repeatable(job->request.method)) return finish(job, std::move(job->last));
  } else if (!job->ambiguous) {
    job->last = std::move(e);
  }
  { auto unused = std::move(permit); }  // not sent: gives its units back before the next pump
  if (not_sent && !options_.repeat_unsent) return finish(job, std::move(job->last));
  retry_later(std::move(job));
}

// Nothing was done: back to its old place in the queue. The limiter knows when to ask again.
void request_scheduler::impl::rate_limited(request_job_ptr job, const protocol::rate_limit_headers& limits) {
  using protocol::rate_scope;
  count(limits.scope == rate_scope::shared   ? &scheduler_stats::limited_shared
        : limits.scope == rate_scope::global ? &scheduler_stats::limited_global
                                             : &scheduler_stats::limited_user);
  count(job->request, &route_stats::limited);
  env().log.warning("rate limited",
                    {{"route", job->request.method + " " + job->request.route},
                     {"scope", static_cast<int>(limits.scope)},
                     {"retry_after_ms", limits.retry_after.value_or(base::duration{}).count() / 1'000'000}});
  if (stopping_)
    return finish(job, job->ambiguous ? std::move(job->last) : answer(base::error(base::errc::stopping)));
  queue_.add(std::move(job));
}

// Exponential, with half of it random so that many clients do not come back together.
void request_scheduler::impl::retry_later(request_job_ptr job) {
  auto doubled = options_.backoff_min * (1 << std::min(job->attempts - 1, 16));
  auto most = static_cast<double>(std::min(doubled, options_.backoff_max).count());
  auto delay = base::duration(static_cast<std::int64_t>(most * (0.5 + 0.5 * env().random.unit())));
  job->not_before = env().now() + delay;
  if (stopping_ || job->not_before >= job->request.deadline) return finish(job, std::move(job->last));
  queue_.add(std::move(job));
}

base::error request_scheduler::impl::unauthorized() {
  return {database::store_errc::unauthorized,
          "The server refuses the token (401); put a valid one into the configuration and start again."};
}

// A token that Discord has refused once stays refused; going on would only lead to a ban (docs, Invalid
// Request Limit).
void request_scheduler::impl::lose_token() {
  if (std::exchange(unauthorized_, true)) return;
  auto e = unauthorized();
  env().log.error("token refused", {{"error", e.message}});
  fail_waiting(true, e);
  if (options_.on_unauthorized) options_.on_unauthorized(e);
}

}  // namespace dbcord::discord
