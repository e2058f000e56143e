#pragma once
// terminal_signals: while it lives, what happens to a terminal from outside (Ctrl-C, another size, the process goes on behind Ctrl-Z) is waited for beside what is
// typed, and told where nothing else is going on. One at a time.

#include <signal.h>

#include <array>

namespace dbcord::app {

class terminal_signals {
 public:
  terminal_signals();
  ~terminal_signals();
  terminal_signals(const terminal_signals&) = delete;
  terminal_signals& operator=(const terminal_signals&) = delete;

  // Until `fd` can be read: 0; or until one of them has come: SIGINT, SIGWINCH or SIGCONT.
  int wait(int fd);

 private:
  static constexpr std::array told = {SIGINT, SIGWINCH, SIGCONT};

  int ends_[2] = {-1, -1};  // of a pipe: handlers run on any thread
  std::array<struct sigaction, told.size()> before_{};
};

}  // namespace dbcord::app
