#pragma once
// task_group (nursery): coroutines that are joined before their owner goes. The only place that starts detached
// coroutines. spawn() and join() from any thread; join() by one coroutine. An exception that escapes a task is a failure
// of the machine or a bug: it is logged and the rest go on.

#include <boost/asio/co_spawn.hpp>

#include "actor/gate.hpp"

namespace dbcord::actor {

class task_group {
 public:
  task_group(const environment& env, std::string name, std::size_t limit = static_cast<std::size_t>(-1))
      : env_(env), name_(std::move(name)), gate_(limit) {}

  // False, and the task is not started, when the group is closed or has `limit` tasks already.
  template <class Executor>
  bool spawn(const Executor& executor, task<void> work) {
    auto holder = gate_.enter();
    if (!holder) return false;
    asio::co_spawn(executor, std::move(work),
                   [this, h = std::move(*holder)](std::exception_ptr failure) { report(failure); });
    return true;
  }

  std::size_t size() const { return gate_.count(); }
  void shut() { gate_.shut(); }
  // Refuses new tasks and waits for the running ones; false when the deadline passed first.
  task<bool> join(base::steady_time deadline) { return gate_.close(env_, deadline); }

 private:
  void report(std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      env_.log.error("task failed", {{"group", name_}, {"error", e.what()}});
    }
  }

  const environment& env_;
  std::string name_;
  gate gate_;
};

}  // namespace dbcord::actor
