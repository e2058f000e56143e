#include "app/user_session.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "actor/event.hpp"
#include "app/command_call.hpp"
#include "app/guild_view.hpp"
#include "app/reply_message.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::app {
namespace {

// GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES (replies for our eyes only), MESSAGE_CONTENT (Discord docs, Gateway Intents).
constexpr std::uint64_t intents = 1 | 1 << 9 | 1 << 12 | 1 << 15;
constexpr std::size_t nonce_length = 20;
// A session that was not resumed by then is given up; a guild that restarts is back sooner.
constexpr base::duration resume_limit = std::chrono::seconds(6);
// Somebody sits before it and waits.
constexpr base::duration reconnect_most = std::chrono::seconds(2);
// Of a guild that answers again: until its gateway has, which refuses the session of before first (1 to 5 s of pause then: Discord docs, Resuming).
constexpr base::duration rejoin_limit = std::chrono::seconds(8);
constexpr base::duration probe_limit = std::chrono::seconds(2);
constexpr base::duration send_again_after = std::chrono::milliseconds(250);
constexpr base::duration follow_every = std::chrono::seconds(2);
constexpr base::duration follow_limit = std::chrono::minutes(1);
constexpr base::duration follow_patience = std::chrono::minutes(5);
constexpr base::duration close_limit = std::chrono::seconds(2);

discord::scheduler_options rest_options(const user_identity& who) {
  discord::scheduler_options options;
  options.api_url = who.api_url;
  options.token = who.token;
  options.repeat_unsent = false;  // run() does it, as long as somebody waits, and with the session that will be told
  return options;
}

base::error not_there(const std::string& url, const base::error& why) {
  return {why.code, fmt::format("no guild answers at {} ({}); start it with: dbcord serve --local DIR", url, why.message)};
}

base::error lost_session() {
  return {base::errc::timeout, "the connection to the guild was lost and with it the reply; it may have been done or not"};
}

base::error gone(const std::string& url) {
  return {discord::transport_errc::not_sent,
          fmt::format("no guild answers at {} any more, so nothing was sent; start it again with: dbcord serve --local DIR", url)};
}

// The file was not taken: one of rows may come in parts.
base::error not_taken(base::error why, const std::string& command) {
  if (why.code != database::store_errc::content_refused || command != "dbc_import") return why;
  why.message = commands::without_end(std::move(why.message)) + "; dbcord import takes files of any size";
  return why;
}

base::error unwaited() { return {base::errc::stopping, "its reply was not waited for; it may have been done or not"}; }

base::error unknown_end(const job_reference& job, const std::string& why) {
  return {base::errc::timeout, fmt::format("`{}` went on as job {}, but how it ended is not known: {}", job.command, job.number, why)};
}

base::error interrupted_unsent() { return {discord::transport_errc::not_sent, "it was interrupted before it was sent, so nothing was done"}; }

// Of the answer to GET /gateway.
std::string gateway_url_in(const std::string& body) {
  boost::system::error_code ec;
  auto value = boost::json::parse(body, ec);
  auto* object = ec ? nullptr : value.if_object();
  return object ? string_member(*object, "url") : std::string();
}

}  // namespace

bool may_have_been_done(const base::error& e) {
  bool certain = e.code == discord::transport_errc::not_sent || e.code == base::errc::invalid_argument;
  return !certain && (e.code.category() != database::store_category() || e.code == database::store_errc::unknown);
}

user_session::user_session(const actor::environment& env, discord::transport& net, user_identity who)
    : env_(env), scheduler_(env, net, rest_options(who)), api_(env, scheduler_), net_(net), who_(std::move(who)) {}

user_session::~user_session() = default;

