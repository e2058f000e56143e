#pragma once
// A server that counts requests in fixed windows, and a client that sends what a rate_limiter lets it send;
// requests and answers travel for random times and overtake each other. Virtual time, one thread,
// reproducible from its seed.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "dbcord/base/random.hpp"
#include "protocol/rate_limiter.hpp"

namespace dbcord::protocol::test {

using namespace std::chrono_literals;

struct bucket_rule {
  std::string name = "b";
  int limit = 5;
  base::duration window = 5s;
  bool separate_methods = false;  // same name, a count for each method (as POST and PATCH of messages)
};

struct model_options {
  std::map<std::string, bucket_rule> rules;  // by route; none: no limit and no headers
  std::optional<int> global_limit;           // a second, in seconds that begin at `phase`
  base::duration phase{};
  bool state_reset = true;  // send X-RateLimit-Reset
  base::duration travel_min = 1ms, travel_max = 5ms;
  std::size_t in_flight_limit = 1'000;
  rate_limiter_options limiter;
  std::uint64_t seed = 1;
};

class model {
 public:
  explicit model(model_options o)
      : options_(std::move(o)), random_(options_.seed), limiter_(options_.limiter) {}

  void submit(rate_limit_key key, int count) {
    for (int i = 0; i < count; ++i) waiting_[key] += 1;
  }

  // Sends everything that was submitted; the time from the start to the last answer.
  base::duration run() {
    auto begin = now_;
    pump();
    while (!events_.empty()) {
      auto next = events_.top();
      events_.pop();
      now_ = next.when;
      next.run();
      pump();
    }
    return last_answer_ - begin;
  }

  int refused(rate_scope scope) const {
    return scope == rate_scope::global ? refused_global_ : refused_user_;
  }
  int answered() const { return answered_; }
  bool done() const { return waiting_.empty() && in_flight_ == 0; }
  rate_limiter& limiter() { return limiter_; }
  base::steady_time now() const { return now_; }

 private:
  struct event {
    base::steady_time when;
    std::uint64_t order;
    std::function<void()> run;
    bool operator<(const event& other) const {
      return std::tie(when, order) > std::tie(other.when, other.order);
    }
  };
  struct count {
    base::steady_time end{};
    int used = 0;
  };
  struct answer {
    int status = 200;
    rate_limit_headers headers;
  };

  void at(base::steady_time when, std::function<void()> run) {
    events_.push({when, ++order_, std::move(run)});
  }
  base::duration travel() {
    auto span = static_cast<std::uint64_t>((options_.travel_max - options_.travel_min).count()) + 1;
    return options_.travel_min + base::duration(static_cast<std::int64_t>(random_.below(span)));
  }

  // As the scheduler does: what will take longest goes first.
  std::vector<const rate_limit_key*> by_urgency() const {
    std::vector<std::pair<base::duration, const rate_limit_key*>> all;
    for (const auto& [key, count] : waiting_) all.emplace_back(-limiter_.time_for(key, static_cast<std::size_t>(count)), &key);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });  // of equals as their keys are ordered
    std::vector<const rate_limit_key*> keys;
    for (auto& [urgency, key] : all) keys.push_back(key);
    return keys;
  }

  void pump() {
    for (bool sent = true; sent;) {
      sent = false;
      for (const auto* key : by_urgency()) {
        if (in_flight_ >= options_.in_flight_limit) return;
        auto verdict = limiter_.acquire(*key, false, now_);
        if (auto* go = std::get_if<rate_limiter::permit>(&verdict)) {
          send(*key, std::move(*go));
          sent = true;
          auto left = waiting_.find(*key);
          if (--left->second == 0) waiting_.erase(left);
        } else if (auto until = std::get<rate_limiter::wait>(verdict).until) {
          if (*until < wake_ || wake_ <= now_) at(wake_ = *until, [] {});
        }
      }
    }
  }

  void send(const rate_limit_key& key, rate_limiter::permit permit) {
    ++in_flight_;
    auto held = std::make_shared<rate_limiter::permit>(std::move(permit));
    at(now_ + travel(), [this, key, held] {
      auto reply = serve(key);
      at(now_ + travel(), [this, key, held, reply] { receive(key, std::move(*held), reply); });
    });
  }

  void receive(const rate_limit_key& key, rate_limiter::permit permit, const answer& reply) {
    --in_flight_;
    limiter_.complete(std::move(permit), reply.status, reply.headers, now_);
    last_answer_ = now_;
    if (reply.status != 429) {
      ++answered_;
      return;
    }
    ++(reply.headers.scope == rate_scope::global ? refused_global_ : refused_user_);
    waiting_[key] += 1;
  }

  answer serve(const rate_limit_key& key) {
    if (auto refused = serve_global()) return *refused;
    auto rule = options_.rules.find(key.route);
    if (rule == options_.rules.end()) return {};
    auto& c = counts_[rule->second.name + key.top_level + (rule->second.separate_methods ? key.method : "")];
    if (now_ >= c.end) c = {now_ + rule->second.window, 0};
    answer reply;
    bool full = c.used >= rule->second.limit;
    if (!full) ++c.used;
    rate_limit_headers::window w{
        rule->second.limit, rule->second.limit - c.used, to_milliseconds(c.end - now_), {}};
    if (options_.state_reset) w.reset = base::system_time(to_milliseconds(c.end.time_since_epoch()));
    reply.headers.counted = w;
    reply.headers.bucket = rule->second.name;
    reply.headers.any = true;
    if (full) refuse(reply, rate_scope::user, c.end - now_);
    return reply;
  }

  std::optional<answer> serve_global() {
    if (!options_.global_limit) return std::nullopt;
    auto since = now_.time_since_epoch() + options_.phase;
    auto second = std::chrono::floor<std::chrono::seconds>(since);
    if (second != second_) global_used_ = 0;
    second_ = second;
    if (global_used_ < *options_.global_limit) {
      ++global_used_;
      return std::nullopt;
    }
    answer reply;
    refuse(reply, rate_scope::global, second + 1s - since);
    return reply;
  }

  static void refuse(answer& reply, rate_scope scope, base::duration after) {
    reply.status = 429;
    reply.headers.scope = scope;
    reply.headers.any = true;
    reply.headers.retry_after = after;
  }
  static base::duration to_milliseconds(base::duration d) {
    return std::chrono::floor<std::chrono::milliseconds>(d);
  }

  model_options options_;
  base::seeded_random random_;
  rate_limiter limiter_;
  base::steady_time now_{1h}, last_answer_{1h}, wake_{};
  std::priority_queue<event> events_;
  std::uint64_t order_ = 0;
  std::map<rate_limit_key, int> waiting_;
  std::map<std::string, count> counts_;
  std::chrono::seconds second_{};
  int global_used_ = 0;
  std::size_t in_flight_ = 0;
  int answered_ = 0, refused_user_ = 0, refused_global_ = 0;
};

inline rate_limit_key messages(const std::string& channel, std::string method = "POST") {
  return {std::move(method), "/channels/{}/messages", channel};
}

}  // namespace dbcord::protocol::test
