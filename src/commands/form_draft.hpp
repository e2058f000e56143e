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
// Of that button: moves the text from the arguments, where only a button can have put it, to `draft`.
void take_draft(const command& definition, invocation& call);

}  // namespace dbcord::commands
