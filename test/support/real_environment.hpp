#pragma once
// An environment of real sockets and real time for tests: an io_context on threads of its own. Declare it before whatever
// uses it; leave() (also the destructor) stops the threads, after which destroying that is safe.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "actor/real_time.hpp"

namespace dbcord::test {

// Remembers the events that were logged.
class remembering_logger final : public base::logger {
 public:
  void write(base::severity, std::string_view event, fields values) override {
    std::lock_guard lock(mutex_);
    events_.emplace_back(event);
    auto& line = lines_.emplace_back(event);
    for (auto& v : values) line += fmt::format(" {}={}", v.key, v.value);
  }
  // With their fields, as "event key=value".
  std::vector<std::string> lines() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }
  std::vector<std::string> events() const {
    std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
  std::vector<std::string> lines_;
};

class real_environment {
 public:
  explicit real_environment(int threads = 1) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { context_.run(); });
  }
  ~real_environment() { leave(); }

  void leave() {
    context_.stop();
    for (auto& t : threads_) t.join();
    threads_.clear();
    timers_.shut_down();
  }

  const actor::environment& env() const { return env_; }
  base::steady_time after(base::duration d) const { return env_.after(d); }

  // Runs a task on a strand of the context and waits for it.
  template <class T>
  T run(actor::task<T> work) {
    auto done = boost::asio::co_spawn(env_.make_strand(), std::move(work), boost::asio::use_future);
    return done.get();
  }

  base::seeded_random random{1};
  remembering_logger log;

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  actor::real_clock clock_;
  actor::real_timers timers_{context_};
  actor::environment env_{context_, clock_, timers_, random, log};
  std::vector<std::thread> threads_;
};

}  // namespace dbcord::test
