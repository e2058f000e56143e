#include "app/stop_signals.hpp"

#include <csignal>
#include <cstdlib>

namespace dbcord::app {

stop_signals::stop_signals(const actor::environment& env, std::function<void(int)> first)
    : signals_(env.context, SIGINT, SIGTERM), first_(std::move(first)) {
  wait();
}

void stop_signals::wait() {
  signals_.async_wait([this](boost::system::error_code ec, int signal) {
    if (ec) return;
    if (!first_) std::_Exit(killed_by + signal);
    std::exchange(first_, nullptr)(signal);
    wait();
  });
}

}  // namespace dbcord::app
