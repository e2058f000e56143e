#include "app/runtime.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

namespace dbcord::app {

runtime::runtime(base::logger& log)
    : timers_(context_), env_{context_, clock_, timers_, random_, log}, work_(context_.get_executor()) {}

runtime::~runtime() { stop(); }

void runtime::start(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { context_.run(); });
}

int runtime::run(actor::task<int> work) {
  auto answer = boost::asio::co_spawn(
      context_, std::move(work), boost::asio::use_future([this](std::exception_ptr failure, int status) {
        context_.stop();
        if (failure) std::rethrow_exception(failure);
        return status;
      }));
  context_.run();
  return answer.get();
}

void runtime::stop() {
  work_.reset();
  context_.stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  timers_.shut_down();
}

}  // namespace dbcord::app
