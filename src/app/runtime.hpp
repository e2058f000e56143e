#pragma once
// The real world of one part of the process (the bot, the guild, a client): an io_context with its threads, the machine's
// clock, timers and randomness. Owned by main; declared before, and so destroyed after, everything built on its environment.

#include <boost/asio/executor_work_guard.hpp>
#include <thread>
#include <vector>

#include "actor/real_time.hpp"
#include "dbcord/base/random.hpp"

namespace dbcord::app {

class runtime {
 public:
  explicit runtime(base::logger& log);
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;
  ~runtime();

  const actor::environment& env() const { return env_; }

  // Threads that run the io_context until stop(). For a part that runs beside main.
  void start(int threads);
  // Runs the io_context on this thread until `work` is done; answers what it answered or throws what it threw.
  int run(actor::task<int> work);
  // Stops the io_context and joins the threads. Idempotent. What still waits is destroyed with the io_context.
  void stop();

 private:
  boost::asio::io_context context_;
  actor::real_clock clock_;
  actor::real_timers timers_;
  base::system_random random_;
  actor::environment env_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
};

}  // namespace dbcord::app
