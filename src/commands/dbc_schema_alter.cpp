#include <fmt/format.h>

#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/nearest_name.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"
#include "protocol/names.hpp"

namespace dbcord::commands {
namespace {

base::error named(std::string_view argument, const base::error& why) { return {why.code, fmt::format("{}: {}", argument, why.message)}; }

base::error unclear(std::string sentence) { return {base::errc::invalid_argument, std::move(sentence)}; }

base::result<protocol::column_change> renaming(const std::string& from, const std::string& to) {
  if (auto usable = protocol::column_change::add(to, "{}"); !usable) return named("to", usable.error());
  if (from == to) return unclear(fmt::format("to: the field is called {} already; give another name.", quote(to)));
  auto change = protocol::column_change::rename(from, to);
  if (!change) return named("rename", change.error());
  return change;
}

// Exactly one of add, drop and rename; rule_json goes with add, to with rename.
base::result<protocol::column_change> change_of(const invocation& call) {
  auto add = text_argument(call, "add"), drop = text_argument(call, "drop"), rename = text_argument(call, "rename"), to = text_argument(call, "to");
  if (has_argument(call, "rule_json") && add.empty()) return unclear("rule_json: it says what an added field must look like; give it with add.");
  if (has_argument(call, "force") && add.empty()) return unclear("force: only an added field can be forced on rows that lack it.");
  if (!to.empty() && rename.empty()) return unclear("to: it is the new name of a renamed field; give it with rename.");
  int asked = !add.empty() + !drop.empty() + !rename.empty();
  if (asked != 1) return unclear("add, drop, rename: give one of them, with the name of a field.");
  if (!rename.empty() && to.empty()) return unclear("to: give the field's new name.");
  if (protocol::has_control_character(add)) return unclear("add: a field's name may have no line breaks or other control characters.");
  if (protocol::has_control_character(to)) return unclear("to: a field's name may have no line breaks or other control characters.");
  if (!add.empty()) {
    auto free = protocol::column_change::add(add, "{}");
    if (!free) return named("add", free.error());
    if (!has_argument(call, "rule_json")) return free;
    auto ruled = protocol::column_change::add(add, text_argument(call, "rule_json"));
    if (!ruled) return named("rule_json", ruled.error());
    return ruled;
  }
  if (!rename.empty()) return renaming(rename, to);
  auto change = protocol::column_change::drop(drop);
  if (!change) return named("drop", change.error());
  return change;
}

// What an added field has in rows that are there already: its default, or nothing.
bool has_default(const invocation& call) {
  auto rule = protocol::parse_json(text_argument(call, "rule_json"));
  return rule && rule->find("default");
}

// A field that nobody has may be misspelt.
actor::task<reply> explain_alteration_refusal(services s, invocation call, std::string field, base::error why) {
  constexpr std::size_t most_named = 500;
  auto told = explain(s, call, why);
  if (field.empty() || why.code != database::errc::invalid_query) co_return told;
  auto database = text_argument(call, "database"), table = text_argument(call, "table");
  auto names = co_await s.engine.suggest(database, table, database::suggestion::fields, "", most_named, call.deadline);
  bool known = std::find(names.begin(), names.end(), field) != names.end();
  auto near = nearest_name(field, names);
  if (!known && !near.empty()) told.text += fmt::format(" Did you mean {}?", quote(near));
  co_return told;
}

std::string sentence_of(const protocol::column_change& change, bool filled) {
  using kind = protocol::column_change::kind;
  if (change.what() == kind::add && !filled) return fmt::format("has a field {} in its schema now; rows that lack it stay without it, since it has no default", quote(change.field()));
  if (change.what() == kind::add) return fmt::format("has a field {} now, in its schema and in every row", quote(change.field()));
  if (change.what() == kind::drop) return fmt::format("has no field {} any more, in its schema and in any row", quote(change.field()));
  return fmt::format("calls its field {} {} now, in its schema and in every row", quote(change.field()), quote(change.to()));
}

}  // namespace

actor::task<reply> dbc_schema_alter(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto change = change_of(call);
  if (!change) co_return failure(change.error().message + (change.error().message.ends_with('.') ? "" : "."));
  auto context = write_context_of(call);
  auto done = co_await s.engine.administration().alter_columns(database, table, *change, boolean_argument(call, "force"), std::move(context));
  if (!done) {
    auto field = change->what() == protocol::column_change::kind::add ? std::string() : change->field();
    auto told = explain_alteration_refusal(s, std::move(call), std::move(field), done.error());
    co_return co_await std::move(told);
  }
  reply r;
  r.text = fmt::format("`{}.{}` {}.", database, table, sentence_of(*change, has_default(call)));
  if (done->receipt.location.message) r.text += " " + done->receipt.location.url();
  r.rows_name = "schema";
  r.rows.push_back(done->schema_json);
  co_return r;
}

}  // namespace dbcord::commands
