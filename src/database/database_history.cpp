// What rows were: as of a moment, and version by version.

#include <fmt/format.h>

#include <algorithm>

#include "database/clocks_differ.hpp"
#include "database/database.hpp"
#include "database/version_reader.hpp"
#include "dbcord/base/time_text.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;

bool is_at_or_before(const past_version& v, moment when) {
  return when.lsn != 0 ? v.lsn <= when.lsn : base::created_at(v.log_message) <= when.time;
}

// While messages of an earlier process are adopted, what cannot be found may be in one of them.
base::error told(base::error why, const table_actor& table, bool known_in_part) {
  return known_in_part && why.code == errc::damaged ? table.still_adopting() : why;
}

// One that nobody has any more hides no others.
row_change lost_change(const past_version& v, const base::error& why) {
  auto change = change_of(v);
  change.lost = why.message;
  return change;
}

// The channel in which some of the versions lay is gone by now: they have other places.
bool left_meanwhile(const table_actor& table, const table_actor::versions& known) {
  return known.channels.retiring && table.channels().retiring != known.channels.retiring;
}

}  // namespace

std::optional<base::error> database::not_yet(moment when) const {
  if (when.lsn != 0) {
    auto newest = log_.status().lsn.load();
    if (when.lsn <= newest) return std::nullopt;
    return base::error(base::errc::invalid_argument, fmt::format("as_of: the newest LSN is {}, so nothing is known of {}", newest, when.lsn));
  }
  auto now = env().clock.wall_now();
  if (when.time <= now + clocks_differ) return std::nullopt;
  auto why = fmt::format("as_of: {} is yet to come; the latest moment is now, {}", base::to_utc_text(when.time), base::to_utc_text(now));
  return base::error(base::errc::invalid_argument, std::move(why));
}

// The version that was valid then; none if there was no such row.
base::result<std::optional<past_version>> database::version_at(const table_actor& table, const table_actor::versions& known, moment when) const {
  if (known.live && is_at_or_before(*known.live, when)) return known.live;
  auto found = std::find_if(known.past.rbegin(), known.past.rend(), [&](const past_version& v) { return is_at_or_before(v, when); });
  if (found != known.past.rend()) return std::optional(*found);
  bool certain = known.forgotten_to == 0 || (when.lsn != 0 && when.lsn >= known.forgotten_to);
  if (certain) return std::optional<past_version>();
  return base::error(errc::horizon, fmt::format("as_of: table {} keeps no versions of this row from so long ago; the first LSN of which all is known is {}",
                                                table.definition().name, known.forgotten_to));
}

dbcord::actor::task<base::result<row>> database::get_as_of(std::string table, std::string key, moment when, read_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto current = co_await log_.confirm_readable(context.deadline);
  if (!current) co_return current.error();
  if (auto future = not_yet(when)) co_return *future;
  bool known_in_part = !(*target)->knows_all_messages();
  auto known = co_await (*target)->versions_of(key, context.deadline);
  if (!known) co_return known.error();
  co_await publication_.settled();
  auto then = version_at(**target, *known, when);
  if (!then) co_return then.error();
  if (!*then || (*then)->deleted) {
    co_return base::error(errc::unknown_key, fmt::format("table {} of database {} had no row with key \"{}\" then", table, record_.name, key));
  }
  version_reader reader(store_, log_.segments(), values_, {priority::read, context.deadline});
  auto change = co_await reader.read((*target)->definition().table, known->channels, key, **then);
  if (!change && left_meanwhile(**target, *known)) co_return co_await get_as_of(std::move(table), std::move(key), when, context);
  if (!change) co_return told(change.error(), **target, known_in_part);
  row found;
  found.key = std::move(key);
  found.version = change->version;
  found.lsn = change->lsn;
  found.json = std::move(change->json);
  found.location = change->location;
  co_return found;
}

dbcord::actor::task<base::result<history_answer>> database::history(std::string table, history_request request, read_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto current = co_await log_.confirm_readable(context.deadline);
  if (!current) co_return current.error();
  bool known_in_part = !(*target)->knows_all_messages();
  auto known = co_await (*target)->versions_of(request.key, context.deadline);
  if (!known) co_return known.error();
  co_await publication_.settled();
  auto versions = std::move(known->past);
  if (known->live) versions.push_back(*known->live);
  if (versions.empty()) {
    co_return base::error(errc::unknown_key, fmt::format("table {} of database {} has no row with key \"{}\", nor any older version of it", table,
                                                         record_.name, request.key));
  }
  history_answer answer;
  answer.known = versions.size();
  answer.complete = known->forgotten_to == 0;
  version_reader reader(store_, log_.segments(), values_, {priority::read, context.deadline});
  for (auto v = versions.rbegin(); v != versions.rend() && answer.changes.size() < request.limit; ++v) {
    auto change = co_await reader.read((*target)->definition().table, known->channels, request.key, *v);
    if (!change && left_meanwhile(**target, *known)) co_return co_await history(std::move(table), std::move(request), context);
    if (!change && (change.error().code != errc::damaged || known_in_part)) co_return told(change.error(), **target, known_in_part);
    answer.changes.push_back(change ? std::move(*change) : lost_change(*v, change.error()));
  }
  co_return answer;
}

}  // namespace dbcord::database
