#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"
#include "protocol/names.hpp"

namespace dbcord::commands {
namespace {

base::error named(std::string_view argument, const base::error& why) { return {why.code, fmt::format("{}: {}", argument, why.message)}; }

base::error unclear(std::string sentence) { return {base::errc::invalid_argument, std::move(sentence)}; }

base::result<protocol::column_change> renaming(const std::string& from, const std::string& to) {
  if (auto usable = protocol::column_change::add(to, "{}"); !usable) return named("to", usable.error());
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

std::string sentence_of(const protocol::column_change& change) {
  using kind = protocol::column_change::kind;
  if (change.what() == kind::add) return fmt::format("has a field {} now", quote(change.field()));
  if (change.what() == kind::drop) return fmt::format("has no field {} any more", quote(change.field()));
  return fmt::format("calls its field {} {} now", quote(change.field()), quote(change.to()));
}

}  // namespace

actor::task<reply> dbc_schema_alter(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto change = change_of(call);
  if (!change) co_return failure(change.error().message);
  auto context = write_context_of(call);
  auto done = co_await s.engine.administration().alter_columns(database, table, *change, boolean_argument(call, "force"), std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("`{}.{}` {}, in its schema and in every row.", database, table, sentence_of(*change));
  if (done->receipt.location.message) r.text += " " + done->receipt.location.url();
  r.rows_name = "schema";
  r.rows.push_back(done->schema_json);
  co_return r;
}

}  // namespace dbcord::commands
