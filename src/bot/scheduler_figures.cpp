#include "bot/scheduler_figures.hpp"

namespace dbcord::bot {

actor::task<base::result<commands::request_figures>> scheduler_figures::requests(base::steady_time deadline) {
  auto buckets = co_await scheduler_.buckets(deadline);
  if (!buckets) co_return buckets.error();
  auto stats = scheduler_.stats();
  commands::request_figures f;
  f.waiting = stats.waiting;
  f.in_flight = stats.in_flight;
  f.refused = stats.limited_user + stats.limited_global + stats.limited_shared;
  for (auto& b : *buckets) f.limits.push_back({std::move(b.kinds), std::move(b.top_level), b.limit, b.used, b.waiting, b.ends_in});
  co_return f;
}

}  // namespace dbcord::bot
