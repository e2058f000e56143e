#pragma once
// run_report: what is counted for the report of a run, from those who know it. Pure.

#include "simulation/history.hpp"
#include "simulation/network.hpp"
#include "simulation/run.hpp"

namespace dbcord::simulation {

void count_operations(run_report& r, const history& all);
void count_requests(run_report& r, const network& net);

}  // namespace dbcord::simulation
