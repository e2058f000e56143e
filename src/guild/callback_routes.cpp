// POST /interactions/{id}/{token}/callback: the application's first answer (facts 4.9).

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "guild/component_form.hpp"
#include "guild/component_ids.hpp"
#include "guild/events.hpp"
#include "guild/interactions.hpp"
#include "guild/json_read.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

enum callback_type {
  answer = 4,
  deferred_answer = 5,
  deferred_update = 6,
  update = 7,
  autocomplete_result = 8,
  modal = 9
};

constexpr std::size_t suggestions_max = 25;
constexpr std::size_t choice_text_max = 100;  // code points

outcome<interaction*> need_waiting(world& w, const call& c) {
  auto id = c.id<base::interaction_id>(0, "interaction_id");
  if (!id) return id.error();
  auto* i = w.interactions.find(*id);
  if (!i || i->token != c.parameters[1]) return errors::unknown_interaction();
  if (i->phase == interaction_phase::answered) return errors::already_acknowledged();
  bool late = i->created + interaction_table::answer_within <= w.now;
  if (late || i->phase == interaction_phase::failed) return errors::unknown_interaction();
  return i;
}

bool is_possible(const interaction& i, std::int64_t callback) {
  if (i.type == interaction_type::autocomplete) return callback == autocomplete_result;
  if (callback == answer || callback == deferred_answer) return true;
  if (callback == modal) return i.type != interaction_type::modal_submit;
  // Also a modal that a component opened changes the message with that component.
  return i.source && (callback == deferred_update || callback == update);
}

// What a callback led to: the event that tells of the message, if there is one.
struct callback_result {
  const stored_message* message = nullptr;
  std::string_view event;
};

outcome<callback_result> run_answer(world& w, interaction& i, request_form& form, const json::value& data) {
  auto draft = read_draft(w, data, std::move(form.files), draft_kind::interaction);
  if (!draft) return draft.error();
  auto flags = draft->flags.value_or(0) & (message_flags::settable_on_create | message_flags::ephemeral);
  auto made = make_answer(w, i, *draft, flags);
  if (!made) return made.error();
  return callback_result{*made, "MESSAGE_CREATE"};
}

outcome<callback_result> run_deferred(world& w, interaction& i, const json::value& data) {
  auto* o = data.if_object();
  auto flags = o ? integer_field(*o, "flags").value_or(0) : 0;
  auto made = make_loading(w, i, flags & message_flags::ephemeral);
  if (!made) return made.error();
  return callback_result{*made, "MESSAGE_CREATE"};
}

outcome<callback_result> run_update(world& w, interaction& i, request_form& form, const json::value& data) {
  auto draft = read_draft(w, data, std::move(form.files), draft_kind::interaction);
  if (!draft) return draft.error();
  i.original = i.source;
  auto* source = find_answer(w, i, i.source);
  if (!source) return errors::unknown_message();
  auto m = source->clone();
  if (auto ok = apply_draft(w, *draft, m); !ok) return ok.error();
  return callback_result{&store_answer(w, i, std::move(m)), {}};
}

std::optional<api_error> check_choices(const json::array& choices) {
  form_errors errors;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    auto place = fmt::format("data.choices.{}", i);
    auto* o = choices[i].if_object();
    auto name = o ? text_field(*o, "name") : std::nullopt;
    auto* value = o ? find_value(*o, "value") : nullptr;
    auto length = count_code_points(name.value_or(std::string_view()));
    if (length < 1 || length > choice_text_max) errors.too_long(place + ".name", 1, choice_text_max);
    auto text = value ? as_text(*value) : std::nullopt;
    if (text && count_code_points(*text) > choice_text_max) errors.too_long(place + ".value", 1, choice_text_max);
    if (!text && !(value && value->is_number())) errors.required(place + ".value");
  }
  if (errors.empty()) return std::nullopt;
  return errors.take();
}

