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

void supervisor::cut_off_later(int status, base::duration after) {
  env().timers.schedule(env().after(after), [this, status] {
    log_.warning("not everything ended in time, cut off");
    std::_Exit(status);
  });
}

actor::task<int> supervisor::supervise(std::function<actor::task<void>(base::steady_time)>& stop) {
  auto reason = co_await ended_.get();
  if (!reason) print_error(reason.error());
  int status = reason ? 0 : 1;
  auto drain = hopeless_ ? hopeless_drain_limit : drain_limit;
  cut_off_later(status, drain + (hopeless_ ? hopeless_cut_off_after : cut_off_after));
  co_await stop(env().after(drain));
  if (hopeless_) std::_Exit(status);  // what still waits for the guild is not destroyed under its own feet
  signals_.cancel();
  co_return status;
}

}  // namespace dbcord::app
