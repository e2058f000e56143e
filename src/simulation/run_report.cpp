#include "simulation/run_report.hpp"

namespace dbcord::simulation {

void count_work(run_report& r, const workload& work) {
  const auto& all = work.operations();
  r.preconditions = count_preconditions(all);
  r.finds = work.finds();
  r.past = work.past().figures();
  r.imports = count_imports(work.imports());
  for (const auto& op : all) {
    ++r.operations;
    r.unknown += op.outcome == operation_outcome::unknown && op.answered == base::steady_time::max();
    r.acknowledged += op.outcome == operation_outcome::done;
    r.refused += op.outcome == operation_outcome::refused;
  }
}

void count_others(run_report& r, const other_workloads& others) {
  if (others.alterations) r.alterations = others.alterations->alterations();
  if (others.threads) r.threads = others.threads->threads_shown();
  if (others.chores) r.chores = others.chores->figures();
}

void count_processes(run_report& r, const rivals& all) {
  r.crashes = all.crashes();
  r.starts = all.starts();
  r.holders = all.holders();
  r.pauses = all.pauses();
}

void count_requests(run_report& r, const network& net) {
  const auto& stats = net.stats();
  r.requests = stats.requests;
  r.faults = stats.faults;
  r.deltas = net.deltas_written();
  r.gateway_drops = stats.drops;
  r.limited = stats.limited;
  r.limited_by_fault = stats.limited_by_fault;
}

}  // namespace dbcord::simulation
