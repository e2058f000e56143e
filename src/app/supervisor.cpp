#include "app/supervisor.hpp"

#include <csignal>
#include <cstdlib>

#include "app/reply_printer.hpp"

namespace dbcord::app {

supervisor::supervisor(base::logger& log)
    : log_(log), control_(log), signals_(control_.env(), [this](int signal) {
        log_.info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
        end(base::result<void>());
      }) {}

int supervisor::run(std::function<actor::task<void>(base::steady_time)> stop) { return control_.run(supervise(stop)); }

void supervisor::cut_off_later(int status) {
  env().timers.schedule(env().after(drain_limit + cut_off_after), [this, status] {
    log_.warning("not everything ended in time, cut off");
    std::_Exit(status);
  });
}

actor::task<int> supervisor::supervise(std::function<actor::task<void>(base::steady_time)>& stop) {
  auto reason = co_await ended_.get();
  if (!reason) print_error(reason.error());
  int status = reason ? 0 : 1;
  cut_off_later(status);
  co_await stop(env().after(drain_limit));
  signals_.cancel();
  co_return status;
}

}  // namespace dbcord::app
