#pragma once
// stop_signals: SIGINT and SIGTERM ask for an orderly stop, once; a second one ends the process at once.
// Owned by serve and guild; works on the environment's io_context. One per process.

#include <boost/asio/signal_set.hpp>
#include <functional>

#include "actor/environment.hpp"

namespace dbcord::app {

inline constexpr int killed_by = 128;  // with the signal's number: the exit status that shells give for it

class stop_signals {
 public:
  stop_signals(const actor::environment& env, std::function<void(int)> first);
  // Signals have their default effect again.
  void cancel() { signals_.cancel(); }

 private:
  void wait();

  boost::asio::signal_set signals_;
  std::function<void(int)> first_;
};

}  // namespace dbcord::app
