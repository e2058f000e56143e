#pragma once
// bot_program: what `dbcord serve` is made of, wired as app/ does it, in a simulated process and on the simulated network.
// Lives in the process (process::make) and dies with it. run() once, then at most one stop(). One thread (the world's).

#include <memory>
#include <optional>

#include "bot/bot.hpp"
#include "discord/rest_message_store.hpp"
#include "discord/rest_thread_store.hpp"
#include "discord/server_clock.hpp"
#include "simulation/simulated_transport.hpp"
#include "simulation/weak_message_store.hpp"

namespace dbcord::simulation {

struct bot_setup {
  std::string name;                  // in the trace
  std::string api_url;
  std::string token;                 // without "Bot "
  base::guild_id guild;
  database::engine_options engine;
  weakness weak_spot = weakness::none;
  protocol::gateway_saved_session saved;  // of the process before
};

// What the outside notices. Called inside the process's handlers: must not kill it at once.
class bot_observer {
 public:
  virtual ~bot_observer() = default;
  virtual void bot_ready() = 0;
  virtual void session_saved(const protocol::gateway_saved_session& saved) = 0;
  // The process gives up by itself, in one sentence.
  virtual void bot_exits(const std::string& why) = 0;
  // Another process has taken the database over: this one is to be stopped, as app/ does it.
  virtual void bot_fenced(const std::string& why) = 0;
};

class bot_program final : private bot::bot_events {
 public:
  bot_program(const actor::environment& env, network& net, bot_setup setup, bot_observer& observer);
  ~bot_program() override;

  actor::task<void> run();
  // As on SIGTERM.
  actor::task<void> stop();
  // Long work of people, which goes on whether anybody waits for it or not.
  bool has_jobs() const;
  // Once opened.
  database::engine* engine() { return engine_.get(); }
  discord::scheduler_stats scheduler_stats() const { return scheduler_.stats(); }

 private:
  actor::task<base::result<void>> start();
  void on_ready() override;
  void on_session(const protocol::gateway_saved_session& saved) override;
  void on_fatal(base::error e) override;

  discord::server_clock clock_;
  actor::environment env_;  // with that clock
  bot_setup setup_;
  bot_observer& observer_;
  simulated_transport transport_;
  discord::request_scheduler scheduler_;
  discord::client client_;
  discord::interaction_client interactions_;
  std::optional<discord::rest_message_store> store_;
  std::optional<discord::rest_thread_store> threads_;
  std::optional<weak_message_store> weak_store_;
  std::shared_ptr<std::atomic<bool>> yielded_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<database::engine> engine_;
  std::unique_ptr<bot::bot> bot_;
};

}  // namespace dbcord::simulation
