#pragma once
// What was typed into a form outlives a refusal: it stands in the reply, with a button that opens the form with it again. Pure, any thread.

#include <optional>
#include <string>

#include "commands/command.hpp"

namespace dbcord::commands {

struct form_draft {
  std::string text;
  prepared_command again;
};

// Of a form that was sent; empty: the call is none.
std::optional<form_draft> draft_of(const command& definition, const invocation& call);
void give_back(reply& refusal, form_draft draft);
// Which table a form is about.
inline constexpr std::string_view table_id_argument = "t";  // short: it stands in a custom_id
// Of such a button or form: moves `draft` and this from the arguments, where only it can have put them, to where the call has them.
void take_hidden_arguments(const command& definition, invocation& call);

}  // namespace dbcord::commands