actor::task<base::result<void>> user_session::connect(base::steady_time deadline) {
  // One plain request first: whether anybody is there at all shows at once and without retries.
  discord::http_request probe;
  probe.method = "GET";
  probe.url = who_.api_url + "/gateway";
  auto answer = co_await net_.send(std::move(probe), deadline);
  if (!answer) co_return not_there(who_.api_url, answer.error());
  if (answer->status != 200)
    co_return base::error(base::errc::invalid_argument, fmt::format("{} is no Discord-compatible API", who_.api_url));
  auto self = co_await api_.me(deadline);
  if (!self) co_return self.error();

  discord::gateway_options options;
  options.url = who_.gateway_url.empty() ? gateway_url_in(answer->body) : who_.gateway_url;
  options.token = who_.token;
  options.intents = intents;
  options.identify_interval = base::duration::zero();
  options.backoff_max = reconnect_most;
  gateway_ = std::make_unique<discord::gateway_actor>(env_, net_, std::move(options), *this);
  gateway_->start();
  auto in = co_await logged_in_.get_until(env_, deadline);
  if (!in) co_return base::error(base::errc::timeout, "the guild's gateway did not let us in within the time");
  if (!*in) co_return in->error();
  co_return co_await refresh(deadline);
}

actor::task<void> user_session::close() {
  {
    std::lock_guard lock(mutex_);
    if (giving_up_) env_.timers.cancel(*giving_up_);
  }
  if (gateway_) co_await gateway_->stop(env_.after(close_limit));
  co_await scheduler_.stop(env_.after(close_limit));
  pending_->fail_all(base::error(base::errc::stopping, "the session was closed"));
}

std::vector<commands::command_definition> user_session::commands() const {
  std::lock_guard lock(mutex_);
  return definitions_;
}

actor::task<base::result<void>> user_session::refresh(base::steady_time deadline) {
  auto list = co_await api_.guild_commands(who_.application, who_.guild, deadline);
  if (!list) co_return list.error();
  auto definitions = commands::command_definitions_from_json(boost::json::serialize(*list));
  if (!definitions) co_return definitions.error();
  std::lock_guard lock(mutex_);
  definitions_ = std::move(*definitions);
  command_objects_.clear();
  for (auto& entry : *list)
    if (auto* object = entry.if_object()) command_objects_[string_member(*object, "name")] = std::move(*object);
  co_return base::result<void>();
}

base::result<interaction_request> user_session::make_request(const command_call& call, std::string_view nonce) const {
  std::lock_guard lock(mutex_);
  auto command = command_objects_.find(call.line.command);
  if (command == command_objects_.end())
    return base::error(base::errc::invalid_argument, fmt::format("there is no command /{}", call.line.command));
  interaction_place place{who_.guild, who_.channel, who_.application, session_id_};
  return make_interaction(call.line, command->second, place, nonce, call.files);
}

actor::task<base::result<boost::json::object>> user_session::run(command_call call, base::steady_time deadline) {
  auto nonce = env_.random.token(nonce_length);
  auto [abandoned, limit] = patience(deadline);
  for (;;) {
    auto there = co_await reachable(nonce, abandoned, limit);
    if (!there) co_return there.error();
    auto request = make_request(call, nonce);  // names the session that is told of the reply, which may be another one by now
    if (!request) co_return request.error();
    auto reply = pending_->expect(nonce, call.progress);
    auto sent = co_await api_.create_interaction(std::move(request->payload), std::move(request->files), deadline);
    if (sent) {
      auto answer = co_await reply_to(nonce, reply, deadline);
      auto job = answer ? goes_on_as(*answer) : std::nullopt;
      if (!job) co_return std::move(answer);
      co_return co_await follow(std::move(*job), std::move(call.progress), abandoned);
    }
    pending_->forget(nonce);
    if (sent.error().code != discord::transport_errc::not_sent) co_return not_taken(sent.error(), call.line.command);
    if (env_.now() >= limit) co_return gone(who_.api_url);
    auto again = std::min(limit, env_.after(send_again_after));
    co_await actor::sleep_until(env_, again);
  }
}

