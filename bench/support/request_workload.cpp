#include "support/request_workload.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "actor/event.hpp"
#include "actor/promise.hpp"
#include "actor/task_group.hpp"

namespace dbcord::bench {
namespace {

namespace json = boost::json;

constexpr base::duration request_patience = std::chrono::hours(6);  // of one request, waiting for its turn included
constexpr int most_attempts = 40;                                   // that failed for no fault of the request's
constexpr base::duration pause_min = std::chrono::milliseconds(200);
constexpr base::duration pause_max = std::chrono::seconds(5);
constexpr int unknown_message = 10008;  // Discord docs, JSON error codes

std::string delete_route(const std::string& message, base::system_time now) {
  std::string route = "/channels/{}/messages/{}";
  auto id = base::parse_id<base::message_id>(message);
  if (!id) return route;
  auto age = now - base::created_at(*id);
  if (age < std::chrono::seconds(10)) return route + "#young";
  return age > std::chrono::hours(24 * 14) ? route + "#old" : route;
}

std::string body_of(const operation& op, const std::string& nonce) {
  json::object body{{"content", op.content}, {"allowed_mentions", {{"parse", json::array()}}}};
  if (op.kind == operation_kind::create) {
    body["nonce"] = nonce;
    body["enforce_nonce"] = true;
  }
  return json::serialize(body);
}

discord::rest_request request_of(const operation& op, const std::string& nonce, const actor::environment& env) {
  discord::rest_request r;
  auto channel = "/channels/" + op.channel + "/messages";
  r.top_level = op.channel;
  r.level = op.level;
  r.deadline = env.after(request_patience);
  if (op.kind == operation_kind::create) {
    r.method = "POST";
    r.route = "/channels/{}/messages";
    r.path = channel;
  } else {
    bool edit = op.kind == operation_kind::edit;
    r.method = edit ? "PATCH" : "DELETE";
    r.route = edit ? "/channels/{}/messages/{}" : delete_route(op.message, env.clock.wall_now());
    r.path = channel + "/" + op.message;
  }
  if (op.kind != operation_kind::remove) {
    r.headers.emplace_back("Content-Type", "application/json");
    r.body = body_of(op, nonce);
  }
  return r;
}

int discord_code(const std::string& body) {
  boost::system::error_code ec;
  auto value = json::parse(body, ec);
  if (ec || !value.is_object()) return 0;
  auto* code = value.get_object().if_contains("code");
  return code && code->is_int64() ? static_cast<int>(code->get_int64()) : 0;
}

enum class verdict { done, again, refused };

verdict judge(const operation& op, const base::result<discord::rest_response>& answer) {
  if (!answer) {
    bool ended = answer.error().code == base::errc::stopping ||
                 answer.error().code == database::store_errc::unauthorized ||
                 answer.error().code == base::errc::overloaded;
    return ended ? verdict::refused : verdict::again;
  }
  if (answer->status >= 200 && answer->status < 300) return verdict::done;
  if (answer->status >= 500 || answer->status == 408) return verdict::again;
  // A repeated delete finds nothing any more.
  bool gone = op.kind == operation_kind::remove && answer->status == 404 && discord_code(answer->body) == unknown_message;
  return gone ? verdict::done : verdict::refused;
}

std::string describe(const base::result<discord::rest_response>& answer) {
  if (!answer) return answer.error().message;
  return fmt::format("the server answered {}: {}", answer->status, answer->body.substr(0, 200));
}

// What one run shares among its operations; one thread.
struct run_state {
  const actor::environment& env;
  discord::request_scheduler& scheduler;
  std::vector<operation> operations;
  workload_outcome outcome;
  base::steady_time begun;
  std::size_t left;
  actor::promise<bool> all_done;
  struct edits {
    int left = 0;
    std::vector<actor::promise<bool>> waiting;
  };
  std::map<std::string, edits> edits_of;  // by channel/message
};
using run_ptr = std::shared_ptr<run_state>;

std::string target(const operation& op) {
  return op.channel + "/" + op.message;
}

void end(run_state& run, std::size_t index, base::steady_time handed_over, std::string failure) {
  auto& into = run.outcome.operations[index];
  into.done = failure.empty();
  into.failure = std::move(failure);
  into.latency = run.env.now() - handed_over;
  const auto& op = run.operations[index];
  if (op.kind == operation_kind::edit) {
    auto& edits = run.edits_of[target(op)];
    if (--edits.left == 0) {
      for (auto& waiter : edits.waiting) waiter.set(true);
    }
  }
  if (--run.left > 0) return;
  run.outcome.makespan = run.env.now() - run.begun;
  run.all_done.set(true);
}

actor::task<void> carry_out_one(run_ptr run, std::size_t index, std::optional<actor::promise<bool>> after) {
  auto& env = run->env;
  const auto& op = run->operations[index];
  if (op.hand_over > base::duration::zero()) co_await actor::sleep_until(env, run->begun + op.hand_over);
  if (after) co_await after->get();
  auto handed_over = env.now();
  auto nonce = op.nonce.empty() ? fmt::format("b{:x}", env.random.next()) : op.nonce;
  auto pause = pause_min;
  for (int attempt = 1;; ++attempt) {
    auto request = request_of(op, nonce, env);
    auto answer = co_await run->scheduler.send(std::move(request));
    auto how = judge(op, answer);
    if (how == verdict::done) co_return end(*run, index, handed_over, "");
    if (how == verdict::refused || attempt == most_attempts) co_return end(*run, index, handed_over, describe(answer));
    co_await actor::sleep_for(env, pause);
    pause = std::min(pause * 2, pause_max);
  }
}

}  // namespace

std::uint64_t workload_outcome::failed() const {
  std::uint64_t count = 0;
  for (const auto& o : operations) count += !o.done;
  return count;
}

std::vector<double> workload_outcome::latencies_ms(database::priority level,
                                                   const std::vector<operation>& of) const {
  std::vector<double> times;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (of[i].level != level || !operations[i].done) continue;
    times.push_back(std::chrono::duration<double, std::milli>(operations[i].latency).count());
  }
  return times;
}

actor::task<workload_outcome> carry_out(const actor::environment& env, discord::request_scheduler& scheduler,
                                        std::vector<operation> operations) {
  auto count = operations.size();
  auto run = std::make_shared<run_state>(
      run_state{env, scheduler, std::move(operations), {}, env.now(), count, {}, {}});
  run->outcome.operations.resize(count);
  actor::task_group group(env, "operations");
  auto executor = co_await actor::asio::this_coro::executor;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& op = run->operations[i];
    std::optional<actor::promise<bool>> after;
    auto edits = op.kind == operation_kind::create ? run->edits_of.end() : run->edits_of.find(target(op));
    if (op.kind == operation_kind::edit) {
      ++run->edits_of[target(op)].left;
    } else if (edits != run->edits_of.end() && edits->second.left > 0) {
      after.emplace();
      edits->second.waiting.push_back(*after);
    }
    auto work = carry_out_one(run, i, std::move(after));
    group.spawn(executor, std::move(work));
  }
  if (count > 0) co_await run->all_done.get();
  co_await group.join(base::steady_time::max());
  run->outcome.stats = scheduler.stats();
  co_return std::move(run->outcome);
}

}  // namespace dbcord::bench
