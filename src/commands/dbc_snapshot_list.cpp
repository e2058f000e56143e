#include <fmt/format.h>

#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/snapshot_summary.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_snapshot_list(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");  // may be one that was dropped: its snapshots are still there
  auto context = read_context_of(call);
  auto kept = co_await s.engine.administration().snapshots(database, context);
  if (!kept) co_return explain(s, call, kept.error());
  if (!table.empty()) std::erase_if(*kept, [&table](const database::kept_snapshot& k) { return k.table != table; });
  auto tables = s.engine.tables(database);
  bool known = table.empty() || !kept->empty() || std::find(tables.begin(), tables.end(), table) != tables.end();
  if (!known) co_return failure(fmt::format("table: {} has no table {}, and no snapshot of one.", quote(database), quote(table)));
  reply r;
  r.rows_name = "snapshots";
  auto place = table.empty() ? database : database + "." + table;
  if (kept->empty()) {
    r.text = fmt::format("There are no snapshots of {}. Take one with `/dbc_snapshot`.", quote(place));
    co_return r;
  }
  std::reverse(kept->begin(), kept->end());
  r.text = fmt::format("{} of {}, newest first:", count(kept->size(), "snapshot"), quote(place));
  for (const auto& k : *kept) {
    r.captions.push_back(fmt::format("- {}. {}", listed_sentence(k), k.location.url()));
    r.rows.emplace_back();
  }
  co_return r;
}

}  // namespace dbcord::commands
