#include "app/bot_runner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

namespace dbcord::app {
namespace {

constexpr base::duration figures_limit = std::chrono::seconds(2);

}  // namespace

bot_runner::bot_runner(base::logger& log, bot_settings settings, process_events& events, int threads)
    : world_(log), tasks_(world_.env(), "bot"), bot_(world_.env(), std::move(settings), events) {
  world_.start(threads);
  tasks_.spawn(world_.env().make_strand(), bot_.run());
}

actor::task<void> bot_runner::stop(base::steady_time deadline) {
  co_await boost::asio::co_spawn(world_.env().make_strand(), bot_.stop(deadline), boost::asio::use_awaitable);
  co_await tasks_.join(base::steady_time::max());
}

std::optional<bot_figures> bot_runner::figures() {
  auto work = bot_.figures(world_.env().after(figures_limit));
  return boost::asio::co_spawn(world_.env().context, std::move(work), boost::asio::use_future).get();
}

}  // namespace dbcord::app
