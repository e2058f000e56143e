// Editing a row in a form: /dbc_edit, and the command in the context menu of a row's message. The form's answer is /dbc_edit again,
// with the row's JSON and the version that the form showed.

#include <fmt/format.h>

#include "base/code_points.hpp"
#include "commands/arguments.hpp"
#include "commands/attached_file.hpp"
#include "commands/command_table.hpp"
#include "commands/form_draft.hpp"
#include "commands/handlers.hpp"
#include "commands/indented_json.hpp"
#include "commands/reply_text.hpp"
#include "commands/unfinished_restore.hpp"
#include "database/table_identity.hpp"
#include "protocol/row_message.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::commands {
namespace {

constexpr std::size_t longest_title = 45;  // code points

std::string title_of(const std::string& key) { return std::string(base::first_code_points("Edit " + key, longest_title)); }

// What sending the form replaces: that version of the row, in that table and no later one of its name.
struct edited_row {
  std::int64_t version = 0;
  std::string table_id;
};

reply form_for(const database::row& row, edited_row edited, const std::string& database, const std::string& table, const std::optional<std::string>& draft) {
  auto shown = draft ? *draft : indented_json(row.json);
  if (!draft && base::count_code_points(shown) > form_text_max) shown = row.json;
  if (base::count_code_points(shown) > form_text_max) {
    return failure(fmt::format("The row {} has {} characters, and a form takes {}; change it with `/dbc_update`, or give the whole row as a `file`.", quote_key(row.key), base::count_code_points(shown),
                               form_text_max));
  }
  reply r;
  form f;
  f.title = title_of(row.key);
  f.command = {"dbc_edit",
               {{"database", database},
                {"table", table},
                {"key", row.key},
                {"expected_version", edited.version},
                {std::string(table_id_argument), std::move(edited.table_id)}},
               false};
  f.fields.push_back({"row_json", fmt::format("The row as JSON (version {})", edited.version), std::move(shown)});
  r.opens = std::move(f);
  return r;
}

// A draft stays on the version that it was typed for, so that sending it overwrites nothing that nobody has seen. Behind a conflict, of which the person was
// told, it comes without one, and is shown on the row as it is now.
actor::task<reply> show_form(services s, invocation call, std::string database, std::string table, std::string key) {
  auto context = read_context_of(call);
  auto shown_table = co_await s.engine.inspect_table(database, table, context);  // before its row is read: if that is another one's, sending the form changes nothing
  if (!shown_table) co_return explain(s, call, shown_table.error());
  auto row = co_await s.engine.get(database, table, std::move(key), context);
  if (!row) co_return explain(s, call, row.error());
  edited_row edited{static_cast<std::int64_t>(row->version), database::short_table_id(shown_table->id)};
  if (call.draft && has_argument(call, "expected_version")) edited = {integer_argument(call, "expected_version", edited.version), call.table_id};
  co_return form_for(*row, std::move(edited), database, table, call.draft);
}

}  // namespace

actor::task<reply> dbc_edit(services s, invocation call) {
  auto database = text_argument(call, "database"), table = text_argument(call, "table"), key = text_argument(call, "key");
  if (opens_form(*find_command(call.name), call)) co_return co_await show_form(s, std::move(call), std::move(database), std::move(table), std::move(key));
  auto row = co_await text_or_file(s, call, "row_json");
  if (!row) co_return failure(row.error().message);
  auto context = write_context_of(call);
  context.expected_id = call.table_id;
  auto done = co_await s.engine.replace(database, table, key, std::move(row->text), std::move(context));
  if (!done) {
    auto refusal = explain_given(s, call, done.error(), "row_json", row->name);
    refusal.conflict = done.error().code == database::errc::conflict;
    co_return refusal;
  }
  reply r;
  r.text = fmt::format("Updated {} in `{}.{}`, now version {}{}. {}", quote_key(key), database, table, done->version,
                       done->repeated ? " (by an earlier delivery of this command)" : "", done->location.url());
  co_return r;
}

actor::task<reply> edit_row_of_message(services s, invocation call) {
  auto channel = base::parse_id<base::channel_id>(text_argument(call, "channel"));
  auto place = channel ? s.engine.locate(*channel) : std::nullopt;
  auto header = protocol::decode_row(text_argument(call, "content"));
  if (place && protocol::decode_page(text_argument(call, "content"))) {
    co_return failure(fmt::format("This message is a page of many rows; use `/dbc_edit database:{} table:{}` with the row's key.", place->database, place->table));
  }
  if (!place || !header) co_return failure("This message is no row of a table of dbcord; use this on a message of a #table- channel.");
  call.arguments["database"] = place->database;
  call.arguments["table"] = place->table;
  call.arguments["key"] = header->key;
  if (auto missing = missing_access(s.engine, *find_command("dbc_edit"), call)) co_return failure(std::move(*missing));
  if (auto unfinished = refusal_while_restoring(s.engine, *find_command("dbc_edit"), call)) co_return failure(std::move(*unfinished));
  co_return co_await show_form(s, std::move(call), place->database, place->table, header->key);
}

}  // namespace dbcord::commands
