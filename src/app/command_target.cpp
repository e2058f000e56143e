#include "app/command_target.hpp"

#include <fmt/format.h>

#include "app/command_call.hpp"
#include "app/reply_message.hpp"
#include "app/row_upload.hpp"
#include "commands/import_summary.hpp"
#include "commands/confirmation.hpp"
#include "commands/index_channel_text.hpp"
#include "commands/unfinished_restore.hpp"

namespace dbcord::app {
namespace {

std::string ids_of(const std::vector<base::role_id>& roles) {
  std::string text;
  for (const auto& role : roles) text += (text.empty() ? "" : " ") + role.str();
  return text;
}

}  // namespace

command_target::command_target(const actor::environment& env, user_session& session, std::string database, std::uint64_t rows)
    : env_(env), session_(session), database_(std::move(database)), bar_(stderr, rows), begun_(env.now()) {}

actor::task<base::result<std::string>> command_target::ask(std::string command, arguments with, base::duration limit) {
  with.insert(with.begin(), {"database", database_});
  auto call = make_call(std::move(command), std::move(with));
  co_return co_await ask(std::move(call), limit);
}

actor::task<base::result<std::string>> command_target::ask(command_call call, base::duration limit) {
  auto reply = co_await session_.run(std::move(call), env_.after(limit));
  if (!reply) co_return reply.error();
  if (is_failure(*reply)) co_return base::error(base::errc::invalid_argument, text_of(*reply));
  co_return text_of(*reply);
}

actor::task<base::result<void>> command_target::give(std::string command, arguments with) {
  auto told = co_await ask(std::move(command), std::move(with));
  if (!told) co_return told.error();
  co_return base::result<void>();
}

actor::task<base::result<void>> command_target::begin() {
  arguments with{{"restore", std::string("begin")}};
  auto told = co_await ask("dbc_init", std::move(with));
  if (!told) co_return told.error();
  auto name = commands::name_for_restore_in(*told, database_);
  if (!name) co_return base::error(base::errc::invalid_argument, "the bot's reply does not say how its restore is to go on; is it of another version? It says: " + *told);
  database_ = std::move(*name);
  co_return base::result<void>();
}

actor::task<base::result<void>> command_target::end() { return give("dbc_init", {{"restore", std::string("end")}}); }

actor::task<base::result<void>> command_target::drop(base::duration limit) {
  arguments with{{"confirm", commands::confirmation_of(commands::id_for_restore(database_))}};
  auto told = co_await ask("dbc_database_drop", std::move(with), limit);
  if (!told) co_return told.error();
  co_return base::result<void>();
}

// Reading first: who restores is left the means to go on for as long as possible.
actor::task<base::result<void>> command_target::set_access(protocol::access_rules rules) {
  using protocol::access_level;
  constexpr std::pair<const char*, access_level> levels[] = {
      {"read", access_level::read}, {"write", access_level::write}, {"administer", access_level::administer}};
  for (const auto& [name, level] : levels) {
    if (rules.roles(level).empty()) continue;
    arguments with{{"level", std::string(name)}, {"roles", ids_of(rules.roles(level))}};
    auto done = co_await give("dbc_access", std::move(with));
    if (!done) co_return done.error();
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> command_target::accept_deletions() { return give("dbc_policy", {{"deletions", std::string("accept")}}); }

actor::task<base::result<void>> command_target::create_table(std::string table, std::string primary_key) {
  key_ = primary_key;
  return give("dbc_table_create", {{"table", std::move(table)}, {"pk", std::move(primary_key)}});
}

actor::task<base::result<void>> command_target::insert(std::string table, std::vector<database::new_row> rows) {
  discord::file_part lines{"rows.jsonl", {}};
  for (const auto& row : rows) lines.bytes += row.json + '\n';
  import_target to{database_, table, key_, false};
  std::function<bool()> go_on = [this] { return !stopped_; };
  auto reply = co_await upload_rows(env_, session_, std::move(to), std::move(lines), std::move(go_on));
  if (!reply) co_return reply.error();
  auto counts = commands::parse_import_sentence(text_of(*reply));
  if (!counts || counts->accepted != rows.size()) {
    co_return base::error(base::errc::invalid_argument, fmt::format("not all rows of {} could be restored: {}", table, text_of(*reply)));
  }
  inserted_ += rows.size();
  bar_.show(inserted_, env_.now() - begun_);
  co_return base::result<void>();
}

actor::task<base::result<void>> command_target::set_schema(std::string table, std::string schema_json) {
  discord::file_part schema{"schema.json", std::move(schema_json)};  // it may be longer than an argument may be
  auto call = with_file(make_call("dbc_schema_set", {{"database", database_}, {"table", std::move(table)}, {"force", true}}), schema);
  auto told = co_await ask(std::move(call));
  if (!told) co_return told.error();
  co_return base::result<void>();
}

actor::task<base::result<void>> command_target::create_index(std::string table, std::string field, bool unique) {
  return give("dbc_index_create", {{"table", std::move(table)}, {"field", std::move(field)}, {"unique", unique}});
}

actor::task<base::result<void>> command_target::show_index(std::string table, std::string field) {
  arguments with{{"table", std::move(table)}, {"field", std::move(field)}, {"on", true}};
  auto told = co_await ask("dbc_index_channel", std::move(with));
  if (!told) co_return told.error();
  if (told->find(commands::no_channel_yet) != std::string::npos) co_return base::error(base::errc::invalid_argument, std::move(*told));
  co_return base::result<void>();
}

actor::task<base::result<void>> command_target::set_history(std::string table, std::uint64_t versions, std::uint64_t days, bool threads) {
  arguments with{{"table", std::move(table)}, {"versions", static_cast<std::int64_t>(versions)}, {"days", static_cast<std::int64_t>(days)}};
  if (threads) with.emplace_back("history", std::string("thread"));
  return give("dbc_history_set", std::move(with));
}

actor::task<base::result<void>> command_target::set_layout(std::string table, protocol::table_layout layout) {
  return give("dbc_layout_set", {{"table", std::move(table)}, {"layout", std::string(protocol::to_string(layout))}});
}

}  // namespace dbcord::app
