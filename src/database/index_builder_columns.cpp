// The part of index_builder that rewrites rows whose columns are being altered, some in each transaction, through the path that all writes take.

#include "database/index_builder.hpp"

#include "base/deliberate_bug.hpp"

namespace dbcord::database {

void index_builder::tell_of_those_before(protocol::table_id table, std::uint64_t alteration) {
  std::lock_guard lock(mutex_);
  auto [it, end] = watchers_.equal_range(table);
  for (; it != end; ++it) {
    auto w = it->second.lock();
    if (w && w->what.alteration != 0 && w->what.alteration < alteration) w->settled.set(true);
  }
}

std::optional<index_builder::watcher_ptr> index_builder::waiting_for(protocol::table_id table, std::uint64_t alteration) {
  bool cancelled = false;
  for (;;) {
    auto asked = watcher_of(table, alteration);
    if (!asked && cancelled) return std::nullopt;
    if (!asked || !is_cancelled(asked->context.progress)) return asked;
    asked->settled.set(false);
    cancelled = true;
  }
}

actor::task<void> index_builder::alter(table_ptr table) {
  auto id = table->definition().table;
  auto now = co_await table->altering_now();
  tell_of_those_before(id, now.change ? now.number : now.number + 1);  // taken back before this loop came to them
  if (!now.change) co_return;
  watcher_ptr asked;
  std::string after;
  std::uint64_t seen = 0;
  while (!stopping_ && !table->dropped()) {
    auto waiting = waiting_for(id, now.number);
    if (!waiting) co_return;  // what is left follows after the next start, or when somebody asks again
    if (std::exchange(asked, *waiting) != *waiting && asked) {
      set_total(asked->context.progress, now.rows);
      add_done(asked->context.progress, seen);
    }
    auto context = own_context(id, now.number);
    if (base::has_bug(base::deliberate_bug::end_alteration_early)) {
      auto ended = co_await table->end_alteration(now.number, std::move(context));
      if (ended.value) break;
      co_await pause(table);
      continue;
    }
    auto done = co_await table->alter_next(now.number, after, context);
    if (!done) {
      // In doubt or refused: what was written is in the new form, so the same slice is taken again.
      env_.log.warning("rows of a table whose columns are being altered could not be written yet",
                       {{"database", database_}, {"table", table->definition().name}, {"error", done.error().message}});
      co_await pause(table);
      continue;
    }
    if (done->over) break;  // by a record of ours that was in doubt, or it was taken back
    seen += done->rows;
    if (asked) add_done(asked->context.progress, done->rows);
    if (done->rows > 0) after = std::move(done->last);
    if (!done->ended) continue;
    auto last = own_context(id, now.number);
    auto ended = co_await table->end_alteration(now.number, std::move(last));
    if (ended.value) break;
    co_await pause(table);
  }
  if (!stopping_) tell(id, now.number);
}

}  // namespace dbcord::database
