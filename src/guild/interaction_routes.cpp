// POST /interactions: what a person's client sends when a command is used, an option completed or a button
// pressed. Not part of Discord's documented API; the shape is that of Discord's own client.

#include <fmt/format.h>

#include <boost/json.hpp>

#include "guild/component_form.hpp"
#include "guild/component_use.hpp"
#include "guild/events.hpp"
#include "guild/interactions.hpp"
#include "guild/json_read.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/resolved_objects.hpp"
#include "guild/routes.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t interaction_nonce_max = 64;  // bytes
constexpr int user_command = 2;

struct found_command {
  const app_command* command;
  command_scope scope;
};

std::optional<found_command> find_command(const guild_state& state, base::command_id id) {
  for (auto scope : {command_scope::guild, command_scope::global}) {
    for (auto& command : state.commands(scope)) {
      if (command.id == id) return found_command{&command, scope};
    }
  }
  return std::nullopt;
}

outcome<const channel*> read_place(const world& w, const call& c, const json::object& body) {
  if (snowflake_field(body, "application_id") != w.state.application().value)
    return errors::unknown_application();
  if (snowflake_field(body, "guild_id") != w.state.first().guild.value) return errors::unknown_guild();
  auto id = id_field<base::channel_id>(body, "channel_id");
  auto* where = id ? w.state.find_channel(*id) : nullptr;
  if (!where) return errors::unknown_channel();
  if (!channel_types::holds_messages(where->type)) return errors::wrong_channel_type();
  auto bits = permissions_in_channel(w.state, *where, c.caller->id);
  if (!(bits & permission::view_channel)) return errors::missing_access();
  if (!(bits & permission::use_application_commands)) return errors::missing_permissions();
  return where;
}

interaction begin(world& w, const call& c, const json::object& body, int type, base::channel_id where) {
  interaction i;
  i.id = w.volatile_id<base::interaction_id>();
  i.token = base64url(fmt::format("interaction:{}:{}", i.id.value, w.random.token(48)));
  i.type = type;
  i.user = c.caller->id;
  i.channel = where;
  i.created = w.now;
  // Echoed to the client, which gave it to tell its interactions apart; anything but a short text or number
  // is dropped.
  auto* nonce = find_value(body, "nonce");
  auto text = nonce ? as_text(*nonce) : std::nullopt;
  if (nonce && (as_integer(*nonce) || (text && text->size() <= interaction_nonce_max))) i.nonce = json::serialize(*nonce);
  return i;
}

// Tells both sides; the person's client hears at once if nobody is there to answer.
void start(world& w, interaction made, const std::string& data, const std::string& source_message) {
  auto event = interaction_event(w, made, data, source_message);
  auto& i = w.interactions.add(std::move(made));
  bool quiet = i.type == interaction_type::autocomplete;
  if (!quiet) tell_user(w, i, "INTERACTION_CREATE");
  if (!w.sessions.any_of(w.state.bot().id)) {
    i.phase = interaction_phase::failed;
    return tell_user(w, i, "INTERACTION_FAILURE");
  }
  announce_to_user(w, w.state.bot().id, "INTERACTION_CREATE", std::move(event));
}

void begin_command_data(json_writer& j, const world& w, const found_command& found) {
  j.begin_object();
  j.field("id", found.command->id);
  j.field("name", found.command->name);
  j.field("type", found.command->type);
  if (found.scope == command_scope::guild) j.field("guild_id", w.state.first().guild);
}

std::string command_data(const world& w, const found_command& found, const checked_options& options) {
  std::string text;
  json_writer j(text);
  begin_command_data(j, w, found);
  if (options.options != "[]") j.raw_field("options", options.options);
  if (!options.resolved.empty()) j.raw_field("resolved", options.resolved);
  j.end_object();
  return text;
}

// What a command of a context menu was used on: "target_id" and "resolved" of its data.
outcome<std::string> target_data(world& w, const found_command& found, std::uint64_t target, base::channel_id where) {
  auto* user = w.state.find_user({target});
  auto* message = w.state.find_message(where, {target});
  bool on_user = found.command->type == user_command;
  if (on_user && !user) return errors::unknown_user();
  if (!on_user && !message) return errors::unknown_message();
  resolved_objects resolved(w, where);
  if (on_user) resolved.add_user({target});
  std::string text;
  json_writer j(text);
  begin_command_data(j, w, found);
  j.bits_field("target_id", target);
  j.key("resolved");
  if (on_user) {
    j.raw(resolved.json());
  } else {
    j.begin_object();
    j.key("messages");
    j.begin_object();
    j.key(std::to_string(target));
    write_message(j, w.state, w.urls, where, *message, {}, w.now);
    j.end_object();
    j.end_object();
  }
  j.end_object();
  return text;
}

outcome<reply> use_menu_command(world& w, const call& c, const json::object& body, const json::object& data,
                                const found_command& found, const channel& where) {
  auto target = snowflake_field(data, "target_id");
  if (!target) return form_error("data.target_id", "BASE_TYPE_REQUIRED", "This field is required");
  auto text = target_data(w, found, *target, where.id);
  if (!text) return text.error();
  auto i = begin(w, c, body, interaction_type::command, where.id);
  i.name = found.command->name;
  (found.command->type == user_command ? i.target_user.value : i.target_message.value) = *target;
  start(w, std::move(i), *text, {});
  return reply::empty();
}

