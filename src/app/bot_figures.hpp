#pragma once
// bot_figures: what a running bot is doing, at one moment; and the same as Prometheus metrics. Plain values, any thread.

#include <prometheus/metric_family.h>

#include <vector>

#include "bot/dispatcher.hpp"
#include "commands/command_statistics.hpp"
#include "database/database_administration.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::app {

struct bot_figures {
  std::vector<database::database_summary> databases;
  std::vector<database::database_figures> details;  // of those that are open
  database::memory_figures memory;
  std::size_t not_open = 0;  // databases that could not be opened
  discord::scheduler_stats requests;
  std::vector<discord::route_stats> routes;
  std::vector<discord::bucket_counts> answers;
  std::vector<discord::bucket_stats> buckets;
  bot::dispatcher_stats interactions;
  std::vector<commands::command_figures> commands;
  std::size_t running_jobs = 0;
};

std::vector<prometheus::MetricFamily> metrics_of(const bot_figures& figures);

}  // namespace dbcord::app
