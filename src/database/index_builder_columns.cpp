// The part of index_builder that rewrites rows whose columns are being altered, some in each transaction, through the path that all writes take.

#include "database/index_builder.hpp"

#include "base/deliberate_bug.hpp"

namespace dbcord::database {

actor::task<void> index_builder::alter(table_ptr table) {
  auto id = table->definition().table;
  auto now = co_await table->altering_now();
  if (!now.change) co_return;
  auto asked = watcher_of(id, std::string(columns));
  if (asked) set_total(asked->context.progress, now.rows);
  std::string after;
  bool over = false;
  while (!stopping_ && !table->dropped()) {
    if (asked && is_cancelled(asked->context.progress)) break;  // what is left follows after the next start, or when somebody asks again
    auto context = own_context(id, std::string(columns));
    if (base::has_bug(base::deliberate_bug::end_alteration_early)) {
      auto ended = co_await table->end_alteration(now.number, std::move(context));
      over = ended.value.has_value();
      break;
    }
    auto done = co_await table->alter_next(now.number, after, context);
    if (!done) {
      // In doubt or refused: what was written is in the new form, so the same slice is taken again.
      env_.log.warning("rows of a table whose columns are being altered could not be written yet",
                       {{"database", database_}, {"table", table->definition().name}, {"error", done.error().message}});
      co_await pause(table);
      continue;
    }
    over = done->over;  // by a record of ours that was in doubt
    if (over) break;
    if (asked) add_done(asked->context.progress, done->rows);
    if (done->rows > 0) after = std::move(done->last);
    if (!done->ended) continue;
    auto last = own_context(id, std::string(columns));
    auto ended = co_await table->end_alteration(now.number, std::move(last));
    over = ended.value.has_value();
    if (over) break;
    co_await pause(table);
  }
  tell(id, std::string(columns), over || table->dropped());
}

}  // namespace dbcord::database
