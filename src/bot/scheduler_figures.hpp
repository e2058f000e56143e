#pragma once
// scheduler_figures: what commands may know of the request scheduler. No state; any executor. The scheduler outlives it.

#include "commands/request_figures.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::bot {

class scheduler_figures final : public commands::request_figure_source {
 public:
  explicit scheduler_figures(const discord::request_scheduler& scheduler) : scheduler_(scheduler) {}
  actor::task<base::result<commands::request_figures>> requests(base::steady_time deadline) override;

 private:
  const discord::request_scheduler& scheduler_;
};

}  // namespace dbcord::bot
