// Versions that were superseded before they had a message: only the log has them, so they hold its old segments. They are none of the materialiser's work, and kept
// to the horizon of the history, so they are written as messages here.

#include <algorithm>

#include "actor/each_at_once.hpp"
#include "actor/event.hpp"
#include "database/database.hpp"
#include "database/table_drain.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration shortening_time = 10min;
constexpr base::duration log_poll = 500ms;
constexpr std::size_t tables_at_once = 4;  // a page of older versions in memory for each

}  // namespace

// None while a row is being purged, whose value a page that is being made may hold still.
dbcord::actor::task<emptied_log> database::empty_log(std::vector<table_ptr> tables, std::uint64_t before, std::function<bool()> given_up, base::steady_time deadline) {
  emptied_log done;
  if (emptying_log_.exchange(true)) {
    done.busy = true;
    done.trouble = "its older versions are being written out of it already";
    co_return done;
  }
  struct turn {
    std::atomic<bool>& taken;
    ~turn() { taken = false; }
  } ours{emptying_log_};
  auto work = empty_log_of_each(std::move(tables), before, std::move(given_up), deadline);
  done = co_await dbcord::actor::asio::co_spawn(env().make_strand(), std::move(work), dbcord::actor::asio::use_awaitable);
  co_return done;
}

// Several at a time: each table's channel has a rate limit of its own.
dbcord::actor::task<emptied_log> database::empty_log_of_each(std::vector<table_ptr> tables, std::uint64_t before, std::function<bool()> given_up,
                                                             base::steady_time deadline) {
  emptied_log done;
  co_await dbcord::actor::each_at_once(tables.size(), tables_at_once,
                                       [&](std::size_t i) { return empty_log_of(tables[i], before, given_up, deadline, done); });
  co_return done;
}

dbcord::actor::task<void> database::empty_log_of(table_ptr table, std::uint64_t before, std::function<bool()> given_up, base::steady_time deadline, emptied_log& done) {
  auto oldest = co_await table->oldest_log_only();
  if (!oldest || *oldest >= before) co_return;
  base::result<void> emptied;
  if (table->knows_all_messages()) {
    leaving_places records{{}, before};
    drain_context draining{env(), store_, values_, std::move(given_up), deadline, nullptr};
    table_drain drain(std::move(draining), table, std::move(records));
    emptied = co_await drain.run();
    done.versions += drain.versions_moved();
  } else {
    emptied = table->still_adopting();
  }
  if (!emptied && done.trouble.empty()) done.trouble = emptied.error().message;
}

std::function<bool()> database::when_stopping() const {
  return [this] { return stopping_.load(); };
}

std::function<bool()> database::when_stopping_or_purging() const {
  return [this] { return stopping_ || purges_ > 0; };
}

dbcord::actor::task<void> database::await_log_emptied(base::steady_time deadline) {
  while (emptying_log_ && env().now() + log_poll < deadline) co_await dbcord::actor::sleep_for(env(), log_poll);
}

// Each segment is a channel, of which a guild has room for few hundred.
dbcord::actor::task<void> database::shorten_log() {
  while (!stopping_) {
    co_await shorten_wake_.wait();
    auto segments = log_.segments().all();
    auto kept = std::max<std::size_t>(options_.checkpoints.segments_kept, 1);
    if (stopping_ || segments.size() <= kept) continue;
    auto emptied = co_await empty_log(all_tables(), segments[segments.size() - kept].first_lsn, when_stopping_or_purging(), env().after(shortening_time));
    if (emptied.versions == 0) continue;
    env().log.info("older versions were written out of the log", {{"database", record_.name}, {"versions", emptied.versions}, {"left", emptied.trouble}});
  }
}

}  // namespace dbcord::database
