// What people type, press and upload: command lines, queries, buttons, import files, .env files. Input: the text; import files of JSON take their first line as
// the path into the document.

#include "app/dot_env.hpp"
#include "bot/prepared_commands.hpp"
#include "commands/command_line.hpp"
#include "commands/csv_file.hpp"
#include "commands/import_file.hpp"
#include "commands/json_scan.hpp"
#include "fuzz/fuzz_input.hpp"
#include "protocol/json_node.hpp"
#include "protocol/predicate.hpp"
#include "protocol/projection.hpp"

using namespace dbcord;

namespace {

void query(std::string_view where_json, std::string_view row_json) {
  (void)protocol::sort_order::parse(where_json);
  auto row = protocol::parse_json(row_json);
  if (!row) return;
  if (auto fields = protocol::projection::parse(where_json)) (void)fields->apply(*row);
  auto where = protocol::predicate::parse(where_json);
  if (!where) return;
  fuzz::promise(where->matches(protocol::to_json(*row)) == where->matches(*row), "a row's text matches as the row does");
}

// A record that is sent on by itself, below the header, is the row that it was in its file.
void csv(std::string_view text) {
  auto rows = commands::cut_csv_file(text, "", {});
  auto records = commands::cut_csv_records(text, "");
  fuzz::promise(rows.has_value() == records.has_value(), "a file is refused as a whole either way");
  if (!rows) return;
  auto part = records->header + '\n';
  for (const auto& record : records->records.rows) part += record.json + '\n';
  auto again = commands::cut_csv_file(part, "", {});
  fuzz::promise(again && again->rows.size() == rows->rows.size() && again->refused.size() == rows->refused.size(), "parts have the rows of the whole");
  for (std::size_t i = 0; i < rows->rows.size(); ++i) {
    fuzz::promise(again->rows[i].json == rows->rows[i].json, "a row is the same in a part");
    fuzz::promise(commands::scan_document(rows->rows[i].json).good(), "a row of CSV is JSON");
  }
}

// Which custom_id comes back is up to whoever sends the interaction.
void press(std::string_view custom_id) {
  base::seeded_random random(1);
  bot::prepared_commands prepared(random);
  auto command = prepared.find(custom_id);
  if (!command) return;
  auto shown = prepared.custom_id(*command);
  fuzz::promise(shown.size() <= bot::prepared_commands::custom_id_max, "a button's id is as short as Discord wants it");
  auto again = prepared.find(shown);
  bool same = again && again->name == command->name && again->arguments == command->arguments && again->in_place == command->in_place;
  fuzz::promise(same, "a button does what was prepared");
}

}  // namespace

DBCORD_FUZZ_TARGET(fuzz_user_input, data, size) {
  static const auto commands = commands::command_definitions();
  auto text = fuzz::text_of(data, size);
  (void)commands::parse_command_line(text, commands);
  (void)app::parse_dot_env(text);
  press(text);
  auto rest = text;
  auto first = fuzz::take_line(rest);
  query(first, rest);
  csv(text);
  auto content = commands::cut_import_file(rest, first);
  if (!content) return 0;
  fuzz::promise(content->lines.size() == content->rows.size(), "every row has its line");
  for (auto& row : content->rows) fuzz::promise(protocol::parse_json(row.json).has_value(), "a row that is cut out is JSON");
  return 0;
}
