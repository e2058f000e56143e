// Threads that show what rows were.

#include <fmt/format.h>

#include <algorithm>

#include "database/database.hpp"
#include "database/row_input.hpp"
#include "database/version_reader.hpp"
#include "dbcord/base/time_text.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration time_for_a_message = 10s;  // of what is left: a post that is begun is to end before the deadline
constexpr std::size_t thread_nonce_size = 20;
constexpr base::duration follow_time = 15s;        // for one row; a limit of Discord makes requests wait, and closing waits for them
constexpr base::duration follow_retry_pause = 30s; // of all rows when Discord answers nobody, of one when its table is not ready
constexpr base::duration follow_long_pause = 2min; // what Discord refuses for other reasons than this row it will refuse for a while
constexpr int follow_attempts = 3;                 // at threads that are gone when they are written

protocol::shown_version as_shown(const row_change& change, const std::string& tag) {
  protocol::shown_version v;
  v.of = {tag, change.version, change.lsn};
  v.when = base::to_iso8601(change.when);
  v.deleted = change.deleted;
  v.who = change.who;
  v.command = change.command;
  v.json = change.json;
  return v;
}

}  // namespace

dbcord::actor::task<base::result<thread_report>> database::show_in_thread(std::string table, std::string key, read_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  if (!threads_.usable()) co_return base::error(errc::unavailable, "this process makes no threads");
  auto current = co_await log_.confirm_readable(context.deadline);
  if (!current) co_return current.error();
  auto tag = protocol::row_thread_tag((*target)->definition().table, key);
  auto turn = co_await threads_.turn(tag);
  call_options options{priority::interactive, context.deadline};
  auto shown = co_await continue_thread(*target, key, tag, true, options);
  bool gone = !shown && shown.error().code == store_errc::not_found;  // while it was written
  if (gone && !(*target)->dropped()) shown = co_await continue_thread(*target, key, tag, true, options);
  co_return shown;
}

// Within the row's turn.
dbcord::actor::task<base::result<thread_report>> database::continue_thread(table_ptr table, std::string key, std::string tag, bool look,
                                                                           call_options options) {
  const auto& definition = table->definition();
  bool known_in_part = !table->knows_all_messages();
  auto known = co_await table->versions_of(key, options.deadline);
  if (!known) co_return known.error();
  co_await publication_.settled();
  auto versions = std::move(known->past);
  if (known->live) versions.push_back(*known->live);
  if (versions.empty()) {
    co_return base::error(errc::unknown_key, fmt::format("table {} of database {} has no row with key \"{}\", nor any older version of it",
                                                         definition.name, record_.name, key));
  }
  auto channel = table->channels().current;
  auto place = co_await threads_.open(channel, key, tag, look, options);
  if (!place) co_return place.error();
  std::erase_if(versions, [&](const past_version& v) { return shown_order{v.lsn, v.version} <= place->shown; });
  thread_report report{place->thread, place->made, 0, versions.size()};
  version_reader reader(store_, log_.segments(), values_, options);
  for (const auto& v : versions) {
    bool late = env().now() + time_for_a_message >= options.deadline;
    if (late || stopping_ || report.added == thread_report::most_added) break;
    auto change = co_await reader.read(definition.table, known->channels, key, v);
    if (!change && change.error().code != errc::damaged) co_return change.error();
    if (!change && known_in_part) co_return table->still_adopting();
    auto entry = change ? as_shown(*change, tag) : as_shown(change_of(v), tag);
    if (!change) entry.instead = "Its value cannot be read any more.";
    auto posted = co_await threads_.append(channel, *place, std::move(entry), env().random.token(thread_nonce_size), options);
    if (!posted) co_return posted.error();
    ++report.added;
    --report.left;
  }
  co_return report;
}

// ---- in the background ----

dbcord::actor::task<base::result<write_receipt>> database::set_row_threads(std::string table, bool on, write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  protocol::operation op = protocol::set_row_threads{0, (*target)->definition().table, on};
  co_return co_await write_own(std::move(op), std::move(context));
}

row_thread_status database::row_threads_status() const {
  auto status = changed_rows_.status();
  for (auto id : changed_rows_.tables()) {
    if (auto table = table_by_id(id)) status.tables.push_back(table->definition().name);
  }
  return status;
}

// Runs as long as the database is open.
dbcord::actor::task<void> database::follow_rows() {
  while (!stopping_) {
    auto row = changed_rows_.next(env().now());
    if (!row) {
      auto until = changed_rows_.earliest();
      if (until) {
        co_await changed_rows_wake_.wait_until(env(), *until);
      } else {
        co_await changed_rows_wake_.wait();
      }
      continue;
    }
    auto pause = co_await follow_row(std::move(*row));
    for (auto until = env().after(pause); !stopping_ && env().now() < until;) co_await changed_rows_wake_.wait_until(env(), until);
  }
}

dbcord::actor::task<base::duration> database::follow_row(row_thread_queue::changed_row row) {
  auto table = table_by_id(row.table);
  if (!table || table->dropped() || !changed_rows_.follows(row.table)) co_return base::duration::zero();
  call_options options{priority::maintenance, env().after(follow_time)};
  auto current = co_await log_.confirm_readable(options.deadline);
  if (!current) {
    changed_rows_.again(std::move(row));
    co_return follow_retry_pause;
  }
  auto tag = protocol::row_thread_tag(row.table, row.key);
  auto turn = co_await threads_.turn(tag);
  auto shown = co_await continue_thread(table, row.key, tag, false, options);
  if (shown) {
    if (shown->left > 0) changed_rows_.again(std::move(row));
    co_return base::duration::zero();
  }
  const auto& why = shown.error();
  if (why.code == errc::unknown_key) co_return base::duration::zero();  // erased
  if (why.code == errc::unavailable) {  // the table, not Discord: other tables' rows need not wait
    row.not_before = env().after(follow_retry_pause);
    changed_rows_.again(std::move(row));
    co_return base::duration::zero();
  }
  bool later = why.code == store_errc::busy || why.code == store_errc::unknown || why.code == base::errc::timeout || why.code == base::errc::stopping;
  bool gone = why.code == store_errc::not_found && ++row.attempts < follow_attempts;
  if (later || gone) {
    changed_rows_.again(std::move(row));
    co_return gone ? base::duration::zero() : follow_retry_pause;
  }
  env().log.warning("a row's thread could not follow it", {{"database", record_.name}, {"table", table->definition().name}, {"error", why.message}});
  changed_rows_.leave_out(why.message);
  bool of_all = why.code == store_errc::channel_limit || why.code == store_errc::forbidden || why.code == store_errc::unauthorized;
  co_return of_all ? follow_long_pause : base::duration::zero();
}

}  // namespace dbcord::database
