#include "discord/doctor.hpp"

#include <fmt/format.h>

#include "discord/api_error.hpp"
#include "discord/doctor_channels.hpp"
#include "discord/doctor_trial.hpp"
#include "discord/json_read.hpp"
#include "discord/permissions.hpp"

namespace dbcord::discord {
namespace {

using actor::task;

constexpr base::duration first_answer = std::chrono::seconds(10);  // until it is said that nobody answers
constexpr int few_sessions = 50;
constexpr std::size_t guild_channels = 500;  // Discord docs, Create Guild Channel
constexpr std::size_t few_channels = 50;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Of what can be asked without writing anything. Each answers whether it makes sense to go on.
class account_checks {
 public:
  account_checks(doctor_context& context, base::steady_time deadline)
      : context_(context), deadline_(deadline), client_(context.env, context.scheduler) {}

  task<bool> run() {
    bool known = co_await token();
    if (!known) co_return false;
    bool there = co_await guild();
    if (!there) co_return false;
    co_await application();
    co_await gateway();
    bool permitted = co_await permissions();
    co_return permitted;
  }
  base::user_id self() const { return self_; }
  // Once run() has answered true.
  const permission_report& permitted() const { return permitted_; }

 private:
  void say(std::string check, enum verdict v, std::string sentence) { context_.found({std::move(check), v, std::move(sentence)}); }

  task<bool> token() {
    auto me = co_await client_.me(std::min(deadline_, context_.env.after(first_answer)));
    if (!me) {
      say("token", verdict::failed, me.error().message);
      co_return false;
    }
    self_ = me->id;
    if (!me->bot) {
      say("token", verdict::failed, fmt::format("the token belongs to the person {}; dbcord needs a bot's", me->username));
      co_return false;
    }
    say("token", verdict::ok, fmt::format("it belongs to the bot {} ({})", me->username, me->id.str()));
    co_return true;
  }

  task<bool> guild() {
    auto info = co_await client_.guild(context_.guild, deadline_);
    if (!info) {
      say("guild", verdict::failed, fmt::format("{} Is the bot a member of the server {}?", info.error().message, context_.guild.str()));
      co_return false;
    }
    say("guild", verdict::ok, fmt::format("{} ({})", info->name, info->id.str()));
    co_return true;
  }

  task<void> application() {
    auto application = co_await client_.application(deadline_);
    if (!application) {
      say("intents", verdict::failed, application.error().message);
      co_return;
    }
    if (application->message_content()) say("intents", verdict::ok, "the Message Content Intent is on");
    else say("intents", verdict::failed, "the Message Content Intent is off: switch it on in the Developer Portal, under Bot");
    auto commands = co_await client_.guild_commands(application->id, context_.guild, deadline_);
    if (commands) say("slash commands", verdict::ok, fmt::format("{} are registered in this server", commands->size()));
    else say("slash commands", verdict::failed, fmt::format("{} Was the bot invited with the scope applications.commands?", commands.error().message));
  }

  task<void> gateway() {
    auto info = co_await client_.gateway_bot(deadline_);
    if (!info) {
      say("gateway", verdict::failed, info.error().message);
      co_return;
    }
    auto v = info->remaining < few_sessions ? verdict::warning : verdict::ok;
    say("gateway", v, fmt::format("{} of {} session starts are left today", info->remaining, info->total));
  }

  task<bool> permissions() {
    auto report = co_await client_.permissions(context_.guild, self_, permission::needed, deadline_);
    if (!report) {
      say("permissions", verdict::failed, report.error().message);
      co_return false;
    }
    if (!report->missing.empty()) {
      say("permissions", verdict::failed, fmt::format("the bot lacks: {}; grant them to its role in Server Settings, Roles", joined(report->missing)));
      co_return false;
    }
    permitted_ = *report;
    say("permissions", verdict::ok, "the bot has all that it needs");
    auto missing = missing_permissions(report->effective, permission::for_threads);
    if (missing.empty()) say("threads", verdict::ok, "the bot may make, fill and delete the threads of rows");
    else say("threads", verdict::warning, fmt::format("the bot lacks: {}; without them rows get no threads, or theirs are not erased", joined(missing)));
    co_return true;
  }

  doctor_context& context_;
  base::steady_time deadline_;
  client client_;
  base::user_id self_;
  permission_report permitted_;
};

void judge_room(const doctor_context& context, std::size_t channels) {
  auto left = guild_channels - std::min(channels, guild_channels);
  auto v = left == 0 ? verdict::failed : left < few_channels ? verdict::warning : verdict::ok;
  context.found({"room", v, fmt::format("{} of {} channels are in use; a table takes one, a database four", channels, guild_channels)});
}

// As Discord lists them, with their overwrites.
task<base::result<boost::json::array>> list_channels(const doctor_context& context, base::steady_time deadline) {
  static constexpr std::string_view what = "Listing the channels";
  rest_request r;
  r.method = "GET";
  r.route = "/guilds/{}/channels";
  r.top_level = context.guild.str();
  r.path = "/guilds/" + context.guild.str() + "/channels";
  r.deadline = deadline;
  auto answer = co_await context.scheduler.send(std::move(r));
  if (!answer) co_return of_reading(translate(answer.error(), what), what);
  if (!succeeded(*answer)) co_return translate(*answer, what);
  auto channels = parse_array(answer->body);
  if (!channels) co_return unreadable(database::store_errc::not_done, what);
  co_return std::move(*channels);
}

}  // namespace

task<bool> examine(doctor_context context, base::steady_time deadline) {
  bool healthy = true;
  context.found = [&healthy, found = std::move(context.found)](doctor_finding f) {
    healthy = healthy && f.verdict != verdict::failed;
    found(std::move(f));
  };
  account_checks account(context, deadline);
  bool usable = co_await account.run();
  if (!usable) co_return false;
  store_identity who{context.guild, account.self()};
  rest_message_store store(context.env, context.scheduler, who);
  auto channels = co_await list_channels(context, deadline);
  if (!channels) {
    context.found({"room", verdict::failed, channels.error().message});
    co_return false;
  }
  judge_room(context, channels->size());
  for (auto& finding : judge_channels(*channels, account.permitted(), context.guild, account.self())) context.found(std::move(finding));
  doctor_trial trial(context, store, deadline);
  co_await trial.run();
  co_return healthy;
}

}  // namespace dbcord::discord
