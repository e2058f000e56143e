#include "app/unconnected_client.hpp"

#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "app/stop_signals.hpp"

namespace dbcord::app {
namespace {

constexpr int ending_signals[] = {SIGINT, SIGTERM};

// Only what a handler of signals may do.
void end_unconnected(int signal) {
  constexpr std::string_view line = "dbcord: interrupted before the guild was reached, so nothing was sent\n";
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(killed_by + signal);
}

void (*handler_of(int signal))(int) {
  struct sigaction now {};
  ::sigaction(signal, nullptr, &now);
  return now.sa_handler;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

unconnected_client::unconnected_client() {
  for (int signal : ending_signals) {
    if (handler_of(signal) == SIG_DFL) set_handler(signal, end_unconnected);
  }
}

unconnected_client::~unconnected_client() {
  for (int signal : ending_signals) {
    if (handler_of(signal) == end_unconnected) set_handler(signal, SIG_DFL);
  }
}

}  // namespace dbcord::app
