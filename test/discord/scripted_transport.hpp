#pragma once
// A transport that answers by script: the test says what comes back, when, and sees what was sent, when.
// For what the guild's core cannot be made to do; everything else is tested on the core.

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "actor/event.hpp"
#include "dbcord/base/time_text.hpp"
#include "discord/transport.hpp"

namespace dbcord::discord::test {

using namespace std::chrono_literals;

struct reply {
  base::result<http_response> answer;
  base::duration after = 10ms;
};

inline http_response response(int status, std::string body = "{}", http_headers headers = {}) {
  http_response r;
  r.status = status;
  r.headers = std::move(headers);
  r.headers.emplace_back("Date", "Sat, 01 Aug 2026 00:00:07 GMT");
  r.body = std::move(body);
  return r;
}
inline reply answer(int status, std::string body = "{}", http_headers headers = {},
                    base::duration after = 10ms) {
  return {response(status, std::move(body), std::move(headers)), after};
}
inline reply failure(transport_errc e, base::duration after = 10ms) {
  return {base::error(e), after};
}
inline http_headers window(int limit, int remaining, std::string reset_after, std::string bucket = "b") {
  return {{"X-RateLimit-Limit", std::to_string(limit)},
          {"X-RateLimit-Remaining", std::to_string(remaining)},
          {"X-RateLimit-Reset-After", std::move(reset_after)},
          {"X-RateLimit-Bucket", std::move(bucket)}};
}

struct seen_request {
  http_request request;
  base::steady_time at;
  base::steady_time deadline;
};

class scripted_transport final : public transport {
 public:
  using handler = std::function<reply(const http_request&)>;

  explicit scripted_transport(const actor::environment& env) : env_(env) {}

  // Answers in this order; after the last one `otherwise` answers.
  void then(reply r) { script_.push_back(std::move(r)); }
  void otherwise(handler h) { handler_ = std::move(h); }

  const std::vector<seen_request>& seen() const { return seen_; }
  std::size_t in_flight_most() const { return most_; }

  actor::task<base::result<http_response>> send(http_request request, base::steady_time deadline) override {
    most_ = std::max(most_, ++in_flight_);
    reply r = next(request);
    seen_.push_back({std::move(request), env_.now(), deadline});
    auto when = env_.after(r.after);
    co_await actor::sleep_until(env_, std::min(when, deadline));
    --in_flight_;
    if (when > deadline) co_return base::error(transport_errc::interrupted);
    co_return std::move(r.answer);
  }

  actor::task<base::result<std::unique_ptr<event_stream>>> open(std::string, base::steady_time) override {
    co_return base::error(transport_errc::not_sent);
  }

 private:
  reply next(const http_request& request) {
    if (script_.empty()) return handler_ ? handler_(request) : answer(200);
    auto r = std::move(script_.front());
    script_.pop_front();
    return r;
  }

  const actor::environment& env_;
  std::deque<reply> script_;
  handler handler_;
  std::vector<seen_request> seen_;
  std::size_t in_flight_ = 0, most_ = 0;
};

}  // namespace dbcord::discord::test
