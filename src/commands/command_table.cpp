#include "commands/command_table.hpp"

#include <fmt/format.h>

#include <map>

#include "commands/arguments.hpp"
#include "commands/file_format.hpp"
#include "commands/form_draft.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/unfinished_restore.hpp"

namespace dbcord::commands {
namespace {

argument text(std::string_view name, std::string_view description, completion complete = completion::none) {
  return {name, description, argument_kind::text, true, complete};
}

argument object(std::string_view name, std::string_view description) { return {name, description, argument_kind::json}; }

argument word(std::string_view name, std::string_view description, std::vector<std::string> words) {
  return {name, description, argument_kind::text, true, completion::word, 0, 0, std::move(words)};
}

argument number(std::string_view name, std::string_view description, std::int64_t min, std::int64_t max) {
  return {name, description, argument_kind::integer, false, completion::none, min, max};
}

argument flag(std::string_view name, std::string_view description) {
  return {name, description, argument_kind::boolean, false};
}

argument optional(argument a) {
  a.required = false;
  return a;
}

// It may come as the attachment that file_instead() describes.
argument or_file(argument a) {
  a.required = false;
  a.or_file = "file";
  return a;
}

argument file_instead(std::string_view description) { return {"file", description, argument_kind::attachment, false}; }

argument needed(argument a) {
  a.required = true;
  return a;
}

constexpr base::duration token_limit = std::chrono::minutes(13);   // within the 15 minutes of an interaction's token, behind which no file or page can be shown
constexpr base::duration set_up_limit = std::chrono::minutes(3);   // several channels, and the lease of section 6
constexpr base::duration row_limit = std::chrono::minutes(1);
constexpr base::duration job_limit = std::chrono::hours(6);         // long work outlives its token

// What a command needs in the database that it names, where that is not reading.
void set_access_levels(std::vector<command>& commands) {
  using protocol::access_level;
  static const std::map<std::string_view, access_level> levels{
      {"dbc_init", access_level::none},          {"dbc_database_list", access_level::none}, {"dbc_jobs", access_level::none},
      {"Edit row", access_level::none},          {"dbc_insert", access_level::write},       {"dbc_update", access_level::write},
      {"dbc_delete", access_level::write},       {"dbc_edit", access_level::write},         {"dbc_txn", access_level::write},
      {"dbc_import", access_level::write},       {"dbc_table_create", access_level::administer},
      {"dbc_schema_set", access_level::administer}, {"dbc_schema_alter", access_level::administer}, {"dbc_index_create", access_level::administer},
      {"dbc_index_drop", access_level::administer}, {"dbc_index_channel", access_level::administer}, {"dbc_restore", access_level::administer},
      {"dbc_snapshot", access_level::administer}, {"dbc_snapshot_get", access_level::administer},
      {"dbc_snapshot_drop", access_level::administer}, {"dbc_reindex", access_level::administer},
      {"dbc_verify", access_level::write},       {"dbc_vacuum", access_level::administer}, {"dbc_purge", access_level::administer},
      {"dbc_history_set", access_level::administer}, {"dbc_layout_set", access_level::administer},
      {"dbc_drop", access_level::administer},    {"dbc_access", access_level::administer},
      {"dbc_policy", access_level::administer},  {"dbc_database_drop", access_level::administer}};
  for (auto& c : commands) {
    auto found = levels.find(c.name);
    if (found != levels.end()) c.access = found->second;
    c.long_work = c.time_limit > row_limit && c.time_limit != set_up_limit;
  }
}

std::vector<command> make_table() {
  const auto database_name = text("database", "the database", completion::database);
  const auto table_name = text("table", "the table", completion::table);
  const auto row_key = text("key", "the row's key: the text of its primary key field", completion::key);
  const auto expected = number("expected_version", "only if the row still has this version", 1, 1'000'000'000'000);
  const auto after = optional(text("after", "only rows behind this key, in the order of keys as texts: where an answer before ended", completion::key));
  std::vector<command> t;
  t.push_back({"dbc_init", "Make a database: a category with a catalog and a log.",
               {text("database", "a new name: a-z, 0-9, single - and _ between them, up to 32"),
                optional(text("restore", "of dbcord restore: begin makes one that nothing else can use until end"))},
               permission::manage_guild, set_up_limit, dbc_init});
  t.push_back({"dbc_table_create", "Make a table: a channel whose messages are its rows.",
               {database_name, text("table", "a new name: a-z, 0-9, single - and _ between them, up to 32"),
                text("pk", "the field that tells rows apart, e.g. id")},
               permission::manage_channels, set_up_limit, dbc_table_create});
  t.push_back({"dbc_database_list", "List the databases of this guild and their tables.", {}, permission::everyone, row_limit,
               dbc_database_list});
  t.push_back({"dbc_table_list", "List a database's tables, with their indexes.", {database_name}, permission::everyone, row_limit,
               dbc_table_list});
  t.push_back({"dbc_schema_set", "Set what the rows of a table must look like.",
               {database_name, table_name,
                or_file(object("schema_json", "e.g. {\"required\": [\"id\"], \"properties\": {\"id\": \"str\", \"age\": \"int\"}}")),
                flag("force", "true: also when rows present do not fit"), file_instead("instead of schema_json: a file that holds it")},
               permission::manage_channels, job_limit, dbc_schema_set});
  t.push_back({"dbc_schema_get", "Show what the rows of a table must look like.", {database_name, table_name}, permission::everyone,
               row_limit, dbc_schema_get});
  t.push_back({"dbc_schema_alter", "Add, drop or rename a field, in the schema and in every row, while the table is used.",
               {database_name, table_name, optional(text("add", "a new field, or a path like address.city")),
                optional(object("rule_json", "with add: what it must look like, e.g. {\"type\": \"int\", \"default\": 0}")),
                optional(text("drop", "the field that goes, with its values", completion::field)),
                optional(text("rename", "the field that gets another name", completion::field)), optional(text("to", "with rename: the new name")),
                flag("force", "true: also when rows present lack the added field")},
               permission::manage_channels, job_limit, dbc_schema_alter});
  t.push_back({"dbc_describe", "Get what a database's tables look like as a file, for dbcord serve --descriptor.", {database_name}, permission::everyone,
               row_limit, dbc_describe});
  const auto indexed_field = text("field", "a field, or a path like address.city", completion::field);
  t.push_back({"dbc_index_create", "Make an ordered index: finds by a value, range or prefix of this field look at fewer rows.",
               {database_name, table_name, indexed_field, flag("unique", "true: no two rows may have the same value"),
                flag("ordered", "true, as if left out: every index keeps its values in order"),
                flag("channel", "true: a channel shows its entries, value and key, and follows them")},
               permission::manage_channels, job_limit, dbc_index_create});
  t.push_back({"dbc_index_drop", "Remove an index; the rows stay.", {database_name, table_name, text("field", "the field it is on", completion::index)},
               permission::manage_channels, row_limit, dbc_index_drop});
  t.push_back({"dbc_index_channel", "Show an index, its values and keys, in a channel that follows it, or no longer.",
               {database_name, table_name, text("field", "the field it is on", completion::index),
                needed(flag("on", "true: it gets a channel; false: its channel is deleted"))},
               permission::manage_channels, row_limit, dbc_index_channel});
  t.push_back({"dbc_insert", "Insert one row.",
               {database_name, table_name, or_file(object("value_json", "the row, e.g. {\"id\": \"u_1\", \"role\": \"student\"}")),
                optional(text("key", "the row's key; may be left out if value_json has the primary key field")),
                file_instead("instead of value_json: a file that holds it, up to 8 MiB")},
               permission::everyone, row_limit, dbc_insert});
  t.push_back({"dbc_get", "Show the row with this key.",
               {database_name, table_name, row_key,
                optional(text("as_of", "as it was: an LSN, or a time like 2026-11-23T12:00:00Z (a date alone: the end of that day, UTC)"))},
               permission::everyone, row_limit, dbc_get});
  t.back().reads_rows = true;
  t.push_back({"dbc_history", "Show the versions of a row, newest first: when, by whom, and what it was.",
               {database_name, table_name, row_key, number("limit", "show at most so many versions (default 10)", 1, 100),
                flag("thread", "true: show them in a thread of the table's channel instead, all of them, oldest first")},
               permission::everyone, row_limit, dbc_history});
  t.back().reads_rows = true;
  t.push_back({"dbc_history_set", "Set how many older versions of each row are kept, and for how long.",
               {database_name, table_name, needed(number("versions", "of each row; 0: none", 0, 10'000)),
                needed(number("days", "after a version was superseded", 0, 36'500)),
                optional(word("history", "thread: each row that changes gets a thread that shows its versions; none: no longer", {"thread", "none"}))},
               permission::manage_channels, row_limit, dbc_history_set});
  t.push_back({"dbc_layout_set", "Set whether rows get messages of their own or share pages.",
               {database_name, table_name, word("layout", "auto (pages when many rows wait), rows or pages", {"auto", "rows", "pages"})},
               permission::manage_channels, row_limit, dbc_layout_set});
  t.push_back({"dbc_update", "Change fields of a row (JSON merge patch: null removes a field).",
               {database_name, table_name, row_key, or_file(object("patch_json", "what changes, e.g. {\"role\": \"admin\"}")), expected,
                file_instead("instead of patch_json: a file that holds it, up to 8 MiB")},
               permission::everyone, row_limit, dbc_update});
  t.push_back({"dbc_delete", "Delete the row with this key.",
               {database_name, table_name, row_key, expected}, permission::everyone, row_limit, dbc_delete});
  t.push_back({"dbc_edit", "Edit a row in a form.",
               {database_name, table_name, row_key, or_file(object("row_json", "the whole new row, instead of the form")), expected,
                file_instead("instead of row_json and the form: a file that holds the row, up to 8 MiB")},
               permission::everyone, row_limit, dbc_edit});
  t.back().form_unless = "row_json";
  t.push_back({"dbc_find", "Show the rows that match.",
               {database_name, table_name,
                object("where_json", "e.g. {\"role\": \"student\", \"age\": {\"$gte\": 18}}; {} finds all"),
                number("limit", "show at most so many rows (default 25)", 1, 10'000),
                number("skip", "leave out so many rows first; with sort: rows changed between two pages may shift them", 0, 1'000'000'000),
                after, optional(text("before", "only rows before this key: those nearest to it, in the order of keys as texts", completion::key)),
                optional(text("sort", "fields to sort by, e.g. age desc, name, or \"-x\" for a field -x (default: by key, as text)", completion::field)),
                optional(text("fields", "fields to show, e.g. id, address.city (default: all)", completion::field)),
                flag("count", "true: only count the rows that match"),
                flag("explain", "true: only say how the rows would be found, and what it costs"),
                optional(word("via", "auto (default), search: through Discord's search, or memory: never through it", {"auto", "search", "memory"})),
                optional(text("as_of", "as they were: an LSN, or a time like 2026-11-23T12:00:00Z (a date alone: the end of that day, UTC)"))},
               permission::everyone, token_limit, dbc_find});
  t.back().reads_rows = true;
  t.back().mostly_short = true;
  t.push_back({"dbc_txn", "Change several rows of any tables in one transaction: all or nothing.",
               {database_name, or_file(text("operations_json", "a list of steps, e.g. [{\"op\": \"update\", \"table\": \"t\", \"key\": \"k\", \"add\": {\"n\": 1}}]")),
                file_instead("instead of operations_json: a file that holds it, up to 8 MiB")},
               permission::everyone, row_limit, dbc_txn});
  t.push_back({"dbc_import", "Insert many rows from a file, or replace those that are there.",
               {database_name, table_name,
                {"file", "JSON lines (one object a line), a JSON array of objects, or CSV under a line of names", argument_kind::attachment},
                optional(text("key_field", "the field that tells rows apart; must be the table's own", completion::field)),
                optional(text("at", "where in the document the array is, e.g. 3166-1 or data/rows")),
                optional(word("format", "jsonl, json or csv (default: csv if the file's name ends so, else what it looks like)", file_format_names())),
                optional(word("mode", "insert (default): a row that is there already is refused; upsert: it is replaced", {"insert", "upsert"}))},
               permission::everyone, token_limit, dbc_import});
  t.push_back({"dbc_export", "Get rows as a file.",
               {database_name, table_name, optional(word("format", "jsonl (default), json or csv", file_format_names())),
                optional(object("where_json", "which rows, e.g. {\"role\": \"student\"} (default: all)")),
                number("skip", "leave out so many rows first; rows changed between two files may shift them", 0, 1'000'000'000), after},
               permission::everyone, token_limit, dbc_export});
  t.back().reads_rows = true;
  t.push_back({"dbc_verify", "Read tables' messages, log, checkpoints, catalog and snapshots again; compare with what is served.",
               {database_name, optional(text("table", "the table (default: all tables)", completion::table)), flag("repair", "true: mend what can be mended")}, permission::everyone, job_limit, dbc_verify});
  t.push_back({"dbc_reindex", "Check a table's indexes against its rows and build wrong ones anew.",
               {database_name, table_name}, permission::manage_channels, job_limit, dbc_reindex});
  t.push_back({"dbc_vacuum", "Delete messages that no row lives in any more: superseded ones, duplicates, orphans, stale pages.",
               {database_name, optional(table_name), flag("scan", "true: read every message first, to find copies that nobody knows of"),
                flag("full", "true: write the table anew into a fresh channel; the old one is deleted, with its threads")},
               permission::manage_channels, job_limit, dbc_vacuum});
  t.push_back({"dbc_purge", "Erase a row from everywhere: messages, history, log, checkpoints, snapshots; asks first.",
               {database_name, table_name, row_key, optional(text("confirm", "the row's key again, instead of the button"))},
               permission::manage_channels, job_limit, dbc_purge});
  t.push_back({"dbc_snapshot", "Keep a copy of a table, or of the whole database, as it is now, in messages of this guild.",
               {database_name, optional(text("table", "the table (default: all tables, as they are at one moment)", completion::table))},
               permission::manage_channels, job_limit, dbc_snapshot});
  t.push_back({"dbc_snapshot_list", "List the snapshots of a database and its tables, newest first.",
               {database_name, optional(text("table", "only those of this table (default: all)", completion::table))}, permission::everyone, row_limit,
               dbc_snapshot_list});
  const auto snapshot_name = text("snapshot", "the link of the snapshot, or the id of its message", completion::snapshot);
  t.push_back({"dbc_snapshot_get", "Get the last part of a snapshot as a file, and from there the parts before.",
               {database_name, snapshot_name}, permission::manage_channels, set_up_limit, dbc_snapshot_get});
  t.push_back({"dbc_snapshot_drop", "Delete a snapshot; asks first.",
               {database_name, snapshot_name, optional(text("confirm", "the snapshot's id again, instead of the button"))}, permission::manage_channels,
               job_limit, dbc_snapshot_drop});
  t.push_back({"dbc_restore", "Make a new table, or a new database, from a snapshot.",
               {database_name, snapshot_name, optional(text("table", "the new table's name (default: the name it had)")),
                optional(text("as", "the new database's name, if the snapshot is of a whole database"))},
               permission::manage_channels, job_limit, dbc_restore});
  t.push_back({"dbc_inspect", "Show databases, tables and how they are doing.",
               {optional(database_name)}, permission::everyone, row_limit, dbc_inspect});
  t.push_back({"dbc_stats", "Show a table's figures: rows, bytes, memory, commands and how long they took.",
               {database_name, optional(table_name)}, permission::everyone, row_limit, dbc_stats});
  t.push_back({"dbc_drop", "Delete a table with all its rows, for good; asks first.",
               {database_name, table_name, optional(text("confirm", "the table's name again, instead of the button"))},
               permission::manage_channels, row_limit, dbc_drop});
  t.push_back({"dbc_database_drop", "Delete a whole database with all its tables, for good; asks first.",
               {database_name, optional(text("confirm", "the database's name again, instead of the button"))},
               permission::administrator, set_up_limit, dbc_database_drop});
  t.push_back({"dbc_jobs", "Show long work, running and lately done, or cancel some.",
               {number("job", "show this one's outcome", 1, 1'000'000'000), number("cancel", "cancel this one", 1, 1'000'000'000),
                optional(text("receipt", "what became of the command with this receipt, which a reply named"))},
               permission::everyone, row_limit, dbc_jobs});
  t.push_back({"dbc_access", "Show or set which roles may read, write or administer a database.",
               {database_name, optional(word("level", "read, write or administer", {"read", "write", "administer"})),
                optional(text("roles", "e.g. @Editors @Admins (or their ids); none: everybody"))},
               permission::manage_guild, row_limit, dbc_access});
  t.push_back({"dbc_policy", "Show or set what becomes of rows whose messages people delete.",
               {database_name, optional(word("deletions", "restore: they are written again (default); accept: the rows are deleted, too", {"restore", "accept"}))},
               permission::manage_channels, job_limit, dbc_policy});
  t.back().mostly_short = true;
  t.push_back({"Edit row", "In the menu of a row's message: edit the row in a form.",
               {text("channel", "the message's channel"), text("content", "the message's text")}, permission::everyone, row_limit,
               edit_row_of_message});
  t.back().kind = command_kind::message;
  t.back().form_unless = "row_json";
  set_access_levels(t);
  return t;
}

std::string place_of(const invocation& call) {
  auto database = text_argument(call, "database"), table = text_argument(call, "table");
  return table.empty() ? database : database + "." + table;
}

// Of a database that this process does not have: another one may have made it. /dbc_init looks itself.
actor::task<base::result<void>> look_for_others(services s, const command& command, const invocation& call) {
  auto name = text_argument(call, "database");
  auto present = s.engine.databases();
  bool doubtful = name.empty() ? command.name == "dbc_database_list" : command.name != "dbc_init" && std::find(present.begin(), present.end(), name) == present.end();
  if (!doubtful) co_return base::result<void>();
  co_return co_await s.engine.look_for(std::move(name), call.deadline);
}

// Of what was read, and of what was not there.
actor::task<void> add_caveat(services s, std::string database, std::string table, reply& answer) {
  auto known = co_await s.engine.caveat(std::move(database), table);
  if (known.log_lost) answer.text += "\n⚠️ Part of this database's log is lost, so rows may be missing or old; `/dbc_inspect` says more.";
  if (known.altering) answer.text += fmt::format("\n⚠️ The columns of `{}` are being altered: some rows have their new form already, others not yet.", table);
}

actor::task<reply> check_and_run(services s, const command& command, invocation call) {
  auto restores = take_restore_name(s.engine, call);
  if (!restores) co_return failure(restores.error().message);
  auto looked = co_await look_for_others(s, command, call);
  if (!looked) co_return explain(s, call, looked.error());
  if (auto missing = missing_access(s.engine, command, call)) co_return failure(std::move(*missing));
  auto unfinished = *restores ? std::nullopt : refusal_while_restoring(s.engine, command, call);
  if (unfinished) co_return failure(std::move(*unfinished));
  if (auto bad = check_arguments(command, call)) co_return failure(std::move(*bad));
  auto place = place_of(call);
  auto begun = s.env.now();
  auto database = text_argument(call, "database"), table = text_argument(call, "table");
  auto answer = co_await command.run(s, std::move(call));
  if (command.reads_rows) co_await add_caveat(s, std::move(database), std::move(table), answer);
  if (s.statistics) s.statistics->note(std::move(place), std::string(command.name), answer.ok, s.env.now() - begun);
  co_return answer;
}

}  // namespace

const std::vector<command>& table() {
  static const std::vector<command> commands = make_table();
  return commands;
}

const command* find_command(std::string_view name) {
  for (const auto& c : table())
    if (c.name == name) return &c;
  return nullptr;
}

actor::task<reply> execute(services s, invocation call) {
  auto command = find_command(call.name);
  if (!command) {
    auto sentence = "There is no command /" + call.name + " (any more); reload Discord to see the present ones.";
    co_return failure(std::move(sentence));
  }
  take_hidden_arguments(*command, call);
  auto typed = draft_of(*command, call);
  auto answer = co_await check_and_run(s, *command, std::move(call));
  if (!answer.ok && typed) give_back(answer, std::move(*typed));
  co_return answer;
}

}  // namespace dbcord::commands
