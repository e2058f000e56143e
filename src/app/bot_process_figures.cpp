// The part of bot_process that tells what it is doing.

#include <algorithm>

#include "app/bot_process.hpp"

namespace dbcord::app {

actor::task<std::optional<bot_figures>> bot_process::figures(base::steady_time deadline) {
  if (!was_ready_ || stopping_) co_return std::nullopt;
  bot_figures f;
  for (auto& name : engine_->databases()) {
    database::read_context context{deadline};
    auto summary = co_await engine_->inspect(name, context);
    if (summary) f.databases.push_back(std::move(*summary));
    auto details = co_await engine_->administration().figures(std::move(name), context);
    if (details) f.details.push_back(std::move(*details));
  }
  f.memory = engine_->administration().memory();
  f.not_open = engine_->failed().size();
  f.requests = scheduler_.stats();
  f.routes = scheduler_.by_route();
  f.answers = scheduler_.by_bucket();
  auto buckets = co_await scheduler_.buckets(deadline);
  if (buckets) f.buckets = std::move(*buckets);
  f.interactions = bot_->stats();
  f.commands = bot_->statistics().all();
  auto jobs = bot_->jobs().all();
  f.running_jobs = static_cast<std::size_t>(std::count_if(jobs.begin(), jobs.end(), [](const auto& j) { return !j.outcome; }));
  co_return std::optional<bot_figures>(std::move(f));
}

}  // namespace dbcord::app
