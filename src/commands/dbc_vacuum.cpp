#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/storage_upkeep.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_vacuum(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  bool scan = boolean_argument(call, "scan");
  auto context = read_context_of(call);
  auto done = co_await s.engine.storage().vacuum(database, table, scan, context);
  if (!done) co_return explain(s, call, done.error());
  auto where = table.empty() ? database : database + "." + table;
  reply r;
  r.ok = !done->stopped;
  r.text = done->found == 0 ? fmt::format("`{}`: nothing to remove.", where)
                            : fmt::format("`{}`: {} of older versions and deleted rows removed.", where, count(done->removed, "message"));
  if (done->pages_rewritten > 0) {
    r.text += fmt::format(" {} of which little is left: their {} are being written elsewhere; the next `/dbc_vacuum` removes them.",
                          count(done->pages_rewritten, "page"), count(done->rows_moved, "row"));
  }
  if (scan) r.text += fmt::format(" {} looked at.", count(done->scanned, "message"));
  if (done->stopped) {
    r.text += fmt::format(" {} still to be removed; give the command again later: {}", count(done->found - done->removed, "message"), *done->stopped);
  }
  co_return r;
}

}  // namespace dbcord::commands
