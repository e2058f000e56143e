#include "simulation/run_report.hpp"

namespace dbcord::simulation {

void count_operations(run_report& r, const history& all) {
  r.preconditions = count_preconditions(all);
  for (const auto& op : all) {
    ++r.operations;
    r.unknown += op.outcome == operation_outcome::unknown && op.answered == base::steady_time::max();
    r.acknowledged += op.outcome == operation_outcome::done;
    r.refused += op.outcome == operation_outcome::refused;
  }
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
