#pragma once
// bot_process: everything of dbcord that is a client of a guild: transport, scheduler, engine, bot; wired and started in order,
// stopped in order. Owned by serve; run() and stop() once each, on any executor of its environment; destroyed when both are done.
//
// Failure: what retrying can mend (guild unreachable, overloaded) is waited out, and said once; the rest comes to
// `events.failed` as one sentence, and the process is to be stopped.

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>

#include "actor/event.hpp"
#include "actor/promise.hpp"
#include "actor/task_group.hpp"
#include "app/bot_figures.hpp"
#include "bot/bot.hpp"
#include "database/engine.hpp"
#include "discord/beast_transport.hpp"
#include "discord/rest_message_store.hpp"
#include "discord/rest_thread_store.hpp"
#include "discord/server_clock.hpp"

namespace dbcord::app {

struct bot_settings {
  std::string api_url;
  std::string token;  // without "Bot "
  base::guild_id guild;
  bool local = false;  // embedded guild: its directory's lock keeps other writers out, IDENTIFYs cost nothing
  std::size_t memory_cap = 512 * 1024 * 1024;  // as in engine_options
  std::size_t database_memory_cap = 0;
  base::duration lease = std::chrono::seconds(30);
  base::duration staleness = std::chrono::seconds(2);
  std::vector<std::string> accept_loss;  // as in engine_options
  bool take_over = false;
  std::shared_ptr<const database::database_descriptor> descriptor;  // as in engine_options
  bool create_missing = false;
  std::filesystem::path session_file;  // keeps the gateway session over restarts; empty: it is not kept
};

// Checked every third of it, on clocks of whole seconds: a shorter one would never cover anything.
inline bool has_usable_lease(const bot_settings& s) { return s.lease >= s.staleness + std::chrono::seconds(5); }

// Called from threads of the bot's environment; must not block.
class process_events {
 public:
  virtual ~process_events() = default;
  virtual void ready() = 0;  // the first time
  virtual void failed(base::error e) = 0;
  // A start takes long for a reason that its person should know: a phrase, once.
  virtual void waits_for(std::string) {}
};

class bot_process final : private bot::bot_events {
 public:
  bot_process(const actor::environment& env, bot_settings settings, process_events& events);
  ~bot_process() override;

  // Returns when the bot has started, has failed (events.failed was called), or stop() was called.
  actor::task<void> run();
  // Takes no new work, finishes what runs until the deadline, releases the databases, closes the gateway with 1000.
  actor::task<void> stop(base::steady_time deadline);
  // Once it is ready.
  database::engine& engine() { return *engine_; }
  // Empty before it is ready and when it stops.
  actor::task<std::optional<bot_figures>> figures(base::steady_time deadline);

 private:
  void on_ready() override;
  void on_session(const protocol::gateway_saved_session& saved) override;
  void on_fatal(base::error e) override;
  void token_refused(base::error e);

  actor::task<base::result<void>> start();
  actor::task<base::result<base::user_id>> find_self();
  actor::task<base::result<void>> open_engine();
  // While it is opened.
  actor::task<void> tell_if_no_answer_is_dated();
  actor::task<base::result<void>> start_bot(base::user_id self);
  // True if the step is to be tried again after a pause.
  actor::task<bool> wait_out(const base::error& e);

  discord::server_clock clock_;
  actor::environment env_;  // with that clock
  bot_settings settings_;
  process_events& events_;
  discord::beast_transport net_;
  discord::request_scheduler scheduler_;
  discord::client client_;
  discord::interaction_client interactions_;
  std::optional<discord::rest_message_store> store_;
  std::optional<discord::rest_thread_store> threads_;
  std::shared_ptr<std::atomic<bool>> yielded_ = std::make_shared<std::atomic<bool>>(false);  // to another process
  std::unique_ptr<database::engine> engine_;
  std::unique_ptr<bot::bot> bot_;
  actor::task_group watch_;
  actor::event opened_;
  actor::promise<bool> run_done_;
  actor::event stop_requested_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> was_ready_{false};
  bool unreachable_said_ = false;
};

}  // namespace dbcord::app