outcome<callback_result> run_choices(world& w, interaction& i, const json::value& data) {
  auto* o = data.if_object();
  auto* choices = o ? array_field(*o, "choices") : nullptr;
  if (!choices) return form_error("data.choices", "BASE_TYPE_REQUIRED", "This field is required");
  if (choices->size() > suggestions_max) {
    return form_error("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.");
  }
  if (auto wrong = check_choices(*choices)) return *wrong;
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.raw_field("choices", json::serialize(*choices));
  if (!i.nonce.empty()) j.raw_field("nonce", i.nonce);
  j.end_object();
  announce_to_user(w, i.user, "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE", std::move(text));
  return callback_result{};
}

outcome<callback_result> run_modal(world& w, interaction& i, const json::value& data) {
  auto* o = data.if_object();
  if (!o) return form_error("data", "BASE_TYPE_REQUIRED", "This field is required");
  form_errors errors;
  check_modal(*o, errors);
  if (!errors.empty()) return errors.take();
  auto modal = *o;
  number_components(modal["components"].as_array());
  w.interactions.open_modal(i, json::serialize(modal));
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("id", i.id);
  j.field("channel_id", i.channel);
  if (!i.nonce.empty()) j.raw_field("nonce", i.nonce);
  j.key("application");
  j.begin_object();
  j.field("id", w.state.application());
  j.field("name", w.state.bot().username);
  j.end_object();
  for (auto& [key, value] : modal) j.raw_field(key, json::serialize(value));
  j.end_object();
  announce_to_user(w, i.user, "INTERACTION_MODAL_CREATE", std::move(text));
  return callback_result{};
}

outcome<callback_result> run(world& w, interaction& i, std::int64_t type, request_form& form,
                             const json::value& data) {
  switch (type) {
    case answer:
      return run_answer(w, i, form, data);
    case deferred_answer:
      return run_deferred(w, i, data);
    case update:
      return run_update(w, i, form, data);
    case autocomplete_result:
      return run_choices(w, i, data);
    case modal:
      return run_modal(w, i, data);
    default:
      i.original = i.source;
      return callback_result{};  // deferred update: nothing to be seen yet
  }
}

reply response(const world& w, const interaction& i, std::int64_t type, const stored_message* m) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.key("interaction");
  j.begin_object();
  j.field("id", i.id);
  j.field("type", i.type);
  if (m) {
    j.field("response_message_id", m->id);
    j.field("response_message_loading", (m->flags & message_flags::loading) != 0);
    j.field("response_message_ephemeral", (m->flags & message_flags::ephemeral) != 0);
  }
  j.end_object();
  if (m) {
    j.key("resource");
    j.begin_object();
    j.field("type", type);
    j.key("message");
    write_message(j, w.state, w.urls, i.channel, *m, {}, w.now);
    j.end_object();
  }
  j.end_object();
  return reply::json(std::move(text));
}

}  // namespace

outcome<reply> answer_interaction(world& w, const call& c) {
  auto found = need_waiting(w, c);
  if (!found) return found.error();
  auto& i = **found;
  auto form = read_form(c.request);
  if (!form) return form.error();
  auto* body = form->payload.if_object();
  auto type = body ? integer_field(*body, "type") : std::nullopt;
  if (!type || !is_possible(i, *type)) {
    return form_error("type", "BASE_TYPE_CHOICES",
                      "This type of callback does not answer this type of interaction.");
  }
  auto* data = body->if_contains("data");
  static const json::value no_data = json::object();
  auto result = run(w, i, *type, *form, data ? *data : no_data);
  if (!result) return result.error();
  i.phase = interaction_phase::answered;
  if (i.type != interaction_type::autocomplete) tell_user(w, i, "INTERACTION_SUCCESS");
  if (!result->event.empty()) announce_answer(w, i, result->event, *result->message);
  if (!c.query.flag("with_response")) return reply::empty();
  return response(w, i, *type, result->message);
}

}  // namespace dbcord::guild
