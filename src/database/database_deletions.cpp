// Messages of rows that people delete: the rows are written again, or deleted too, as the database's policy says. A deletion is acted on only when the gateway
// tells it of a row's present location: what vacuum, purge and drops delete is nobody's location any more.

#include <limits>

#include "database/database_writes.hpp"
#include "database/deletion_policies.hpp"
#include "database/missed_deletions.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration decision_time = 1min;  // of a deletion that nobody waits for
constexpr std::size_t removals_at_once = 500;   // they share commit groups
constexpr base::duration missed_look_time = 2min;   // for the messages of a table in one channel
constexpr base::duration missed_look_pause = 1min;  // after a failure

}  // namespace

void database::messages_deleted(base::channel_id channel, const std::vector<base::message_id>& messages) {
  auto needed = log_.segments().contains(channel) ? log_.needed().note_deleted(messages) : 0;
  if (needed > 0) {
    env().log.error("messages of the log that the next start needs were deleted by hand",
                    {{"database", record_.name}, {"messages", needed}, {"first", messages.front().value}});
    checkpointer_.notify();
  }
  checkpointer_.messages_deleted(messages);
  index_channels_.messages_deleted(channel, messages);
  for (const auto& table : all_tables()) {
    if (!table->channels().contains(channel)) continue;
    bool followed = tasks_.spawn(executor(), follow_deletions(table, messages));
    if (!followed) table->messages_deleted(messages);
  }
}

// What we delete ourselves is none of ours any more when that is told.
void database::channel_deleted(base::channel_id channel) {
  if (log_.segments().contains(channel)) {
    bool needed = note_log_channel_deleted(channel);
    env().log.error(needed ? "a channel of the log that the next start needs was deleted by hand" : "a channel of the log was deleted by hand; no start needs it",
                    {{"database", record_.name}, {"channel", channel.value}});
    if (needed) checkpointer_.notify();
  }
  if (channel == record_.control || channel == record_.catalog) {
    env().log.error("a channel without which the database cannot be opened was deleted by hand; see --accept-loss",
                    {{"database", record_.name}, {"channel", channel.value}});
  }
  checkpointer_.channel_deleted(channel);
  index_channels_.channel_deleted(channel);
  for (const auto& table : all_tables()) {
    if (table->channels().contains(channel)) (void)tasks_.spawn(executor(), table->channel_deleted(channel));
  }
}

// Nothing takes the place of the one in which the log goes on.
bool database::note_log_channel_deleted(base::channel_id channel) {
  auto segments = log_.segments().all();
  auto its = std::find_if(segments.begin(), segments.end(), [channel](const auto& s) { return s.channel == channel; });
  if (its == segments.end()) return false;
  auto next = std::next(its);
  return log_.needed().note_channel_deleted(its->first_lsn, next == segments.end() ? needed_records::never : next->first_lsn - 1);
}

// What is not deleted is written again, whyever: that loses nothing, and waiting with it would, once the log is truncated. It goes at the pace of the
// materialiser, as pages when it is much. But whoever deleted so many may have meant it, so a person is asked all the same. A row that waits to be deleted is read from
// the log if memory does not have it; the look before a segment of the log goes finds that its message is gone.
dbcord::actor::task<void> database::follow_deletions(table_ptr table, std::vector<base::message_id> messages) {
  std::set<base::message_id> gone(messages.begin(), messages.end());
  auto rows = co_await table->rows_at(std::move(gone));
  bool accept = deletions_.policy() == deletion_policy::accept;
  auto count = rows.size();
  auto noted = deletions_.note(std::move(rows), env().now());
  if (noted.known) co_return;
  if (noted.what == hand_deletions::fate::held) {
    env().log.error(accept ? "too many messages of rows were deleted by hand at once; no row is deleted until /dbc_policy decides"
                           : "many messages of rows were deleted by hand at once; they are written again, unless /dbc_policy deletions:accept deletes the rows",
                    {{"database", record_.name}, {"table", table->definition().name}, {"rows", count}});
  }
  if (noted.what == hand_deletions::fate::waits) {
    (void)co_await noted.settled.wait_until(env(), env().after(hand_deletions::at_once_within));
    co_await remove_rows(deletions_.take_waiting(noted.number), env().after(decision_time));
  }
  table->messages_deleted(std::move(messages));
}

