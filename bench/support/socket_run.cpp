#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <stdexcept>

#include "actor/event.hpp"
#include "actor/task_group.hpp"
#include "app/process_logger.hpp"
#include "app/runtime.hpp"
#include "discord/beast_transport.hpp"
#include "support/socket_run.hpp"
#include "support/workload_file.hpp"

namespace dbcord::bench {
namespace {

// Gives up on a server that cannot be reached at all: the scheduler itself would wait for it until its deadlines.
class watched_transport final : public discord::transport {
 public:
  watched_transport(const actor::environment& env, discord::transport& net, std::function<void()> give_up)
      : env_(env), net_(net), give_up_(std::move(give_up)), last_answer_(env.now()) {}

  actor::task<base::result<discord::http_response>> send(discord::http_request request,
                                                         base::steady_time deadline) override {
    auto answer = co_await net_.send(std::move(request), deadline);
    bool out_of_reach = !answer && answer.error().code == discord::transport_errc::not_sent;
    if (!out_of_reach) last_answer_ = env_.now();
    if (out_of_reach && env_.now() - last_answer_ > patience && give_up_) std::exchange(give_up_, {})();
    co_return std::move(answer);
  }
  actor::task<base::result<std::unique_ptr<discord::event_stream>>> open(std::string url,
                                                                        base::steady_time deadline) override {
    return net_.open(std::move(url), deadline);
  }

 private:
  static constexpr base::duration patience = std::chrono::seconds(30);

  const actor::environment& env_;
  discord::transport& net_;
  std::function<void()> give_up_;
  base::steady_time last_answer_;
};

actor::task<int> carry_out_once(const actor::environment& env, discord::request_scheduler& scheduler,
                                const std::vector<operation>& operations, actor::task_group& endings,
                                workload_outcome& into) {
  into = co_await carry_out(env, scheduler, operations);
  co_await endings.join(base::steady_time::max());
  co_return 0;
}

}  // namespace

workload_outcome run_over_sockets(const std::string& api_url, const std::string& authorization,
                                  const std::vector<operation>& operations) {
  app::process_logger log("error");
  app::runtime world(log);
  discord::beast_transport sockets(world.env());
  discord::request_scheduler* started = nullptr;
  actor::task_group endings(world.env(), "giving up");
  watched_transport net(world.env(), sockets, [&] {
    endings.spawn(world.env().context.get_executor(), started->stop(world.env().now()));
  });
  discord::scheduler_options options;
  options.api_url = api_url;
  options.token = authorization;
  options.queue_limit = operations.size() + 1;
  discord::request_scheduler scheduler(world.env(), net, options);
  started = &scheduler;
  workload_outcome outcome;
  world.run(carry_out_once(world.env(), scheduler, operations, endings, outcome));
  return outcome;
}

struct socket_preparation::state {
  explicit state(discord::scheduler_options options)
      : net(world.env()), scheduler(world.env(), net, std::move(options)) {}

  app::process_logger log{"error"};
  app::runtime world{log};
  discord::beast_transport net;
  discord::request_scheduler scheduler;
};

socket_preparation::socket_preparation(std::string api_url, std::string authorization) {
  discord::scheduler_options options;
  options.api_url = std::move(api_url);
  options.token = std::move(authorization);
  state_ = std::make_unique<state>(std::move(options));
  state_->world.start(1);
}
socket_preparation::~socket_preparation() {
  state_->world.stop();
}

void socket_preparation::wait(base::duration d) {
  const auto& env = state_->world.env();
  boost::asio::co_spawn(env.context, actor::sleep_for(env, d), boost::asio::use_future).get();
}

std::string socket_preparation::create(const std::string& path, const std::string& body) {
  discord::rest_request r;
  r.method = "POST";
  r.route = path;
  r.path = path;
  r.headers.emplace_back("Content-Type", "application/json");
  r.body = body;
  auto& world = state_->world.env();
  r.deadline = world.after(std::chrono::minutes(2));
  auto answer = boost::asio::co_spawn(world.context, state_->scheduler.send(std::move(r)), boost::asio::use_future).get();
  if (!answer) throw std::runtime_error(path + ": " + answer.error().message);
  if (answer->status >= 300) throw std::runtime_error(fmt::format("{}: {} {}", path, answer->status, answer->body));
  return std::string(boost::json::parse(answer->body).at("id").as_string());
}

int run_workload(const workload_file& workload) {
  auto outcome = run_over_sockets(workload.api_url, workload.authorization, workload.operations);
  constexpr int shown = 5;
  int failures = 0;
  for (std::size_t i = 0; i < outcome.operations.size(); ++i) {
    if (outcome.operations[i].done || ++failures > shown) continue;
    fmt::print(stderr, "ops[{}] failed: {}\n", i, outcome.operations[i].failure);
  }
  if (failures > shown) fmt::print(stderr, "and {} more failed\n", failures - shown);
  auto seconds = std::chrono::duration<double>(outcome.makespan).count();
  fmt::print("{{\"peer\": \"dbcord {}\", \"client_s\": {:.6f}, \"failed\": {}}}\n", DBCORD_VERSION, seconds, outcome.failed());
  return failures == 0 ? 0 : 1;
}

}  // namespace dbcord::bench