actor::task<base::result<boost::json::object>> user_session::reply_to(std::string nonce, reply_promise reply, base::steady_time deadline) {
  auto answer = co_await reply.get_until(env_, deadline);
  pending_->forget(nonce);
  if (!answer) co_return base::error(base::errc::timeout, "no reply came within the time; it may have been done or not");
  co_return std::move(*answer);
}

// Whoever asks of a job may be refused for a while, since the bot is busy or starts anew, or not reach it: that says nothing of the job.
actor::task<base::result<boost::json::object>> user_session::follow(job_reference job, progress_sink progress, std::uint64_t abandoned) {
  auto until = env_.after(follow_patience);
  for (std::string trouble;;) {
    bool go_on = co_await wait_before_asking(abandoned);
    if (!go_on) co_return unwaited();
    if (env_.now() >= until) co_return unknown_end(job, trouble);
    auto call = make_call("dbc_jobs", {{"job", job.number}});
    auto reply = co_await run(std::move(call), env_.after(follow_limit));
    auto report = reply ? report_of_job(*reply, job) : job_report{};
    if (report.is == job_report::kind::done) co_return std::move(report.answer);
    if (report.is == job_report::kind::unknown) co_return unknown_end(job, "the bot, which may have been started anew, knows nothing of it any more");
    if (report.is == job_report::kind::unclear) {
      trouble = reply ? text_of(*reply) : reply.error().message;
      continue;
    }
    until = env_.after(follow_patience);
    if (progress) progress(report.answer);
  }
}

// False: nobody waits any more.
actor::task<bool> user_session::wait_before_asking(std::uint64_t abandoned) {
  auto key = env_.random.token(nonce_length);
  actor::promise<bool> change;
  {
    std::lock_guard lock(mutex_);
    if (abandoned_ != abandoned) co_return false;
    waiting_[key] = change;
  }
  (void)co_await change.get_until(env_, env_.after(follow_every));
  std::lock_guard lock(mutex_);
  waiting_.erase(key);
  co_return abandoned_ == abandoned;
}

// How often calls have been abandoned so far, and until when a call waits for a session: one that is long gone is not waited for again.
std::pair<std::uint64_t, base::steady_time> user_session::patience(base::steady_time deadline) const {
  std::lock_guard lock(mutex_);
  return {abandoned_, std::min(deadline, down_since_ ? *down_since_ + resume_limit : env_.after(resume_limit))};
}

actor::task<base::result<void>> user_session::reachable(std::string nonce, std::uint64_t abandoned, base::steady_time limit) {
  for (bool probed = false;;) {
    actor::promise<bool> change;
    {
      std::lock_guard lock(mutex_);
      if (abandoned_ != abandoned) co_return interrupted_unsent();
      if (up_) co_return base::result<void>();
      waiting_[nonce] = change;
    }
    auto changed = co_await change.get_until(env_, limit);
    if (changed) continue;
    bool answers = false;
    if (!std::exchange(probed, true)) answers = co_await guild_answers();
    if (!answers) {
      std::lock_guard lock(mutex_);
      waiting_.erase(nonce);
      co_return gone(who_.api_url);
    }
    limit = env_.after(rejoin_limit);
  }
}

actor::task<bool> user_session::guild_answers() {
  discord::http_request probe;
  probe.method = "GET";
  probe.url = who_.api_url + "/gateway";
  auto answer = co_await net_.send(std::move(probe), env_.after(probe_limit));
  co_return answer && answer->status == 200;
}

void user_session::abandon() {
  std::map<std::string, actor::promise<bool>> waiting;
  {
    std::lock_guard lock(mutex_);
    ++abandoned_;
    waiting.swap(waiting_);
  }
  for (const auto& [nonce, change] : waiting) change.set(false);
  pending_->fail_all(unwaited());
}

