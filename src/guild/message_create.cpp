// Writing messages: create and edit (facts 4.5).

#include <boost/json.hpp>

#include "guild/events.hpp"
#include "guild/message_draft.hpp"
#include "guild/permissions.hpp"
#include "guild/routes.hpp"
#include "guild/system_message.hpp"
#include "guild/threads.hpp"
#include "guild/unix_time.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t request_max = 25 * 1024 * 1024;  // bytes; Discord docs, Create Message

outcome<message_draft> read_message_draft(const world& w, const call& c, std::uint64_t bits) {
  auto form = read_form(c.request);
  if (!form) return form.error();
  auto draft = read_draft(w, form->payload, std::move(form->files), draft_kind::message);
  if (!draft) return draft;
  if (!draft->files.empty() && !(bits & permission::attach_files)) return errors::missing_permissions();
  bool embeds = draft->embeds && !draft->embeds->empty();
  if (embeds && !(bits & permission::embed_links)) return errors::missing_permissions();
  return draft;
}

// The answer to a repeated create, if this is one.
std::optional<outcome<reply>> find_repeated(world& w, const call& c, const message_draft& draft) {
  if (!draft.enforce_nonce || draft.nonce.empty()) return std::nullopt;
  auto made = w.state.nonces.find(c.caller->id, draft.nonce, w.now);
  if (!made || (c.by_bot() && w.faults.forgets_nonce())) return std::nullopt;
  auto* first = w.state.find_message(made->channel, made->message);
  if (!first) return outcome<reply>(errors::unknown_message());
  return outcome<reply>(message_reply(w, made->channel, *first, c.caller->id, draft.nonce));
}

outcome<void> set_reference(const world& w, base::channel_id where, const message_draft& draft,
                            stored_message& m) {
  if (!draft.reference) return {};
  if (!w.state.has_message(where, draft.reference)) {
    if (!draft.fail_if_not_exists) return {};
    return form_error("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message");
  }
  m.type = message_types::reply;
  m.need_extras().reference = draft.reference;
  return {};
}

// Only SUPPRESS_EMBEDS can be changed by an edit (facts 4.5).
void set_edited_flags(const message_draft& draft, stored_message& m) {
  if (!draft.flags) return;
  m.flags = (m.flags & ~message_flags::suppress_embeds) | (*draft.flags & message_flags::suppress_embeds);
}

bool changes_body(const message_draft& d) {
  return d.content || d.embeds || d.components || d.attachments || !d.files.empty();
}

// Edits of old messages have a limit of their own, code 30046.
outcome<void> admit_old_edit(world& w, const call& c, base::channel_id where, base::message_id id) {
  bool old = base::created_at(id) + old_message_age <= w.now;
  if (!old || !w.options.rate_limits || !c.by_bot()) return {};
  auto verdict = w.limits.admit(*find_rate_rule("old message edit"), where.value, w.now);
  if (verdict.admitted) return {};
  auto wait = std::chrono::ceil<std::chrono::milliseconds>(verdict.reset - w.now);
  return api_error{429,
                   30046,
                   "Maximum number of edits to messages older than 1 hour reached. Try again later.",
                   {},
                   wait};
}

}  // namespace

outcome<reply> create_message(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  auto& where = **found;
  if (!channel_types::holds_messages(where.type)) return errors::not_a_text_channel();
  auto bits = permissions_in_channel(w.state, where, c.caller->id);
  if (!(bits & permission::send_messages)) return errors::missing_permissions();
  if (where.thread) {
    if (auto ok = may_write_in_thread(w, where, bits); !ok) return ok.error();
  }
  if (c.request.body.size() > request_max) return errors::too_large();
  auto draft = read_message_draft(w, c, bits);
  if (!draft) return draft.error();
  if (auto repeated = find_repeated(w, c, *draft)) return std::move(*repeated);
  stored_message m;
  m.author = c.caller->id;
  m.flags = draft->flags.value_or(0) & message_flags::settable_on_create;
  if (auto ok = set_reference(w, where.id, *draft, m); !ok) return ok.error();
  if (m.type == message_types::reply && !(bits & permission::read_message_history))
    return errors::missing_permissions();
  if (auto ok = apply_draft(w, *draft, m); !ok) return ok.error();
  if (!(bits & permission::mention_everyone) && m.extras) m.extras->mention_everyone = false;
  if (where.thread) wake_thread(w, where, c.caller->id);
  auto behind = w.faults.draw_id_behind();
  m.id = behind ? w.state.ids.next_behind<base::message_id>(w.now, *behind) : w.durable_id<base::message_id>();
  auto& made = w.store_message(where.id, std::move(m), draft->nonce);
  announce_message(w, "MESSAGE_CREATE", where, made, draft->nonce);
  return message_reply(w, where.id, made, c.caller->id, draft->nonce);
}

outcome<reply> edit_message(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  auto& where = **found;
  auto id = c.id<base::message_id>(1, "message_id");
  if (!id) return id.error();
  auto* before = w.state.find_message(where.id, *id);
  if (!before) return errors::unknown_message();
  auto bits = permissions_in_channel(w.state, where, c.caller->id);
  auto draft = read_message_draft(w, c, bits);
  if (!draft) return draft.error();
  bool own = before->author == c.caller->id;
  if (where.thread && where.thread->archived) return errors::thread_archived();
  if (!is_users_message(*before)) return errors::system_message();
  if (!own && changes_body(*draft)) return errors::not_the_author();
  if (!own && !(bits & permission::manage_messages)) return errors::missing_permissions();
  if (auto ok = admit_old_edit(w, c, where.id, *id); !ok) return ok.error();
  auto m = before->clone();
  if (own) {
    if (auto ok = apply_draft(w, *draft, m); !ok) return ok.error();
    if (changes_body(*draft)) m.edited_ms = to_unix_ms(w.now);
  }
  set_edited_flags(*draft, m);
  auto& changed = w.store_message(where.id, std::move(m));
  announce_message(w, "MESSAGE_UPDATE", where, changed);
  return message_reply(w, where.id, changed, c.caller->id);
}

outcome<reply> trigger_typing(world& w, const call& c) {
  auto found = need_channel(w, c, permission::send_messages);
  if (!found) return found.error();
  return reply::empty();  // nobody here shows who types
}

}  // namespace dbcord::guild