outcome<reply> use_command(world& w, const call& c, const json::object& body, const json::object& data,
                           const request_form& form, int type, const channel& where) {
  auto id = id_field<base::command_id>(data, "id");
  auto found = id ? find_command(w.state, *id) : std::nullopt;
  if (!found) return errors::unknown_command();
  auto version = snowflake_field(data, "version");
  if (version && *version != found->command->version) {
    return form_error("data.version", "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION",
                      "This command is outdated, please read the list of commands again.");
  }
  bool autocomplete = type == interaction_type::autocomplete;
  if (found->command->type != 1) {
    if (autocomplete) return form_error("type", "BASE_TYPE_CHOICES", "Nothing can be completed here.");
    return use_menu_command(w, c, body, data, *found, where);
  }
  auto options = check_options(w, *found->command, data, form.files, where.id, autocomplete);
  if (!options) return options.error();
  auto i = begin(w, c, body, type, where.id);
  i.name = found->command->name;
  i.uploads = options->uploads;
  start(w, std::move(i), command_data(w, *found, *options), {});
  return reply::empty();
}

const stored_message* find_shown(world& w, base::channel_id where, base::message_id id,
                                 base::user_id viewer) {
  if (auto* m = w.state.find_message(where, id)) return m;
  auto* owner = w.interactions.find_ephemeral(id);
  if (!owner || owner->user != viewer || owner->channel != where) return nullptr;
  return &owner->ephemeral.at(id);
}

std::string source_text(const world& w, base::channel_id where, const stored_message& message) {
  std::string text;
  json_writer j(text);
  write_message(j, w.state, w.urls, where, message, {}, w.now);
  return text;
}

outcome<reply> use_component(world& w, const call& c, const json::object& body, const json::object& data,
                             const channel& where) {
  auto id = id_field<base::message_id>(body, "message_id");
  auto* message = id ? find_shown(w, where.id, *id, c.caller->id) : nullptr;
  if (!message) return errors::unknown_message();
  auto custom_id = text_field(data, "custom_id").value_or(std::string_view());
  auto components = parse_json(message->extras ? message->extras->components : std::string());
  auto* component = components ? find_component(*components, custom_id) : nullptr;
  if (!component || bool_field(*component, "disabled")) {
    return form_error("data.custom_id", "COMPONENT_VALIDATION_FAILED",
                      "The message has no such active component.");
  }
  auto use = check_component_use(w, *component, data, where.id);
  if (!use) return use.error();
  auto i = begin(w, c, body, interaction_type::component, where.id);
  i.source = *id;
  start(w, std::move(i), use->data, source_text(w, where.id, *message));
  return reply::empty();
}

// A filled-in modal; "id" names the interaction that was answered with it.
outcome<reply> use_modal(world& w, const call& c, const json::object& body, const json::object& data,
                         const request_form& form, const channel& where) {
  auto id = id_field<base::interaction_id>(data, "id");
  auto* opener = id ? w.interactions.find(*id) : nullptr;
  bool open = opener && opener->user == c.caller->id && opener->channel == where.id && !opener->modal.empty();
  if (!open) return errors::unknown_interaction();
  auto modal = parse_json(opener->modal);
  auto use = check_modal_submit(w, modal->as_object(), data, form.files, where.id);
  if (!use) return use.error();
  auto i = begin(w, c, body, interaction_type::modal_submit, where.id);
  i.source = opener->source;
  i.uploads = use->uploads;
  i.trigger = interaction_trigger{opener->id, opener->type, opener->name, opener->source};
  w.interactions.open_modal(*opener, {});  // it can be submitted once
  auto* message = i.source ? find_shown(w, where.id, i.source, c.caller->id) : nullptr;
  start(w, std::move(i), use->data, message ? source_text(w, where.id, *message) : std::string());
  return reply::empty();
}

}  // namespace

outcome<reply> create_interaction(world& w, const call& c) {
  if (w.interactions.full())
    return api_error{503, 130000, "API resource is currently overloaded. Try again a little later."};
  auto form = read_form(c.request);
  if (!form) return form.error();
  auto* body = form->payload.if_object();
  auto* data = body ? object_field(*body, "data") : nullptr;
  if (!data) return form_error("data", "BASE_TYPE_REQUIRED", "This field is required");
  auto type = integer_field(*body, "type");
  auto where = read_place(w, c, *body);
  if (!where) return where.error();
  if (type == interaction_type::command || type == interaction_type::autocomplete) {
    return use_command(w, c, *body, *data, *form, static_cast<int>(*type), **where);
  }
  if (type == interaction_type::component) return use_component(w, c, *body, *data, **where);
  if (type == interaction_type::modal_submit) return use_modal(w, c, *body, *data, *form, **where);
  return form_error("type", "BASE_TYPE_CHOICES", "Value must be one of (2, 3, 4, 5).");
}

}  // namespace dbcord::guild
