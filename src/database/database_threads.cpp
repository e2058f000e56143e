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
  if (!target) co_return target.error();
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
  auto known = co_await table->versions_of(key, options.deadline);
  if (!known) co_return known.error();
  co_await publication_.settled();
  auto versions = std::move(known->past);
  if (known->live) versions.push_back(*known->live);
  if (versions.empty()) {
    co_return base::error(errc::unknown_key, fmt::format("table {} of database {} has no row with key \"{}\", nor any older version of it",
                                                         definition.name, record_.name, key));
  }
  auto place = co_await threads_.open(definition.channel, key, tag, look, options);
  if (!place) co_return place.error();
  std::erase_if(versions, [&](const past_version& v) { return v.lsn <= place->shown; });
  thread_report report{place->thread, place->made, 0, versions.size()};
  version_reader reader(store_, log_.segments(), values_, options);
  for (const auto& v : versions) {
    bool late = env().now() + time_for_a_message >= options.deadline;
    if (late || stopping_ || report.added == thread_report::most_added) break;
    auto change = co_await reader.read(definition, key, v);
    if (!change && change.error().code != errc::damaged) co_return change.error();
    auto entry = change ? as_shown(*change, tag) : as_shown({v.version, v.lsn, base::created_at(v.log_message), v.deleted, {}, {}, {}, {}}, tag);
    if (!change) entry.instead = "Its value cannot be read any more.";
    auto posted = co_await threads_.append(definition.channel, *place, std::move(entry), env().random.token(thread_nonce_size), options);
    if (!posted) co_return posted.error();
    ++report.added;
    --report.left;
  }
  co_return report;
}

}  // namespace dbcord::database
