#pragma once
// dispatcher: interactions → commands → replies. Each interaction is a task of its own, bounded in number; full means an instant
// "busy" answer. A command executes only after its own callback was accepted, so that of two deliveries (or two processes) one acts.
//
// Owner: bot. on_interaction() on the gateway's strand only; the tasks on strands of their own; stop(), join(), stats() from any
// executor. join() before it is destroyed. Failure: an exception in a command becomes its reply ("internal error") and a log
// line; a reply that Discord does not take is tried again within the token's life, then logged.
// Limits: dispatcher_options.

#include <atomic>
#include <boost/json/object.hpp>
#include <limits>

#include "actor/task_group.hpp"
#include "bot/discord_roles.hpp"
#include "bot/interaction.hpp"
#include "bot/message_rendering.hpp"
#include "bot/prepared_commands.hpp"
#include "bot/recent_ids.hpp"
#include "bot/scheduler_figures.hpp"
#include "commands/command.hpp"
#include "discord/client.hpp"
#include "discord/interaction_client.hpp"

namespace dbcord::bot {

struct dispatcher_options {
  base::guild_id guild;
  base::application_id application;
  std::size_t concurrent_commands = 256;
  std::size_t concurrent_answers = 256;               // busy, autocomplete and the like; past it interactions go unanswered
  std::uint64_t attachment_bytes = 64 * 1024 * 1024;  // of all running commands together; past it they are told "busy"
  std::size_t remembered_ids = 10'000;                // of interactions, against double delivery
  bool ephemeral = true;                              // only the person who typed sees the reply
  // Discord docs, Receiving and Responding: 3 s to the first answer, the token lives 15 min. Less what the way here took.
  base::duration callback_limit = std::chrono::milliseconds(2'700);
  base::duration token_life = std::chrono::minutes(14);
  // Long work: when its reply first tells how far it is, and how often then.
  base::duration progress_after = std::chrono::seconds(2);
  base::duration progress_every = std::chrono::seconds(3);
  // Set once another process has taken over (any thread): what comes from then on is that one's to answer.
  std::shared_ptr<std::atomic<bool>> yielded = std::make_shared<std::atomic<bool>>(false);
  base::duration form_limit = std::chrono::seconds(2);  // of what must be read before a form opens
  base::duration reply_attempt = std::chrono::seconds(60);
  base::duration reply_backoff_min = std::chrono::milliseconds(250);
  base::duration reply_backoff_max = std::chrono::seconds(10);
};

struct dispatcher_stats {
  std::uint64_t executed = 0;
  std::uint64_t busy = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t unaccepted = 0;  // callbacks that were not accepted: not executed
  std::uint64_t undelivered = 0; // replies given up
};

class dispatcher {
 public:
  dispatcher(const actor::environment& env, discord::client& client, discord::interaction_client& interactions,
             database::engine& engine, dispatcher_options options);
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;

  // `from_before`: an earlier process of ours may have answered it already (it was replayed by a RESUME of that one's session).
  void on_interaction(const boost::json::object& event, bool from_before = false);
  // Before the first interaction.
  void set_application(base::application_id id) { options_.application = id; }

  // From now on new interactions are told "shutting down", and replies are not tried again past the deadline.
  void refuse(base::steady_time deadline);
  // Long work ends after what it is doing now; most of it goes on when its command is given again.
  void cancel_jobs() {
    cut_short_ = true;
    jobs_.cancel_all();
  }
  // Waits until no command runs (new interactions are still answered); false when the deadline came first.
  actor::task<bool> join_commands(base::steady_time deadline) { return commands_.join(deadline); }
  // Waits until nothing runs; interactions that still come go unanswered.
  actor::task<bool> join(base::steady_time deadline);
  dispatcher_stats stats() const;
  const commands::job_table& jobs() const { return jobs_; }
  const commands::command_statistics& statistics() const { return statistics_; }

 private:
  struct running;  // one accepted command; keeps its share of attachment_bytes

  void answer(interaction event, discord::callback_type type, boost::json::object data, std::vector<discord::file_part> files = {});
  void refuse_with(interaction event, std::string sentence);
  void start_command(interaction event, bool from_before);
  void complete(interaction event);
  void use_control(interaction event, bool from_before);
  bool spawn_running(std::shared_ptr<running> command, actor::task<void> work);
  commands::services services();

  actor::task<void> send_choices(interaction event);
  actor::task<void> open_form(std::shared_ptr<running> command);
  void begin_job(running& command);
  void end_job(const running& command, const commands::reply& reply);
  actor::task<void> show_progress(std::shared_ptr<running> command);

  actor::task<void> send_answer(interaction event, discord::callback_type type, boost::json::object data, std::vector<discord::file_part> files);
  actor::task<void> run_command(std::shared_ptr<running> command);
  actor::task<base::result<void>> acknowledge(running& command);
  actor::task<bool> still_loading(const running& command);
  actor::task<commands::reply> execute(const running& command);
  actor::task<bool> deliver(const running& command, const commands::reply& reply);
  actor::task<base::result<void>> edit(const running& command, rendered_message message);
  actor::task<base::result<void>> edit_persistently(const running& command, rendered_message message);
  base::steady_time last_attempt(const running& command) const;
  void log_command(const running& command, std::string_view outcome);

  const actor::environment& env_;
  discord::client& client_;
  discord::interaction_client& interactions_;
  database::engine& engine_;
  dispatcher_options options_;
  recent_ids seen_;
  prepared_commands prepared_;
  commands::job_table jobs_;
  commands::command_statistics statistics_;
  scheduler_figures requests_;
  discord_roles roles_;
  std::atomic<bool> refusing_{false};
  std::atomic<bool> cut_short_{false};  // jobs are cancelled, and no person has done so
  std::atomic<base::duration::rep> give_up_at_{std::numeric_limits<base::duration::rep>::max()};  // steady_time
  std::atomic<std::uint64_t> attachment_bytes_{0};
  std::atomic<std::uint64_t> executed_{0}, busy_{0}, duplicates_{0}, unaccepted_{0}, undelivered_{0};
  actor::task_group commands_;
  actor::task_group answers_;
};

}  // namespace dbcord::bot
