#include "bot/dispatcher.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/json/array.hpp>

#include "bot/control_rendering.hpp"
#include "bot/dispatcher_running.hpp"

namespace dbcord::bot {

namespace json = boost::json;

namespace {


constexpr std::string_view busy = "Too many commands run at the moment; nothing was done. Try again in a few seconds.";
constexpr std::string_view shutting_down = "dbcord is shutting down; nothing was done. Try again when it is back.";
constexpr std::string_view wrong_guild = "This dbcord serves another server; nothing was done. Use it there.";
constexpr std::string_view not_executed =
    "Discord lost track of this command before it began here. If another dbcord process runs, it may have been done there: look before you send it again.";
constexpr std::string_view perhaps_elsewhere = "\nIf another dbcord process runs, it may have been done there: look before you send it again.";
constexpr std::string_view was_cut_short = " dbcord is being stopped; give the command again when it is back.";
constexpr std::string_view refused_reply =
    "The command was carried out, but Discord refuses to show its reply (a filter of this server, or its size).";
// A failure may also be that nobody knows the outcome.
constexpr std::string_view refused_failure =
    "The command failed or its outcome is not known, and Discord refuses to show which (a filter of this server): look before you repeat it.";

// Files of an earlier attempt are replaced, not joined: `attachments` lists the new ones only (Discord docs, Edit Message).
json::object payload_of(const rendered_message& message) {
  json::object payload;
  payload["content"] = message.content;
  json::array attachments;
  for (std::size_t i = 0; i < message.files.size(); ++i) {
    json::object a;
    a["id"] = i;
    a["filename"] = message.files[i].filename;
    attachments.push_back(std::move(a));
  }
  payload["attachments"] = std::move(attachments);
  payload["components"] = message.components;
  return payload;
}

// Into a form, which has one input.
std::string typed_into(const interaction& event) { return event.fields.empty() ? std::string() : event.fields.begin()->second; }

bool worth_repeating(const base::error& e) {
  return discord::is_ambiguous(e) || e.code == discord::transport_errc::not_sent || e.code == database::store_errc::busy ||
         e.code == database::store_errc::unknown || e.code == base::errc::overloaded || e.code == base::errc::timeout;
}

// Refused for what it says, not for who says it: another text may pass.
bool about_content(const base::error& e) {
  return e.code == database::store_errc::content_refused || e.code == database::store_errc::not_done;
}

}  // namespace

dispatcher::dispatcher(const actor::environment& env, discord::client& client, discord::interaction_client& interactions,
                       database::engine& engine, dispatcher_options options)
    : env_(env), client_(client), interactions_(interactions), engine_(engine), options_(std::move(options)),
      seen_(options_.remembered_ids), prepared_(env.random), requests_(client.scheduler()), roles_(client, options_.guild), commands_(env, "commands", options_.concurrent_commands),
      answers_(env, "answers", options_.concurrent_answers) {}

void dispatcher::on_interaction(const json::object& event, bool from_before) {
  auto parsed = parse_interaction(event);
  if (!parsed) return env_.log.warning("interaction not understood");
  if (!seen_.add(parsed->id)) {
    ++duplicates_;
    return env_.log.info("interaction delivered again", {{"interaction", parsed->id.str()}});
  }
  // "Nothing was done" would be untrue: the other process has the same interaction, and may be at it.
  if (*options_.yielded) return env_.log.info("interaction left to the other process", {{"interaction", parsed->id.str()}});
  bool ours = parsed->guild == options_.guild;
  if (parsed->type == interaction_type::autocomplete) {
    if (ours) return complete(std::move(*parsed));
    json::object nothing;
    nothing["choices"] = json::array();
    return answer(std::move(*parsed), discord::callback_type::autocomplete, std::move(nothing));
  }
  if (parsed->type == interaction_type::ping) return;
  if (!ours) return refuse_with(std::move(*parsed), std::string(wrong_guild));
  if (refusing_) return refuse_with(std::move(*parsed), std::string(shutting_down));
  if (parsed->type != interaction_type::command) return use_control(std::move(*parsed), from_before);
  start_command(std::move(*parsed), from_before);
}

void dispatcher::refuse(base::steady_time deadline) {
  give_up_at_ = deadline.time_since_epoch().count();
  refusing_ = true;
}

actor::task<bool> dispatcher::join(base::steady_time deadline) {
  bool commands_done = co_await commands_.join(deadline);
  bool answers_done = co_await answers_.join(deadline);
  co_return commands_done && answers_done;
}

dispatcher_stats dispatcher::stats() const { return {executed_, busy_, duplicates_, unaccepted_, undelivered_}; }

// What was typed into a form would be lost with it.
void dispatcher::refuse_with(interaction event, std::string sentence) {
  commands::reply refusal;
  refusal.ok = false;
  refusal.text = std::move(sentence);
  refusal.draft = typed_into(event);
  message_limits limits;
  limits.file_bytes = event.file_limit;
  auto message = render(refusal, limits);
  json::object data;
  data["content"] = std::move(message.content);
  data["flags"] = ephemeral_flag;
  answer(std::move(event), discord::callback_type::message, std::move(data), std::move(message.files));
}

void dispatcher::answer(interaction event, discord::callback_type type, json::object data, std::vector<discord::file_part> files) {
  auto id = event.id;
  auto work = send_answer(std::move(event), type, std::move(data), std::move(files));
  if (!answers_.spawn(env_.make_strand(), std::move(work)))
    env_.log.warning("interaction not answered", {{"interaction", id.str()}, {"reason", "too many at once"}});
}

actor::task<void> dispatcher::send_answer(interaction event, discord::callback_type type, json::object data, std::vector<discord::file_part> files) {
  auto deadline = env_.after(options_.callback_limit);
  auto sent = co_await interactions_.respond(event.id, event.token, type, std::move(data), std::move(files), deadline);
  if (!sent) env_.log.warning("interaction not answered", {{"interaction", event.id.str()}, {"reason", sent.error().message}});
}

void dispatcher::start_command(interaction event, bool from_before) {
  auto command = std::make_shared<running>(*this, std::move(event));
  command->from_before = from_before;
  command->received = env_.now();
  auto definition = commands::find_command(command->event.command);
  command->opening = definition && commands::opens_form(*definition, invocation_of(command->event, client_));
  auto work = command->opening ? open_form(command) : run_command(command);
  spawn_running(std::move(command), std::move(work));
}

bool dispatcher::spawn_running(std::shared_ptr<running> command, actor::task<void> work) {
  // A file that never fits is let through: its command refuses it by its announced size, with a better sentence than "busy".
  bool never_fits = command->bytes > options_.attachment_bytes;
  bool room = command->bytes == 0 || never_fits || attachment_bytes_ <= options_.attachment_bytes;
  if (room && commands_.spawn(env_.make_strand(), std::move(work))) return true;
  ++busy_;
  log_command(*command, "busy");
  refuse_with(command->event, std::string(busy));
  return false;
}

actor::task<void> dispatcher::run_command(std::shared_ptr<running> command) {
  auto accepted = co_await acknowledge(*command);
  if (!accepted) {
    ++unaccepted_;
    log_command(*command, "not executed: " + accepted.error().message);
    co_return;
  }
  ++executed_;
  begin_job(*command);
  if (command->job) {
    auto telling = show_progress(command);
    if (!answers_.spawn(env_.make_strand(), std::move(telling))) command->told.set(true);
  }
  auto reply = co_await execute(*command);
  if (!reply.ok && command->perhaps_elsewhere) reply.text += perhaps_elsewhere;
  bool says_so = reply.text.find("shutting down") != std::string::npos;
  if (!reply.ok && command->job && cut_short_ && !says_so) reply.text += was_cut_short;
  command->finished.set(true);
  if (command->job) {
    end_job(*command, reply);
    co_await command->told.get();  // else a late report would stand in the reply's place
  }
  bool delivered = co_await deliver(*command, reply);
  log_command(*command, !delivered ? "reply not delivered" : reply.ok ? "ok" : "refused");
}

// A callback whose answer was lost is sent once more: "already acknowledged" then is the first one's acceptance, seen late, unless what
// stands there is an answer: another process that is about to end may have refused the command, and then it must not run. It may be the acceptance of another
// process that carries the command out, so that what we refuse may be done all the same. If
// that remains unknown the command does not run, and says so in case its loading message stands there; but that message may be the one of a process that
// takes the database over and carries the command out.
// Of an interaction from before our time, "already acknowledged" may be an earlier process's doing, and so may be what its message
// says: only a plain acceptance counts then, and nothing is said.
actor::task<base::result<void>> dispatcher::acknowledge(running& command) {
  base::result<void> sent = base::error(base::errc::timeout);
  bool maybe_accepted = false;
  for (int attempt = 1; attempt <= 2; ++attempt) {
    json::object data;
    if (options_.ephemeral && !command.in_place) data["flags"] = ephemeral_flag;
    std::vector<discord::file_part> no_files;
    auto type = command.in_place ? discord::callback_type::deferred_update : discord::callback_type::deferred_message;
    auto deadline = command.received + options_.callback_limit * attempt / 2;
    sent = co_await interactions_.respond(command.event.id, command.event.token, type, std::move(data), std::move(no_files), deadline);
    if (sent) co_return sent;
    if (maybe_accepted && sent.error().code == discord::interaction_errc::already_acknowledged) {
      bool ours = co_await still_loading(command);
      command.perhaps_elsewhere = ours;
      if (ours) co_return base::result<void>();
      co_return sent;
    }
    if (!discord::is_ambiguous(sent.error()) || command.from_before) break;
    maybe_accepted = true;
  }
  if (maybe_accepted) {
    commands::reply sorry;
    sorry.ok = false;
    sorry.text = not_executed;
    sorry.draft = typed_into(command.event);
    (void)co_await deliver(command, sorry);
  }
  co_return sent;
}

// Whether the interaction shows what our callback makes of it. In place of a message there is no telling.
actor::task<bool> dispatcher::still_loading(const running& command) {
  constexpr std::int64_t loading = 1 << 7;  // Discord docs, Message Flags
  if (command.in_place) co_return true;
  auto deadline = env_.after(options_.reply_attempt);
  auto shown = co_await interactions_.get_original(options_.application, command.event.token, deadline);
  if (!shown) co_return false;  // nobody is told anything: what stands there may be another's
  const auto* flags = shown->if_contains("flags");
  co_return flags && flags->is_int64() && (flags->as_int64() & loading) != 0;
}

actor::task<commands::reply> dispatcher::execute(const running& command) {
  auto s = services();
  auto call = invocation_of(command.event, client_);
  auto definition = commands::find_command(call.name);
  auto limit = definition ? definition->time_limit : base::duration(std::chrono::minutes(1));
  if (command.opening) limit = options_.form_limit;
  call.deadline = command.job ? env_.after(limit) : std::min(env_.after(limit), command.received + options_.token_life);
  if (command.job) call.progress = command.job->progress;
  std::string what;
  try {
    auto reply = co_await commands::execute(s, std::move(call));
    co_return reply;
  } catch (const boost::system::system_error& e) {
    if (e.code() == boost::asio::error::operation_aborted) throw;
    what = e.what();
  } catch (const std::exception& e) {
    what = e.what();
  }
  env_.log.error("command failed", {{"command", command.event.command}, {"interaction", command.event.id.str()}, {"error", what}});
  commands::reply sorry;
  sorry.ok = false;
  sorry.draft = typed_into(command.event);
  sorry.text = "Internal error. Whether anything was done is not certain: look before you repeat it, and give whoever runs dbcord "
               "this number: `" + command.event.id.str() + "`.";
  co_return sorry;
}

actor::task<bool> dispatcher::deliver(const running& command, const commands::reply& reply) {
  message_limits limits;
  limits.file_bytes = command.event.file_limit;
  auto message = render(reply, limits);
  message.components = components_of(reply.buttons, prepared_);
  auto done = co_await edit_persistently(command, std::move(message));
  if (!done && about_content(done.error())) {
    commands::reply short_reply;
    short_reply.ok = reply.ok;
    short_reply.text = reply.ok ? refused_reply : refused_failure;
    auto short_message = render(short_reply, limits);
    done = co_await edit_persistently(command, std::move(short_message));
  }
  if (done) co_return true;
  ++undelivered_;
  env_.log.warning("reply not delivered", {{"interaction", command.event.id.str()}, {"reason", done.error().message}});
  co_return false;
}

base::steady_time dispatcher::last_attempt(const running& command) const {
  return std::min(command.received + options_.token_life, base::steady_time(base::duration(give_up_at_.load())));
}

// Repeating an edit is harmless: it sets the whole message.
actor::task<base::result<void>> dispatcher::edit_persistently(const running& command, rendered_message message) {
  auto backoff = options_.reply_backoff_min;
  for (;;) {
    auto copy = message;
    auto done = co_await edit(command, std::move(copy));
    if (done || !worth_repeating(done.error())) co_return done;
    auto next = env_.after(backoff);
    if (next >= last_attempt(command)) co_return done;
    co_await actor::sleep_until(env_, next);
    backoff = std::min(backoff * 2, options_.reply_backoff_max);
  }
}

actor::task<base::result<void>> dispatcher::edit(const running& command, rendered_message message) {
  auto payload = payload_of(message);
  auto deadline = std::min(env_.after(options_.reply_attempt), command.received + options_.token_life);
  auto done = co_await interactions_.edit_original(options_.application, command.event.token, std::move(payload),
                                                   std::move(message.files), deadline);
  if (!done) co_return done.error();
  co_return base::result<void>();
}

void dispatcher::log_command(const running& command, std::string_view outcome) {
  auto ms = fmt::format("{:.1f}", std::chrono::duration<double, std::milli>(env_.now() - command.received).count());
  env_.log.info("command", {{"name", command.event.command}, {"who", command.event.who}, {"ms", ms},
                            {"outcome", outcome}, {"interaction", command.event.id.str()}});
}

}  // namespace dbcord::bot