actor::task<base::result<boost::json::object>> user_session::run_line(std::string line, base::steady_time deadline,
                                                                     progress_sink progress) {
  auto known = commands();
  auto parsed = commands::parse_command_line(line, known);
  if (!parsed) co_return parsed.error();
  command_call call;
  call.line = std::move(*parsed);
  call.progress = std::move(progress);
  auto reply = co_await run(std::move(call), deadline);
  co_return reply;
}

base::result<boost::json::object> user_session::make_completion(const commands::parsed_line& others,
                                                                const std::string& focused, const std::string& typed,
                                                                std::string_view nonce) const {
  std::lock_guard lock(mutex_);
  auto command = command_objects_.find(others.command);
  if (command == command_objects_.end()) return base::error(base::errc::invalid_argument);
  interaction_place place{who_.guild, who_.channel, who_.application, session_id_};
  return make_autocomplete(others, focused, typed, command->second, place, nonce);
}

actor::task<std::vector<std::string>> user_session::complete(commands::parsed_line others, std::string focused,
                                                             std::string typed, base::steady_time deadline) {
  std::vector<std::string> names;
  auto nonce = env_.random.token(nonce_length);
  auto payload = make_completion(others, focused, typed, nonce);
  if (!payload) co_return names;
  progress_sink nothing;
  auto reply = pending_->expect(nonce, std::move(nothing));
  std::vector<discord::file_part> no_files;
  auto sent = co_await api_.create_interaction(std::move(*payload), std::move(no_files), deadline);
  if (sent) {
    auto answer = co_await reply.get_until(env_, deadline);
    if (answer && *answer) names = choices_of(**answer);
  }
  pending_->forget(nonce);
  co_return names;
}

actor::task<base::result<std::string>> user_session::download(std::string url, base::steady_time deadline) {
  return api_.download(std::move(url), deadline);
}

void user_session::on_dispatch(std::string type, boost::json::object data) {
  if (type == "READY") {
    ready(data);
  } else if (type == "GUILD_CREATE") {
    guild_seen(data);
  } else {
    pending_->on_dispatch(type, data);
  }
}

void user_session::on_state(discord::gateway_state state, std::string) {
  if (state == discord::gateway_state::disconnected) link_down();
  if (state == discord::gateway_state::ready || state == discord::gateway_state::resumed) link_up();
}

void user_session::link_up() {
  std::map<std::string, actor::promise<bool>> waiting;
  {
    std::lock_guard lock(mutex_);
    up_ = true;
    down_since_.reset();
    if (giving_up_) env_.timers.cancel(*giving_up_);
    giving_up_.reset();
    waiting.swap(waiting_);
  }
  for (const auto& [nonce, change] : waiting) change.set(true);
}

// What waits when the connection breaks may still be answered after a RESUME, but not for ever.
void user_session::link_down() {
  std::lock_guard lock(mutex_);
  up_ = false;
  if (!down_since_) down_since_ = env_.now();
  if (giving_up_) return;
  giving_up_ = env_.timers.schedule(env_.after(resume_limit), [pending = pending_] { pending->fail_all(lost_session()); });
}

void user_session::ready(const boost::json::object& data) {
  {
    std::lock_guard lock(mutex_);
    session_id_ = string_member(data, "session_id");
  }
  pending_->fail_all(lost_session());
}

void user_session::guild_seen(const boost::json::object& data) {
  auto view = read_guild(data);
  {
    std::lock_guard lock(mutex_);
    if (who_.guild && who_.guild != view.id) return;
    if (!who_.guild) who_.guild = view.id;
    if (!who_.channel) who_.channel = view.first_text_channel;
    if (!who_.application) who_.application = view.only_bot;
    if (!who_.application) {
      logged_in_.set(base::error(base::errc::invalid_argument,
                                 "the guild has no bot, or several; name one with DBCORD_APPLICATION_ID"));
      return;
    }
  }
  logged_in_.set(base::result<void>());
}

void user_session::on_fatal(base::error e) {
  logged_in_.set(e);
  pending_->fail_all(e);
}

}  // namespace dbcord::app
