#include "commands/form_draft.hpp"

#include "commands/arguments.hpp"

namespace dbcord::commands {
namespace {

constexpr std::string_view draft_argument = "draft";  // of buttons; of no command

}  // namespace

std::optional<form_draft> draft_of(const command& definition, const invocation& call) {
  if (!call.by_control || definition.form_unless.empty() || !has_argument(call, definition.form_unless)) return std::nullopt;
  form_draft draft{text_argument(call, definition.form_unless), {call.name, call.arguments, false}};
  auto& arguments = draft.again.arguments;
  arguments.erase(arguments.find(definition.form_unless));
  arguments[std::string(draft_argument)] = draft.text;
  return draft;
}

void give_back(reply& refusal, form_draft draft) {
  refusal.draft = std::move(draft.text);
  if (refusal.conflict) draft.again.arguments.erase("expected_version");  // the person knows, and edits the row as it is then
  refusal.buttons.push_back({"Edit again", std::move(draft.again), button_style::primary});
}

void take_draft(const command& definition, invocation& call) {
  auto given = call.arguments.find(draft_argument);
  if (!call.by_control || definition.form_unless.empty() || given == call.arguments.end()) return;
  call.draft = text_argument(call, draft_argument);
  call.arguments.erase(given);
}

}  // namespace dbcord::commands
