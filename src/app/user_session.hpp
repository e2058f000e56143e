#pragma once
// user_session: a person's client of a guild, without the person: logged in to the gateway, sends slash commands and waits
// for the replies. What exec, shell, import and the benchmarks use; it knows the guild's API only, nothing of dbcord.
//
// Owner: a front door, one per process (or per simulated user). Any executor; run() may be called concurrently. connect()
// first, close() last, both once. `net` outlives it. It reconnects by itself; replies that were lost meanwhile are errors, and
// what is called meanwhile waits a few seconds for the connection, then fails and is never sent.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/interaction_request.hpp"
#include "app/pending_interactions.hpp"
#include "app/reply_message.hpp"
#include "discord/client.hpp"
#include "discord/gateway_actor.hpp"

namespace dbcord::app {

struct user_identity {
  std::string api_url;      // http://127.0.0.1:8423/api/v10
  std::string gateway_url;  // ws://127.0.0.1:8423; empty: asked of the API
  std::string token;        // bare
  base::guild_id guild;              // zero: the only one that the user is in
  base::channel_id channel;          // zero: the guild's first text channel
  base::application_id application;  // zero: the only bot of the guild
};

struct command_call {
  commands::parsed_line line;
  file_source files = read_file_part;
  progress_sink progress;
};

// What a failed run() leaves open. False: certainly not.
bool may_have_been_done(const base::error& e);

class user_session final : public discord::gateway_listener {
 public:
  user_session(const actor::environment& env, discord::transport& net, user_identity who);
  ~user_session() override;

  // Logs in and learns the guild's commands. An error is one sentence that says what to start.
  actor::task<base::result<void>> connect(base::steady_time deadline);
  actor::task<void> close();

  // The guild's commands, as of connect() or the last refresh().
  std::vector<commands::command_definition> commands() const;
  actor::task<base::result<void>> refresh(base::steady_time deadline);

  // Sends the command and waits for its reply: the message object. Of an error may_have_been_done() tells what it means. Work that outlives its reply is followed
  // as a job, as long as it takes, and answered like others.
  actor::task<base::result<boost::json::object>> run(command_call call, base::steady_time deadline);
  // The same for a line as people type it.
  actor::task<base::result<boost::json::object>> run_line(std::string line, base::steady_time deadline, progress_sink progress = {});
  // What may stand in the argument `focused`, of which `typed` is there; empty if nobody answers.
  actor::task<std::vector<std::string>> complete(commands::parsed_line others, std::string focused, std::string typed,
                                                 base::steady_time deadline);
  actor::task<base::result<std::string>> download(std::string url, base::steady_time deadline);
  // Nobody waits for the calls that are under way any more: what was not sent is not sent, of the rest the replies are not
  // waited for. They end with an error soon. Later calls are as ever.
  void abandon();

 private:
  void on_dispatch(std::string type, boost::json::object data) override;
  void on_state(discord::gateway_state state, std::string detail) override;
  void on_fatal(base::error e) override;
  void ready(const boost::json::object& data);
  void guild_seen(const boost::json::object& data);
  base::result<interaction_request> make_request(const command_call& call, std::string_view nonce) const;
  base::result<boost::json::object> make_completion(const commands::parsed_line& others, const std::string& focused,
                                                    const std::string& typed, std::string_view nonce) const;
  void link_up();
  void link_down();
  actor::task<base::result<void>> reachable(std::string nonce, std::uint64_t abandoned, base::steady_time limit);
  actor::task<bool> guild_answers();
  actor::task<base::result<boost::json::object>> reply_to(std::string nonce, reply_promise reply, base::steady_time deadline);
  actor::task<base::result<boost::json::object>> follow(job_reference job, progress_sink progress, std::uint64_t abandoned);
  actor::task<bool> wait_before_asking(std::uint64_t abandoned);
  std::pair<std::uint64_t, base::steady_time> patience(base::steady_time deadline) const;

  const actor::environment& env_;
  discord::request_scheduler scheduler_;
  discord::client api_;
  discord::transport& net_;
  std::unique_ptr<discord::gateway_actor> gateway_;
  std::shared_ptr<pending_interactions> pending_ = std::make_shared<pending_interactions>();
  actor::promise<base::result<void>> logged_in_;

  mutable std::mutex mutex_;  // guards what follows
  std::optional<actor::timer_service::timer_id> giving_up_;
  bool up_ = false;  // the gateway session; what it does not hear of is not sent
  std::optional<base::steady_time> down_since_;
  std::uint64_t abandoned_ = 0;  // how often abandon() was called
  std::map<std::string, actor::promise<bool>> waiting_;  // for the session, by nonce
  user_identity who_;
  std::string session_id_;
  std::vector<commands::command_definition> definitions_;
  std::map<std::string, boost::json::object, std::less<>> command_objects_;
};

}  // namespace dbcord::app
