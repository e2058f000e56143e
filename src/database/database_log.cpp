// What lies in the log only, and holds its old segments: a row that waits for its message, and versions that were superseded before they had one. For these the
// materialiser has nothing left to do, and they are kept to the horizon of the history, so they are written as messages here.

#include "database/database.hpp"
#include "database/table_drain.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration shortening_time = 10min;

}  // namespace

dbcord::actor::task<base::result<std::uint64_t>> database::empty_log(std::vector<table_ptr> tables, std::uint64_t before, base::steady_time deadline) {
  std::uint64_t versions = 0;
  for (const auto& table : tables) {
    auto oldest = co_await table->oldest_log_only();
    if (!oldest || *oldest >= before) continue;
    if (!table->knows_all_messages()) co_return table->still_adopting();
    leaving_places records;
    records.log_before = before;
    drain_context draining{env(), store_, values_, stopping_, deadline, nullptr};
    table_drain drain(std::move(draining), table, std::move(records));
    auto done = co_await drain.run();
    versions += drain.versions_moved();
    if (!done) co_return done.error();
  }
  co_return versions;
}

// Each segment is a channel, of which a guild has room for few hundred.
dbcord::actor::task<void> database::shorten_log() {
  while (!stopping_) {
    co_await shorten_wake_.wait();
    auto segments = log_.segments().all();
    auto kept = options_.checkpoints.segments_kept;
    if (stopping_ || segments.size() <= kept) continue;
    auto emptied = co_await empty_log(all_tables(), segments[segments.size() - kept].first_lsn, env().after(shortening_time));
    if (emptied && *emptied == 0) continue;
    env().log.info("older versions were written out of the log", {{"database", record_.name}, {"versions", emptied ? *emptied : 0},
                                                                   {"error", emptied ? std::string() : emptied.error().message}});
  }
}

}  // namespace dbcord::database