// What people delete while the bot is away, or has no session, nobody tells. That it is gone is no wish then: it is written again.
dbcord::actor::task<void> database::look_for_missed_deletions() {
  bool failed = false;
  while (!stopping_) {
    auto until = failed ? env().after(missed_look_pause) : base::steady_time::max();
    co_await missed_wake_.wait_until(env(), until);
    failed = false;
    for (const auto& table : all_tables()) {
      if (stopping_) co_return;
      auto looked = co_await look_for_messages_of(table);
      failed = failed || !looked;
      if (!looked && !stopping_) env().log.debug("messages not looked for", {{"database", record_.name}, {"error", looked.error().message}});
    }
  }
}

dbcord::actor::task<base::result<void>> database::look_for_messages_of(table_ptr table) {
  auto most = options_.looked_for_most;
  auto expected = co_await table->messages_of_records(0, std::numeric_limits<std::uint64_t>::max(), most + 1);
  std::size_t count = 0;
  for (const auto& [channel, messages] : expected) count += messages.size();
  if (count > most) {
    env().log.info("whether messages of a large table were deleted by hand meanwhile is not looked for; /dbc_verify does",
                   {{"database", record_.name}, {"table", table->definition().name}});
    co_return base::result<void>();
  }
  for (auto& [channel, messages] : expected) {
    call_options options{priority::maintenance, env().after(missed_look_time)};
    auto missing = co_await find_missing(store_, channel, std::move(messages), options, when_stopping());
    if (!missing && (table->dropped() || table->has_left(channel, missing.error()))) continue;
    if (!missing && missing.error().code == store_errc::not_found) {
      co_await table->channel_deleted(channel);
      continue;
    }
    if (!missing) co_return missing.error();
    if (missing->empty()) continue;
    env().log.warning("messages of rows were deleted by hand while nobody listened; what lay there is written again",
                      {{"database", record_.name}, {"table", table->definition().name}, {"messages", missing->size()}});
    table->messages_deleted(std::move(*missing));
  }
  co_return base::result<void>();
}

dbcord::actor::task<std::uint64_t> database::remove_rows(std::vector<held_row> rows, base::steady_time deadline) {
  std::uint64_t removed = 0;
  for (std::size_t first = 0; first < rows.size(); first += removals_at_once) {
    std::vector<dbcord::actor::promise<bool>> outcomes;
    for (auto i = first; i < std::min(rows.size(), first + removals_at_once); ++i) {
      dbcord::actor::promise<bool> done;
      outcomes.push_back(done);
      if (!tasks_.spawn(executor(), remove_row(std::move(rows[i]), deadline, done))) done.set(false);
    }
    for (auto& outcome : outcomes) removed += co_await outcome.get() ? 1 : 0;
  }
  deletions_.note_accepted(removed);
  co_return removed;
}

dbcord::actor::task<void> database::remove_row(held_row row, base::steady_time deadline, dbcord::actor::promise<bool> done) {
  auto table = table_by_id(row.table);
  if (!table) {
    done.set(false);
    co_return;
  }
  write_context context;
  context.command = "deleted by hand";
  context.deadline = deadline;
  context.expected_version = row.version;
  auto removed = co_await table->remove(row.key, std::move(context));
  if (!removed.value && removed.value.error().code != errc::conflict && removed.value.error().code != errc::unknown_key) {
    env().log.warning("a row whose message was deleted by hand could not be deleted", {{"database", record_.name}, {"error", removed.value.error().message}});
  }
  done.set(removed.value.has_value());
}

dbcord::actor::task<base::result<deletion_decision>> database::set_deletions(deletion_policy policy, write_context context) {
  auto deadline = context.deadline;
  protocol::operation op = protocol::set_deletions{0, policy == deletion_policy::accept};
  auto writing = write_own(std::move(op), std::move(context));
  auto written = co_await std::move(writing);
  if (!written) co_return written.error();
  auto held = deletions_.take_held();
  deletion_decision decision{std::move(*written), 0, held.size()};
  if (policy == deletion_policy::accept) decision.deleted = co_await remove_rows(std::move(held), deadline);
  decision.kept -= decision.deleted;
  co_return decision;
}

}  // namespace dbcord::database
