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
  if (!call.table_id.empty()) arguments[std::string(table_id_argument)] = call.table_id;
  return draft;
}

void give_back(reply& refusal, form_draft draft) {
  refusal.draft = std::move(draft.text);
  if (refusal.conflict) {  // the person knows, and edits the row as it is then
    draft.again.arguments.erase("expected_version");
    draft.again.arguments.erase(std::string(table_id_argument));
  }
  refusal.buttons.push_back({"Edit again", std::move(draft.again), button_style::primary});
}

void take_hidden_arguments(const command& definition, invocation& call) {
  if (!call.by_control || definition.form_unless.empty()) return;
  if (has_argument(call, draft_argument)) call.draft = text_argument(call, draft_argument);
  call.table_id = text_argument(call, table_id_argument);
  call.arguments.erase(std::string(draft_argument));
  call.arguments.erase(std::string(table_id_argument));
}

}  // namespace dbcord::commands
