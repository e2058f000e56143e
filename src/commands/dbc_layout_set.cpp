#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/storage_upkeep.hpp"

namespace dbcord::commands {
namespace {

std::string_view meaning(protocol::table_layout layout) {
  switch (layout) {
    case protocol::table_layout::rows: return "every row gets a message of its own";
    case protocol::table_layout::pages: return "rows that wait together share a message (a page of many rows)";
    case protocol::table_layout::automatic: break;
  }
  return "rows get messages of their own, or share one (a page) when many wait";
}

}  // namespace

actor::task<reply> dbc_layout_set(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto named = text_argument(call, "layout");
  auto layout = protocol::parse_layout(named);
  if (!layout) co_return failure(fmt::format("layout: {} is not a layout; choose auto, rows or pages.", quote(named)));
  auto context = write_context_of(call);
  auto done = co_await s.engine.storage().set_layout(database, table, *layout, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = fmt::format("`{}.{}` from now on: {}. What is written stays as it is. {}", database, table, meaning(*layout), done->location.url());
  co_return r;
}

}  // namespace dbcord::commands
