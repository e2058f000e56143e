#pragma once
// bot_runner: a bot_process on threads of its own, beside whatever its owner does. Begins at once. stop() once, then shut_down(), then destruction. `log` and
// `events` outlive it.

#include <optional>

#include "actor/task_group.hpp"
#include "app/bot_process.hpp"
#include "app/runtime.hpp"

namespace dbcord::app {

class bot_runner {
 public:
  bot_runner(base::logger& log, bot_settings settings, process_events& events, int threads);

  // Awaited on any executor.
  actor::task<void> stop(base::steady_time deadline);
  // For the metrics; on any thread but the bot's.
  std::optional<bot_figures> figures();
  // Once events.ready() was called.
  database::engine& engine() { return bot_.engine(); }
  const actor::environment& env() const { return world_.env(); }
  void shut_down() { world_.stop(); }

 private:
  runtime world_;
  actor::task_group tasks_;
  bot_process bot_;
};

}  // namespace dbcord::app
