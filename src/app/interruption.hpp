#pragma once
// interruption: a person's Ctrl-C (or SIGTERM) while import, backup, restore or exec work: they end in order, with what is under way; what is not done
// after a while is no longer waited for. A second signal ends the process at once. Owned by the command, on its environment's only thread;
// the session outlives it.

#include <optional>

#include "app/stop_signals.hpp"
#include "app/user_session.hpp"

namespace dbcord::app {

class interruption {
 public:
  static constexpr base::duration patience = std::chrono::seconds(10);

  // `first` is called with the first signal.
  interruption(const actor::environment& env, user_session& session, std::function<void()> first);
  interruption(const interruption&) = delete;
  ~interruption();

  bool happened() const { return signal_ != 0; }
  // Of the process, when it was interrupted: as of one that the signal has ended.
  int status() const { return killed_by + signal_; }

 private:
  void begin(int signal, const std::function<void()>& first);

  const actor::environment& env_;
  user_session& session_;
  int signal_ = 0;
  std::optional<actor::timer_service::timer_id> giving_up_;
  stop_signals signals_;
};

}  // namespace dbcord::app
