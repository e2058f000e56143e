// How a database is doing.

#include "database/database_figures.hpp"

#include "database/database.hpp"

namespace dbcord::database {

dbcord::actor::task<base::result<database_figures>> database::figures(read_context context) {
  database_figures f;
  f.database = record_.name;
  f.memory = memory_.figures();
  if (auto problem = log_.unwritten(); problem && !log_.closed_reason()) f.write_problems.push_back(std::move(*problem));
  std::optional<base::message_id> oldest;
  for (const auto& table : all_tables()) {
    auto its = co_await table->figures(context.deadline);
    if (!its) co_return its.error();
    f.waiting_rows += its->waiting;
    auto problem = its->waiting > 0 ? materialiser_.problem_of(*table) : std::nullopt;
    if (problem) f.write_problems.push_back(std::move(*problem));
    f.set_aside_rows += its->set_aside;
    f.lost_rows += its->lost;
    f.cache += its->cache;
    if (its->oldest_waiting) oldest = oldest ? std::min(*oldest, *its->oldest_waiting) : *its->oldest_waiting;
  }
  // By the time in the id of the log's message, on our clock: a clock that is behind Discord's makes it nothing.
  auto since = oldest ? std::chrono::duration_cast<base::duration>(env().clock.wall_now() - base::created_at(*oldest)) : base::duration::zero();
  f.oldest_waits = std::max(base::duration::zero(), since);
  f.queued_bytes = log_.queue().bytes();
  f.commit_seconds = log_.histograms().commit_seconds.figures();
  f.group_transactions = log_.histograms().group_transactions.figures();
  auto lease = co_await log_.lease(context.deadline);
  if (!lease) co_return lease.error();
  f.lease_age = lease->age;
  f.lease_problem = std::move(lease->problem);
  std::lock_guard lock(tables_mutex_);
  f.undeleted.assign(dropped_channels_.begin(), dropped_channels_.end());
  f.deletion_problem = deletion_problem_;
  co_return f;
}

}  // namespace dbcord::database
