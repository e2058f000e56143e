#pragma once
// Of commands that a person may interrupt: connects, works, closes, and says why it was not done. `Run` is made of (environment, session, options) and has run() and
// interrupt(), for the first signal; `tell` prints what was done. Answers the process's exit status. A coroutine: `options` and `tell` outlive it.

#include <cstdio>
#include <optional>

#include "app/client_connection.hpp"
#include "app/interruption.hpp"
#include "app/reply_printer.hpp"
#include "app/unconnected_client.hpp"

namespace dbcord::app {

template <class Run, class Options, class Tell>
actor::task<int> run_interruptible(const actor::environment& env, const Options& options, const Tell& tell) {
  auto who = identify(options.client);
  if (!who) {
    print_error(who.error());
    co_return 1;
  }
  unconnected_client unconnected;  // until there is an interruption
  client_connection connection(env, std::move(*who));
  auto& session = connection.session();
  auto connected = co_await session.connect(env.after(connect_limit));
  Run run(env, session, options);
  typename decltype(run.run())::value_type done = base::error(base::errc::stopping);
  int status = 1;                    // of what was not done
  std::optional<interruption> stop;  // until it is said what was done
  if (connected) {
    stop.emplace(env, session, [&run] { run.interrupt(); });
    done = co_await run.run();
    if (stop->happened()) status = stop->status();
  }
  co_await session.close();
  if (!connected || !done) {
    print_error(connected ? done.error() : connected.error());
    co_return status;
  }
  tell(*done);
  std::fflush(stdout);  // a signal may still end the process
  co_return 0;
}

}  // namespace dbcord::app
