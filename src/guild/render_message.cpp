#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "dbcord/base/time_text.hpp"
#include "guild/json_read.hpp"
#include "guild/render.hpp"
#include "guild/text.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

struct context {
  const guild_state& state;
  const attachment_urls& urls;
  base::channel_id where;
  base::system_time now;
};

constexpr std::string_view attachment_scheme = "attachment://";

// Embeds name uploaded files as attachment://name; what is shown is the file's URL.
void resolve_attachment_links(json::value& value, const context& c, const message_extras& extras) {
  if (auto* array = value.if_array()) {
    for (auto& item : *array) resolve_attachment_links(item, c, extras);
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object) resolve_attachment_links(member.value(), c, extras);
  } else if (auto text = as_text(value); text && text->starts_with(attachment_scheme)) {
    auto name = text->substr(attachment_scheme.size());
    for (auto& file : extras.attachments) {
      if (file.filename == name) {
        value = c.urls.sign(c.where, file, c.now);
        return;
      }
    }
  }
}

std::string shown_json(const std::string& stored, const context& c, const message_extras& extras) {
  if (stored.empty()) return "[]";
  if (stored.find(attachment_scheme) == stored.npos) return stored;
  auto value = parse_json(stored);
  if (!value) return stored;
  resolve_attachment_links(*value, c, extras);
  return json::serialize(*value);
}

void write_owners(json_writer& w, const guild_state& state) {
  w.key("authorizing_integration_owners");
  w.begin_object();
  w.field("0", state.first().guild);
  w.end_object();
}

// What opened the modal.
void write_trigger(json_writer& w, const guild_state& state, const interaction_trigger& trigger, const user* who) {
  w.key("triggering_interaction_metadata");
  w.begin_object();
  w.field("id", trigger.id);
  w.field("type", trigger.type);
  if (who) {
    w.key("user");
    write_user(w, *who);
  }
  write_owners(w, state);
  if (!trigger.name.empty()) w.field("name", trigger.name);
  if (trigger.type == 2) w.field("command_type", 1);
  if (trigger.interacted_message) w.field("interacted_message_id", trigger.interacted_message);
  w.end_object();
}

void write_interaction_origin(json_writer& w, const guild_state& state, const interaction_origin& origin) {
  auto* who = state.find_user(origin.user);
  w.key("interaction_metadata");
  w.begin_object();
  w.field("id", origin.id);
  w.field("type", origin.type);
  if (who) {
    w.key("user");
    write_user(w, *who);
  }
  write_owners(w, state);
  if (!origin.name.empty()) w.field("name", origin.name);
  if (origin.type == 2) w.field("command_type", origin.target_user ? 2 : origin.target_message ? 3 : 1);
  if (origin.target_message) w.field("target_message_id", origin.target_message);
  if (auto* target = origin.target_user ? state.find_user(origin.target_user) : nullptr) {
    w.key("target_user");
    write_user(w, *target);
  }
  if (origin.original_response) w.field("original_response_message_id", origin.original_response);
  bool by_component = origin.type == 3 && origin.interacted_message;
  if (by_component) w.field("interacted_message_id", origin.interacted_message);
  if (origin.trigger) write_trigger(w, state, *origin.trigger, who);
  w.end_object();
  if (origin.type != 2 || !who) return;
  w.key("interaction");
  w.begin_object();
  w.field("id", origin.id);
  w.field("type", origin.type);
  w.field("name", origin.name);
  w.key("user");
  write_user(w, *who);
  w.end_object();
}

void write_mentions(json_writer& w, const context& c, const message_extras* extras) {
  w.field("mention_everyone", extras && extras->mention_everyone);
  w.key("mentions");
  w.begin_array();
  if (extras) {
    for (auto id : extras->mentions) {
      if (auto* who = c.state.find_user(id)) write_user(w, *who);
    }
  }
  w.end_array();
  w.key("mention_roles");
  w.begin_array();
  if (extras) {
    for (auto id : extras->mention_roles) w.value(id);
  }
  w.end_array();
}

void write_body(json_writer& w, const context& c, const stored_message& m, bool with_content) {
  auto* extras = with_content ? m.extras.get() : nullptr;
  w.field("content", with_content ? std::string_view(m.content) : std::string_view());
  w.key("attachments");
  w.begin_array();
  if (extras) {
    for (auto& file : extras->attachments) {
      write_attachment(w, c.urls, c.where, file, m.flags & message_flags::ephemeral, c.now);
    }
  }
  w.end_array();
  w.raw_field("embeds", extras ? shown_json(extras->embeds, c, *extras) : "[]");
  w.raw_field("components", extras ? shown_json(extras->components, c, *extras) : "[]");
}

void write_referenced(const context& c, const message_extras& extras, json_writer& w, bool with_content) {
  w.key("referenced_message");
  auto* target = c.state.find_message(c.where, extras.reference);
  if (!target) return w.value(nullptr);
  // One level only: what the target itself refers to is not looked up.
  w.begin_object();
  w.field("id", target->id);
  w.field("channel_id", c.where);
  w.key("author");
  write_user(w, *c.state.find_user(target->author));
  w.field("type", static_cast<int>(target->type));
  w.field("timestamp", base::to_iso8601(base::created_at(target->id)));
  w.field("edited_timestamp", nullptr);
  w.field("flags", target->flags);
  w.field("tts", false);
  w.field("pinned", false);
  write_mentions(w, c, target->extras.get());
  write_body(w, c, *target, with_content);
  w.end_object();
}

