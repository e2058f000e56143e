#include "app/terminal_signals.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

namespace dbcord::app {
namespace {

std::atomic<int> told_end{-1};

void tell_signal(int signal) {
  auto before = errno;
  auto byte = static_cast<unsigned char>(signal);
  [[maybe_unused]] auto full = ::write(told_end, &byte, 1);  // then more than enough are waiting
  errno = before;
}

}  // namespace

terminal_signals::terminal_signals() {
  if (::pipe2(ends_, O_NONBLOCK | O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "a pipe for signals");
  told_end = ends_[1];
  struct sigaction action {};
  action.sa_handler = tell_signal;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < told.size(); ++i) ::sigaction(told[i], &action, &before_[i]);
}

terminal_signals::~terminal_signals() {
  for (std::size_t i = 0; i < told.size(); ++i) ::sigaction(told[i], &before_[i], nullptr);
  told_end = -1;
  ::close(ends_[0]);
  ::close(ends_[1]);
}

int terminal_signals::wait(int fd) {
  for (;;) {
    pollfd either[] = {{ends_[0], POLLIN, 0}, {fd, POLLIN, 0}};
    if (::poll(either, 2, -1) < 0) continue;  // a signal, which is in the pipe
    unsigned char signal = 0;
    if (either[0].revents != 0 && ::read(ends_[0], &signal, 1) == 1) return signal;
    if (either[1].revents != 0) return 0;
  }
}

}  // namespace dbcord::app
