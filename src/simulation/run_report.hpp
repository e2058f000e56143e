#pragma once
// run_report: what is counted for the report of a run, from those who know it. Pure.

#include "simulation/network.hpp"
#include "simulation/other_workloads.hpp"
#include "simulation/rivals.hpp"
#include "simulation/run.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

void count_work(run_report& r, const workload& work);
void count_others(run_report& r, const other_workloads& others);
void count_processes(run_report& r, const rivals& all);
void count_requests(run_report& r, const network& net);

}  // namespace dbcord::simulation
