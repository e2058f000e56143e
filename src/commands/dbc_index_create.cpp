#include <fmt/format.h>

#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/failed_index.hpp"
#include "commands/find_hints.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"
#include "database/database_administration.hpp"
#include "database/errors.hpp"

namespace dbcord::commands {
namespace {

actor::task<base::result<database::write_receipt>> make_index(database::engine& engine, bool channel, std::string name, std::string table, std::string field,
                                                              bool unique, database::write_context context) {
  if (channel) return engine.administration().create_shown_index(std::move(name), std::move(table), std::move(field), unique, std::move(context));
  return engine.create_index(std::move(name), std::move(table), std::move(field), unique, std::move(context));
}

// Whoever wants an index that is there to be shown has another command for that.
actor::task<reply> explain_channel_refusal(services s, invocation call, base::error why) {
  auto database = text_argument(call, "database"), table = text_argument(call, "table"), field = text_argument(call, "field");
  auto indexes = co_await s.engine.suggest(database, table, database::suggestion::indexes, field, 25, call.deadline);
  bool there = std::find(indexes.begin(), indexes.end(), field) != indexes.end();
  if (why.code != database::errc::already_exists || !there) co_return explain(s, call, why);
  auto show = fenced(fmt::format("/dbc_index_channel database:{} table:{} field:{} on:true", database, table, typed_value(field)));
  co_return failure(fmt::format("field: `{}.{}` has an index on {} already; {} shows it in a channel.", database, table, quote_key(field), show));
}

// What a refusal leaves behind, or has found: an index that failed while it was built.
actor::task<std::string> left_failed(services s, invocation call) {
  auto database = text_argument(call, "database"), table = text_argument(call, "table"), field = text_argument(call, "field");
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect_table(database, table, context);
  if (!summary) co_return std::string();
  for (const auto& index : summary->indexes) {
    if (index.field != field || index.state != "failed") continue;
    co_return " " + failed_index_text(database, table, index, false);
  }
  co_return std::string();
}

// An index that finds nothing is mostly a mistyped name.
actor::task<std::string> hint_of_empty_index(services s, invocation call) {
  auto database = text_argument(call, "database"), table = text_argument(call, "table"), field = text_argument(call, "field");
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect_table(database, table, context);
  if (!summary || summary->rows == 0) co_return std::string();
  bool finds_nothing = std::any_of(summary->indexes.begin(), summary->indexes.end(),
                                   [&](const auto& index) { return index.field == field && index.state == "ready" && index.entries == 0; });
  if (!finds_nothing) co_return std::string();
  std::vector<std::string> names{field};
  co_return "\n" + co_await hint_of_unseen_fields(s, std::move(call), std::move(names), "No row has");
}

}  // namespace

actor::task<reply> dbc_index_create(services s, invocation call) {
  if (!boolean_argument(call, "ordered", true)) co_return failure("ordered: every index keeps its values in order, and finds by equality use it as well; leave ordered out.");
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto field = text_argument(call, "field");
  auto unique = boolean_argument(call, "unique");
  auto context = write_context_of(call);
  bool channel = boolean_argument(call, "channel");
  auto making = make_index(s.engine, channel, database, table, field, unique, std::move(context));
  auto done = co_await std::move(making);
  if (!done) {
    auto failed = co_await left_failed(s, call);
    bool showable = channel && failed.empty();
    if (showable) co_return co_await explain_channel_refusal(s, std::move(call), done.error());
    auto told = explain(s, call, done.error());
    told.text += failed;
    co_return told;
  }
  reply r;
  r.text = fmt::format("`{}.{}` has {} index on {} now. {}", database, table, unique ? "a unique" : "an", quote_key(field), done->location.url());
  if (channel) r.text += fmt::format("\nA channel with its entries is made now; `/dbc_inspect database:{}` links to it.", database);
  auto hint = co_await hint_of_empty_index(s, std::move(call));
  r.text += hint;
  co_return r;
}

}  // namespace dbcord::commands
