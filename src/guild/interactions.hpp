#pragma once
// Interactions between a person's client and the application (facts 3.12, 4.9): what both sides are told and
// the messages that answers make. Used by the routes; one caller at a time.

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "guild/call.hpp"
#include "guild/json_writer.hpp"
#include "guild/message_draft.hpp"
#include "guild/world.hpp"

namespace dbcord::guild {

namespace interaction_type {
inline constexpr int command = 2;
inline constexpr int component = 3;
inline constexpr int autocomplete = 4;
inline constexpr int modal_submit = 5;
}  // namespace interaction_type

// INTERACTION_CREATE for the application; `data` is the JSON text of its data, `source_message` that of the
// message with the component (empty: none).
std::string interaction_event(const world& w, const interaction& i, std::string_view data,
                              std::string_view source_message);
// INTERACTION_CREATE, INTERACTION_SUCCESS, INTERACTION_FAILURE for the person: {id, nonce}.
void tell_user(world& w, const interaction& i, std::string_view event);
void fail_unanswered(world& w);  // those whose 3 s are over

// Options as the person's client sent them, checked against the command.
struct checked_options {
  std::string options;   // JSON array text with real attachment ids
  std::string resolved;  // JSON object text, or empty
  std::vector<base::attachment_id> uploads;
};
outcome<checked_options> check_options(world& w, const app_command& command, const boost::json::object& data,
                                       const std::vector<uploaded_file>& files, base::channel_id where,
                                       bool autocomplete);

// A message that answers the interaction: stored in the channel, or kept with the interaction if it is
// ephemeral. The caller announces it.
outcome<const stored_message*> make_answer(world& w, interaction& i, const message_draft& draft,
                                           std::uint32_t flags);
outcome<const stored_message*> make_loading(world& w, interaction& i, bool ephemeral);
void announce_answer(world& w, const interaction& i, std::string_view event, const stored_message& m);
// One of its answers, or the message with the component that was used; nullptr if it was deleted.
const stored_message* find_answer(world& w, const interaction& i, base::message_id id);
// `edited`: a clone of the answer with its changes; stored in the place of the old one and told to everybody.
const stored_message& store_answer(world& w, const interaction& i, stored_message edited);
void remove_answer(world& w, const interaction& i, base::message_id id);
reply answer_reply(const world& w, const interaction& i, const stored_message& m);

}  // namespace dbcord::guild