void write_reference(json_writer& w, const context& c, const stored_message& m, bool with_content) {
  auto id = m.extras->reference;
  auto where = m.extras->reference_channel ? m.extras->reference_channel : c.where;
  w.key("message_reference");
  w.begin_object();
  w.field("type", 0);
  if (id) w.field("message_id", id);
  w.field("channel_id", where);
  w.field("guild_id", c.state.first().guild);
  w.end_object();
  bool looked_up = m.type == message_types::reply || m.type == message_types::thread_starter;
  if (looked_up) write_referenced({c.state, c.urls, where, c.now}, *m.extras, w, with_content);
}
void write_reactions(json_writer& w, const message_extras& extras, base::user_id viewer) {
  w.key("reactions");
  w.begin_array();
  for (auto& r : extras.reactions) {
    w.begin_object();
    w.field("count", r.users.size());
    w.key("count_details");
    w.begin_object();
    w.field("burst", 0);
    w.field("normal", r.users.size());
    w.end_object();
    w.field("me", std::find(r.users.begin(), r.users.end(), viewer) != r.users.end());
    w.raw(R"("me_burst":false,"burst_colors":[])");
    w.key("emoji");
    w.begin_object();
    w.field("id", nullptr);
    w.field("name", r.emoji);
    w.end_object();
    w.end_object();
  }
  w.end_array();
}

void write_event_fields(json_writer& w, const context& c, const stored_message& m) {
  // Ephemeral messages carry neither guild nor member (facts 4.9).
  if (m.flags & message_flags::ephemeral) return;
  w.field("guild_id", c.state.first().guild);
  auto* where = c.state.find_channel(c.where);
  w.field("channel_type", where ? where->type : channel_types::text);
  bool by_webhook = m.extras && m.extras->interaction;
  auto* author = c.state.find_member(m.author);
  if (!author || by_webhook) return;
  w.key("member");
  write_member(w, c.state, *author, false);
}

// Those before it. Removed ones that the table still has do not count: after a restart it has them no more.
std::size_t count_before(const message_table& messages, base::message_id id) {
  bool none_removed = messages.rank({UINT64_MAX}) == messages.size();
  if (none_removed) return messages.rank(id);
  std::size_t count = 0;
  messages.for_each([&](const message_entry& entry) { count += entry.id < id; });
  return count;
}

// Where a message stands in its thread, approximately (facts 3.8): deleting moves those behind it.
void write_position(json_writer& w, const context& c, base::message_id id) {
  auto* where = c.state.find_channel(c.where);
  if (where && where->thread) w.field("position", count_before(where->messages, id));
}

void write_thread_of(json_writer& w, const context& c, base::message_id id) {
  auto* thread = c.state.find_channel({id.value});
  if (!thread) return;
  w.key("thread");
  write_channel(w, c.state, *thread);
}

}  // namespace

void write_attachment(json_writer& w, const attachment_urls& urls, base::channel_id where,
                      const attachment& file, bool ephemeral, base::system_time now) {
  auto url = urls.sign(where, file, now);
  w.begin_object();
  w.field("id", file.id);
  w.field("filename", file.filename);
  if (!file.title.empty()) w.field("title", file.title);
  if (!file.description.empty()) w.field("description", file.description);
  w.field("content_type", guess_content_type(file.filename));
  w.field("size", file.size);
  w.field("url", url);
  w.field("proxy_url", url);
  w.field("flags", 0);
  if (ephemeral) w.field("ephemeral", true);
  w.end_object();
}

void write_message(json_writer& w, const guild_state& state, const attachment_urls& urls,
                   base::channel_id where, const stored_message& m, message_view view,
                   base::system_time now) {
  context c{state, urls, where, now};
  auto* extras = m.extras.get();
  w.begin_object();
  w.field("id", m.id);
  w.field("channel_id", where);
  w.field("type", static_cast<int>(m.type));
  w.key("author");
  write_user(w, *state.find_user(m.author));
  write_body(w, c, m, view.with_content);
  w.field("timestamp", base::to_iso8601(base::created_at(m.id)));
  if (m.edited_ms) {
    w.field("edited_timestamp", base::to_iso8601(from_unix_ms(m.edited_ms)));
  } else {
    w.field("edited_timestamp", nullptr);
  }
  w.raw(R"("tts":false)");
  w.field("pinned", extras && extras->pinned_ms);
  if (view.search_hit) w.field("hit", true);
  if (extras && !extras->reactions.empty() && !view.search_hit) write_reactions(w, *extras, view.viewer);
  w.field("flags", m.flags);
  write_position(w, c, m.id);
  write_mentions(w, c, extras);
  if (!view.nonce.empty()) w.raw_field("nonce", view.nonce);
  if (extras && extras->interaction) {
    w.field("application_id", state.application());
    w.field("webhook_id", state.application());
    write_interaction_origin(w, state, *extras->interaction);
  }
  if (extras && (extras->reference || extras->reference_channel)) write_reference(w, c, m, view.with_content);
  if (m.flags & message_flags::has_thread) write_thread_of(w, c, m.id);
  if (view.in_event) write_event_fields(w, c, m);
  w.end_object();
}

}  // namespace dbcord::guild
