#include "app/interruption.hpp"

#include <fmt/format.h>

#include "app/print_line.hpp"

namespace dbcord::app {

interruption::interruption(const actor::environment& env, user_session& session, std::function<void()> first)
    : env_(env), session_(session), signals_(env, [this, first = std::move(first)](int signal) { begin(signal, first); }) {}

interruption::~interruption() {
  if (giving_up_) env_.timers.cancel(*giving_up_);
  signals_.cancel();
}

void interruption::begin(int signal, const std::function<void()>& first) {
  signal_ = signal;
  print_line(stderr, fmt::format("\nstopping after what is under way ({} s at most); once more ends it at once", patience / std::chrono::seconds(1)));
  giving_up_ = env_.timers.schedule(env_.after(patience), [this] { session_.abandon(); });
  first();
}

}  // namespace dbcord::app
