#include "guild/interactions.hpp"

#include <algorithm>

#include "guild/events.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/threads.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

void write_partial_channel(json_writer& j, const world& w, const channel& c, base::user_id viewer) {
  j.begin_object();
  if (c.thread) {
    write_thread_fields(j, w.state, c, {viewer});
    j.bits_field("permissions", permissions_in_channel(w.state, c, viewer));
    return j.end_object();
  }
  j.field("id", c.id);
  j.field("type", c.type);
  j.field("guild_id", w.state.first().guild);
  j.field("name", c.name);
  j.field("position", c.position);
  j.id_or_null("parent_id", c.parent);
  j.field("nsfw", c.nsfw);
  j.key("topic");
  c.topic.empty() ? j.value(nullptr) : j.value(c.topic);
  j.id_or_null("last_message_id", c.last_message);
  j.field("rate_limit_per_user", c.rate_limit_per_user);
  j.field("flags", 0);
  j.bits_field("permissions", permissions_in_channel(w.state, c, viewer));
  j.end_object();
}

stored_message blank_answer(const world& w, const interaction& i, std::uint32_t flags) {
  stored_message m;
  m.author = w.state.bot().id;
  m.flags = flags;
  bool on_menu = i.target_user || i.target_message;
  auto command = on_menu ? message_types::context_menu_command : message_types::chat_input_command;
  m.type = i.type == interaction_type::command ? command : message_types::normal;
  m.need_extras().interaction = interaction_origin{
      i.id, i.type, i.user, i.name, i.original, i.source, i.target_user, i.target_message, i.trigger};
  return m;
}

outcome<const stored_message*> store_new(world& w, interaction& i, stored_message m) {
  bool hidden = m.flags & message_flags::ephemeral;
  m.id = hidden ? w.volatile_id<base::message_id>() : w.durable_id<base::message_id>();
  auto id = m.id;
  if (!i.original) i.original = id;
  if (hidden) {
    w.interactions.put_ephemeral(i, std::move(m));
  } else {
    auto& where = *w.state.find_channel(i.channel);
    if (where.thread) wake_thread(w, where, m.author);
    w.store_message(i.channel, std::move(m));
    i.public_messages.push_back(id);
  }
  return find_answer(w, i, id);
}

const stored_message* find_ephemeral(world& w, base::message_id id) {
  auto* owner = w.interactions.find_ephemeral(id);
  if (!owner) return nullptr;
  auto found = owner->ephemeral.find(id);
  return found == owner->ephemeral.end() ? nullptr : &found->second;
}

}  // namespace

std::string interaction_event(const world& w, const interaction& i, std::string_view data,
                              std::string_view source_message) {
  auto& state = w.state;
  auto* where = state.find_channel(i.channel);
  auto guild = state.first().guild;
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("id", i.id);
  j.field("application_id", state.application());
  j.field("type", i.type);
  j.field("version", 1);
  j.field("token", i.token);
  j.field("guild_id", guild);
  j.key("guild");
  j.begin_object();
  j.field("id", guild);
  j.raw(R"("locale":"en-US","features":[])");
  j.end_object();
  j.field("channel_id", i.channel);
  j.key("channel");
  write_partial_channel(j, w, *where, i.user);
  j.key("member");
  write_member(j, state, *state.find_member(i.user), true, permissions_in_channel(state, *where, i.user));
  j.bits_field("app_permissions", permissions_in_channel(state, *where, state.bot().id));
  j.raw(R"("locale":"en-US","guild_locale":"en-US","entitlements":[],"context":0)");
  j.key("authorizing_integration_owners");
  j.begin_object();
  j.field("0", guild);
  j.end_object();
  j.field("attachment_size_limit", w.options.upload_limit);
  if (!source_message.empty()) j.raw_field("message", source_message);
  j.raw_field("data", data);
  j.end_object();
  return text;
}

void tell_user(world& w, const interaction& i, std::string_view event) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("id", i.id);
  if (!i.nonce.empty()) j.raw_field("nonce", i.nonce);
  j.end_object();
  announce_to_user(w, i.user, event, std::move(text));
}

void fail_unanswered(world& w) {
  for (auto* late : w.interactions.take_unanswered(w.now)) tell_user(w, *late, "INTERACTION_FAILURE");
}

outcome<const stored_message*> make_answer(world& w, interaction& i, const message_draft& draft,
                                           std::uint32_t flags) {
  if (!w.state.find_channel(i.channel)) return errors::unknown_channel();
  auto m = blank_answer(w, i, flags);
  if (auto ok = apply_draft(w, draft, m); !ok) return ok.error();
  return store_new(w, i, std::move(m));
}

outcome<const stored_message*> make_loading(world& w, interaction& i, bool ephemeral) {
  if (!w.state.find_channel(i.channel)) return errors::unknown_channel();
  i.deferred = true;
  return store_new(w, i,
                   blank_answer(w, i, message_flags::loading | (ephemeral ? message_flags::ephemeral : 0)));
}

void announce_answer(world& w, const interaction& i, std::string_view event, const stored_message& m) {
  if (m.flags & message_flags::ephemeral) return announce_ephemeral(w, event, i.channel, m, i.user);
  if (auto* c = w.state.find_channel(i.channel)) announce_message(w, event, *c, m);
}

const stored_message* find_answer(world& w, const interaction& i, base::message_id id) {
  auto& mine = i.public_messages;
  bool is_public = std::find(mine.begin(), mine.end(), id) != mine.end();
  bool is_source = id == i.source && i.original == i.source;
  if (!is_public && !is_source && !i.ephemeral.contains(id)) return nullptr;
  if (auto* m = w.state.find_message(i.channel, id)) return m;
  return find_ephemeral(w, id);
}

const stored_message& store_answer(world& w, const interaction& i, stored_message edited) {
  auto id = edited.id;
  edited.edited_ms = to_unix_ms(w.now);
  const stored_message* stored = nullptr;
  if (edited.flags & message_flags::ephemeral) {
    w.interactions.put_ephemeral(*w.interactions.find_ephemeral(id), std::move(edited));
    stored = find_ephemeral(w, id);
  } else {
    stored = &w.store_message(i.channel, std::move(edited));
  }
  announce_answer(w, i, "MESSAGE_UPDATE", *stored);
  return *stored;
}

void remove_answer(world& w, const interaction& i, base::message_id id) {
  if (auto* hidden = find_ephemeral(w, id)) {
    w.forget_attachments(*hidden);
    w.interactions.remove_ephemeral(*w.interactions.find_ephemeral(id), id);
    return announce_ephemeral_removal(w, i.channel, id, i.user);
  }
  w.remove_messages(i.channel, std::span(&id, 1));
  announce_removal(w, *w.state.find_channel(i.channel), id);
}

reply answer_reply(const world& w, const interaction& i, const stored_message& m) {
  return message_reply(w, i.channel, m, w.state.bot().id);
}

}  // namespace dbcord::guild
