#pragma once
// bot: the front door on Discord. Checks that it may do its work, registers the commands, keeps the gateway session and hands
// interactions to the dispatcher.
//
// Owner: the app. start(), stop() and join() from any executor, each awaited by one coroutine; events come on the gateway's strand.
// Order at the end: stop(), engine.close() (which answers what the commands still wait for), join(), then the scheduler.
// client, interactions, net, engine and events outlive it. Failure: start() answers one sentence that names what is missing; later
// ones come through bot_events::on_fatal.

#include <memory>

#include "bot/dispatcher.hpp"
#include "discord/client.hpp"
#include "discord/gateway_actor.hpp"

namespace dbcord::bot {

// All calls come on the gateway's strand and must not block.
class bot_events {
 public:
  virtual ~bot_events() = default;
  virtual void on_ready() {}
  // To be kept for the next run (gateway_options::saved).
  virtual void on_session(const protocol::gateway_saved_session& /*saved*/) {}
  // Once; the gateway will not come back. One sentence that says what to do.
  virtual void on_fatal(base::error e) = 0;
};

struct bot_options {
  base::user_id self;  // the bot's user
  dispatcher_options dispatch;         // guild and application are filled in by start() where empty
  discord::gateway_options gateway;    // token, saved, identify_interval; url and budget are asked from Discord when empty
  std::uint64_t intents = (1u << 0) | (1u << 9) | (1u << 15);  // GUILDS, GUILD_MESSAGES, MESSAGE_CONTENT
};

class bot final : private discord::gateway_listener {
 public:
  bot(const actor::environment& env, discord::client& client, discord::interaction_client& interactions,
      discord::transport& net, database::engine& engine, bot_options options, bot_events& events);
  bot(const bot&) = delete;
  bot& operator=(const bot&) = delete;
  ~bot() override;

  // Token, Message Content Intent, permissions in the guild; touches nothing. start() does it as well if nobody has.
  actor::task<base::result<void>> check(base::steady_time deadline);
  // Registers the commands if the guild shows other ones, connects. Returns when connecting has begun; on_ready tells the rest.
  actor::task<base::result<void>> start(base::steady_time deadline);
  // Answers new interactions with "shutting down", waits for the running ones, closes the gateway with 1000. False when some
  // still ran at the deadline.
  actor::task<bool> stop(base::steady_time deadline);
  // Waits for whatever stop() left. To be called before destruction.
  actor::task<bool> join(base::steady_time deadline);

  dispatcher_stats stats() const { return dispatcher_.stats(); }
  const commands::command_statistics& statistics() const { return dispatcher_.statistics(); }
  const commands::job_table& jobs() const { return dispatcher_.jobs(); }

 private:
  void on_dispatch(std::string type, boost::json::object data) override;
  void on_state(discord::gateway_state state, std::string detail) override;
  void on_session(const protocol::gateway_saved_session& saved) override;
  void on_fatal(base::error e) override;
  actor::task<base::result<void>> register_commands(base::steady_time deadline);
  actor::task<base::result<void>> fill_gateway_options(base::steady_time deadline);

  const actor::environment& env_;
  discord::client& client_;
  discord::transport& net_;
  database::engine& engine_;
  bot_options options_;
  bot_events& events_;
  bool checked_ = false;
  bool connected_once_ = false;  // what the gateway told before is a replay of an earlier process's session
  dispatcher dispatcher_;
  std::unique_ptr<discord::gateway_actor> gateway_;
};

}  // namespace dbcord::bot
