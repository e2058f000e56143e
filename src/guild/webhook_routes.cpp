// Follow-ups of an interaction by its token (facts 4.9): @original and further messages.

#include <boost/json.hpp>

#include "guild/events.hpp"
#include "guild/interactions.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {
namespace {

constexpr std::string_view token_prefix = "aW50ZXJhY3Rpb246";  // base64 of "interaction:"

outcome<interaction*> need_answered(world& w, const call& c) {
  auto app = c.id<base::application_id>(0, "webhook_id");
  if (!app) return app.error();
  if (*app != w.state.application()) return errors::unknown_webhook();
  auto& token = c.parameters[1];
  auto* i = w.interactions.find_token(token);
  bool expired = i && i->created + interaction_table::token_life <= w.now;
  if (!i || expired) {
    return token.starts_with(token_prefix) ? errors::invalid_webhook_token() : errors::unknown_webhook();
  }
  if (i->phase != interaction_phase::answered) return errors::unknown_webhook();
  return i;
}

struct found_answer {
  interaction* owner;
  const stored_message* message;
};

outcome<found_answer> need_answer(world& w, const call& c) {
  auto i = need_answered(w, c);
  if (!i) return i.error();
  auto id = (*i)->original;
  if (c.parameters[2] != "@original") {
    auto parsed = c.id<base::message_id>(2, "message_id");
    if (!parsed) return parsed.error();
    id = *parsed;
  }
  auto* m = id ? find_answer(w, **i, id) : nullptr;
  if (!m) return errors::unknown_message();
  return found_answer{*i, m};
}

outcome<message_draft> read_answer_draft(const world& w, const call& c) {
  auto form = read_form(c.request);
  if (!form) return form.error();
  return read_draft(w, form->payload, std::move(form->files), draft_kind::interaction);
}

outcome<const stored_message*> edit(world& w, interaction& i, const stored_message& before,
                                    const message_draft& draft) {
  auto m = before.clone();
  if (auto ok = apply_draft(w, draft, m); !ok) return ok.error();
  m.flags &= ~message_flags::loading;
  if (draft.flags) {
    m.flags = (m.flags & ~message_flags::suppress_embeds) | (*draft.flags & message_flags::suppress_embeds);
  }
  return &store_answer(w, i, std::move(m));
}

}  // namespace

outcome<reply> create_follow_up(world& w, const call& c) {
  auto found = need_answered(w, c);
  if (!found) return found.error();
  auto& i = **found;
  auto draft = read_answer_draft(w, c);
  if (!draft) return draft.error();
  auto* original = i.original ? find_answer(w, i, i.original) : nullptr;
  bool fills = i.deferred && original && original->flags & message_flags::loading;
  auto flags = draft->flags.value_or(0) & (message_flags::settable_on_create | message_flags::ephemeral);
  auto made = fills ? edit(w, i, *original, *draft) : make_answer(w, i, *draft, flags);
  if (!made) return made.error();
  if (!fills) announce_answer(w, i, "MESSAGE_CREATE", **made);
  return answer_reply(w, i, **made);
}

outcome<reply> get_follow_up(world& w, const call& c) {
  auto found = need_answer(w, c);
  if (!found) return found.error();
  return answer_reply(w, *found->owner, *found->message);
}

outcome<reply> edit_follow_up(world& w, const call& c) {
  auto found = need_answer(w, c);
  if (!found) return found.error();
  auto draft = read_answer_draft(w, c);
  if (!draft) return draft.error();
  auto changed = edit(w, *found->owner, *found->message, *draft);
  if (!changed) return changed.error();
  return answer_reply(w, *found->owner, **changed);
}

outcome<reply> delete_follow_up(world& w, const call& c) {
  auto found = need_answer(w, c);
  if (!found) return found.error();
  remove_answer(w, *found->owner, found->message->id);
  return reply::empty();
}

}  // namespace dbcord::guild
