// Messages a second through an actor's mailbox, beside a bare strand and (where libcaf-dev is installed) beside CAF, in one run:
// one sender, eight senders to one actor, eight pairs, and questions with answers. Two threads.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "actor/actor.hpp"
#include "app/process_logger.hpp"
#include "app/runtime.hpp"
#include "support/actor_caf.hpp"
#include "support/arguments.hpp"
#include "support/benchmark.hpp"
#include "support/report.hpp"

namespace dbcord::bench_actor {
namespace {

constexpr int threads = 2;

// Counts what it is told; the last message completes the promise.
class counter final : public actor::actor {
 public:
  counter(const dbcord::actor::environment& env, std::uint64_t expected)
      : actor(env, static_cast<std::size_t>(-1)), expected_(expected) {}

  void add(std::uint64_t n) {
    tell([this, n] { count(n); });
  }
  void post(std::uint64_t n) {
    boost::asio::post(executor(), [this, n] { count(n); });
  }
  dbcord::actor::task<base::result<std::uint64_t>> total(base::steady_time deadline) {
    return ask([this] { return total_; }, deadline);
  }
  std::future<void> done() { return done_.get_future(); }

 private:
  void count(std::uint64_t n) {
    total_ += n;
    if (total_ == expected_) done_.set_value();
  }

  std::uint64_t expected_, total_ = 0;
  std::promise<void> done_;
};

// A sender is a handler that sends a part and posts itself again, so that senders and receivers share the threads.
template <class Send>
void keep_sending(const actor::strand& where, std::uint64_t left, Send send) {
  static constexpr std::uint64_t part = 256;
  boost::asio::post(where, [where, left, send] {
    auto now = std::min(left, part);
    for (std::uint64_t i = 0; i < now; ++i) send();
    if (left > now) keep_sending(where, left - now, send);
  });
}

// Messages a second, `senders` to one receiver, or each to its own.
double measure(const actor::environment& env, int senders, int receivers, std::uint64_t messages, bool bare) {
  auto share = messages / static_cast<std::uint64_t>(senders);
  auto expected = share * static_cast<std::uint64_t>(senders / receivers);
  std::vector<std::unique_ptr<counter>> all;
  std::vector<std::future<void>> done;
  for (int i = 0; i < receivers; ++i) {
    all.push_back(std::make_unique<counter>(env, expected));
    done.push_back(all.back()->done());
  }
  auto begun = env.now();
  for (int i = 0; i < senders; ++i) {
    auto* to = all[static_cast<std::size_t>(i % receivers)].get();
    auto send = [to, bare] { bare ? to->post(1) : to->add(1); };
    keep_sending(env.make_strand(), share, send);
  }
  for (auto& d : done) d.wait();
  auto took = std::chrono::duration<double>(env.now() - begun).count();
  // A last question: its answer comes after the receiver has let go of everything before it.
  for (auto& a : all) {
    boost::asio::co_spawn(env.context, a->total(base::steady_time::max()), boost::asio::use_future).get();
  }
  return static_cast<double>(share) * senders / took;
}

actor::task<int> ask_on(counter& of, int count, base::steady_time deadline) {
  int answered = 0;
  for (int i = 0; i < count; ++i) {
    auto answer = co_await of.total(deadline);
    if (answer) ++answered;
  }
  co_return answered;
}

double measure_ask(const actor::environment& env, int count) {
  counter asked(env, 1);
  auto begun = env.now();
  auto deadline = env.after(std::chrono::minutes(1));
  auto answered = boost::asio::co_spawn(env.context, ask_on(asked, count, deadline), boost::asio::use_future).get();
  if (answered != count) throw std::runtime_error("a question was not answered");
  return count / std::chrono::duration<double>(env.now() - begun).count();
}

int run(int argc, char** argv) {
  bench::arguments args(argc, argv);
  bench::report report("bench_actor", !args.smoke);
  app::process_logger log("error");
  app::runtime world(log);
  world.start(threads);
  std::uint64_t n = args.smoke ? 20'000 : 4'000'000;
  constexpr double million = 1e6;
  auto best = [&](auto measured) {
    double most = 0;
    for (int i = 0; i < (args.smoke ? 1 : 3); ++i) most = std::max(most, measured());
    return most / million;
  };
  auto mailbox = [&](int senders, int receivers) { return best([&] { return measure(world.env(), senders, receivers, n, false); }); };
  auto strand = [&](int senders, int receivers) { return best([&] { return measure(world.env(), senders, receivers, n, true); }); };
  report.add("mailbox, 1:1", mailbox(1, 1), "M/s");
  report.add("bare strand, 1:1", strand(1, 1), "M/s");
  auto ours = mailbox(8, 1);
  report.add("mailbox, 8:1", ours, "M/s");
  report.add("bare strand, 8:1", strand(8, 1), "M/s");
  report.add("mailbox, 8:8", mailbox(8, 8), "M/s");
  report.add("bare strand, 8:8", strand(8, 8), "M/s");
  report.add("ask, one after another", best([&] { return measure_ask(world.env(), args.smoke ? 1'000 : 200'000); }), "M/s");
  if (!bench::has_caf) {
    fmt::print("bench_actor: NOT COMPARED WITH CAF: libcaf-dev was not there when this was configured\n");
  } else {
    auto caf = best([&] { return bench::measure_caf(8, n, threads); });
    report.add("CAF, 8:1", caf, "M/s");
    report.above("mailbox / CAF, 8:1", ours / caf, "x", 1.5);
  }
  return report.finish(args.json_dir);
}

const bench::benchmark listed("bench_actor", run);

}  // namespace
}  // namespace dbcord::bench_actor
