// The part of dispatcher that completes arguments, obeys buttons and forms, and tells how far long work is.

#include <boost/json/array.hpp>

#include "bot/control_rendering.hpp"
#include "bot/dispatcher_running.hpp"
#include "commands/unfinished_restore.hpp"

namespace dbcord::bot {

namespace json = boost::json;

namespace {

constexpr std::string_view stale_control =
    "This button or form is not known any more, since dbcord was started anew or many others came after it; nothing was done. Give the command again.";

json::object choices_of(const std::vector<commands::choice>& offered) {
  json::array choices;
  for (const auto& [label, value] : offered) {
    json::object choice;
    choice["name"] = label;
    choice["value"] = value;
    choices.push_back(std::move(choice));
  }
  json::object data;
  data["choices"] = std::move(choices);
  return data;
}

}  // namespace

commands::invocation invocation_of(const interaction& event, discord::client& client) {
  commands::invocation call;
  call.name = event.command;
  call.arguments = event.arguments;
  for (const auto& [argument, file] : event.files) {
    commands::attachment a;
    a.name = file.name;
    a.size = file.size;
    a.load = [&client, url = file.url](base::steady_time deadline) { return client.download(url, deadline); };
    call.attachments.emplace(argument, std::move(a));
  }
  call.who = event.who;
  call.roles = event.roles;
  call.permissions = event.permissions;
  call.by_control = event.by_control;
  call.idempotency_key = event.id.str();
  return call;
}

commands::services dispatcher::services() { return {engine_, env_, &jobs_, &statistics_, &requests_, &roles_}; }

// ---- completion ----

void dispatcher::complete(interaction event) {
  auto id = event.id;
  auto work = send_choices(std::move(event));
  if (!answers_.spawn(env_.make_strand(), std::move(work)))
    env_.log.warning("interaction not answered", {{"interaction", id.str()}, {"reason", "too many at once"}});
}

actor::task<void> dispatcher::send_choices(interaction event) {
  std::vector<commands::choice> offered;
  auto so_far = invocation_of(event, client_);
  auto typed = so_far.arguments.find(event.focused);
  if (typed != so_far.arguments.end()) {
    auto text = std::get_if<std::string>(&typed->second);
    std::string beginning = text ? *text : std::string();
    auto s = services();
    auto argument = event.focused;
    if (text) offered = co_await commands::complete(s, std::move(so_far), std::move(argument), std::move(beginning));
  }
  auto choices = choices_of(offered);
  std::vector<discord::file_part> no_files;
  co_await send_answer(std::move(event), discord::callback_type::autocomplete, std::move(choices), std::move(no_files));
}

// ---- buttons and forms ----

void dispatcher::use_control(interaction event, bool from_before) {
  auto prepared = prepared_.find(event.custom_id);
  if (!prepared) return refuse_with(std::move(event), std::string(stale_control));
  bool pressed = event.type == interaction_type::component;
  event.command = std::move(prepared->name);
  event.arguments = std::move(prepared->arguments);
  for (const auto& [name, value] : event.fields) event.arguments.insert_or_assign(name, value);
  event.by_control = true;
  auto command = std::make_shared<running>(*this, std::move(event));
  command->from_before = from_before;
  command->received = env_.now();
  command->in_place = pressed && prepared->in_place;
  auto definition = commands::find_command(command->event.command);
  command->opening = pressed && definition && commands::opens_form(*definition, invocation_of(command->event, client_));
  auto work = command->opening ? open_form(command) : run_command(command);
  spawn_running(std::move(command), std::move(work));
}

// A form is the first answer, so what it shows is read before. Nothing is written by that.
actor::task<void> dispatcher::open_form(std::shared_ptr<running> command) {
  auto reply = co_await execute(*command);
  std::vector<discord::file_part> no_files;
  json::object data;
  if (reply.opens) {
    data = modal_of(*reply.opens, prepared_);
  } else {
    data["content"] = render(reply, {}).content;
    data["flags"] = ephemeral_flag;
  }
  auto type = reply.opens ? discord::callback_type::modal : discord::callback_type::message;
  auto deadline = command->received + options_.callback_limit;
  auto sent = co_await interactions_.respond(command->event.id, command->event.token, type, std::move(data), std::move(no_files), deadline);
  ++executed_;
  log_command(*command, !sent ? "form not shown: " + sent.error().message : reply.opens ? std::string("form") : std::string("refused"));
}

// ---- long work ----

void dispatcher::begin_job(running& command) {
  auto definition = commands::find_command(command.event.command);
  if (!definition || !definition->long_work) return;
  commands::job j;
  auto text = [&](std::string_view name) {
    auto found = command.event.arguments.find(name);
    auto value = found == command.event.arguments.end() ? nullptr : std::get_if<std::string>(&found->second);
    return value ? *value : std::string();
  };
  j.database = commands::without_restore_id(text("database"));
  j.command = command.event.command + " " + j.database + (text("table").empty() ? "" : "." + text("table"));
  j.who = command.event.who;
  j.started = env_.clock.wall_now();
  command.job = jobs_.start(std::move(j));
}

// What was refused before it began, and before anybody was told its number, was no work; nor is what is soon done as a rule.
void dispatcher::end_job(const running& command, const commands::reply& reply) {
  const auto& job = *command.job;
  bool begun = job.progress->done > 0 || job.progress->total > 0 || !reply.rows.empty() || !reply.files.empty();
  bool told = env_.now() >= command.received + options_.progress_after;
  auto definition = commands::find_command(command.event.command);
  bool counts = !definition->mostly_short && (reply.ok || begun);
  if (counts || told) return jobs_.finish(job.id, reply);
  jobs_.forget(job.id);
}

actor::task<void> dispatcher::show_progress(std::shared_ptr<running> command) {
  const auto& job = *command->job;
  auto next = env_.after(options_.progress_after);
  auto last = command->received + options_.token_life - options_.reply_attempt;
  bool gone_on = false;
  while (!gone_on) {
    auto finished = co_await command->finished.get_until(env_, next);
    if (finished) break;
    gone_on = env_.now() >= last;
    auto progress = commands::progress_text(*job.progress);
    rendered_message message;
    message.content = std::string(progress_mark) + "`" + job.command + "`" + (progress.empty() ? " is at work" : ": " + progress) + ". Job " +
                      std::to_string(job.id) + ".";
    if (gone_on) {
      message.content = "`" + job.command + std::string(goes_on_mark) + std::to_string(job.id) +
                        ", longer than Discord lets this message be changed; `/dbc_jobs job:" + std::to_string(job.id) + "` tells how it ends.";
    }
    commands::prepared_command cancel{"dbc_jobs", {{"cancel", static_cast<std::int64_t>(job.id)}}, false};
    std::vector<commands::button> buttons{{"Cancel", std::move(cancel), commands::button_style::plain}};
    message.components = components_of(buttons, prepared_);
    (void)co_await edit(*command, std::move(message));  // the next one, or the reply, makes up for it
    next = env_.after(options_.progress_every);
  }
  command->told.set(true);
}

}  // namespace dbcord::bot
