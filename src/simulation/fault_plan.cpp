#include "simulation/fault_plan.hpp"

#include <algorithm>
#include <cmath>

namespace dbcord::simulation {

std::string_view name(fate f) {
  static constexpr std::string_view names[] = {"served",       "connect-refused", "reset-before",
                                               "reset-after",  "error-before",    "error-after",
                                               "answer-never", "applied-late",    "rate-limited",
                                               "forbidden"};
  return names[static_cast<int>(f)];
}

fate draw_fate(const fault_plan& plan, bool effect, base::random_source& random) {
  double dice = random.unit();
  auto falls = [&dice](double p) {
    dice -= p;
    return dice < 0;
  };
  if (falls(plan.connect_refused)) return fate::connect_refused;
  if (falls(plan.reset_before)) return fate::reset_before;
  if (falls(plan.reset_after)) return fate::reset_after;
  if (falls(plan.error_before)) return fate::error_before;
  if (falls(plan.error_after)) return fate::error_after;
  if (falls(plan.answer_never)) return fate::answer_never;
  if (falls(plan.rate_limited)) return fate::rate_limited;
  if (falls(plan.applied_late) && effect) return fate::applied_late;
  if (falls(plan.forbidden) && effect) return fate::forbidden;
  return fate::served;
}

base::duration draw_up_to(base::duration max, base::random_source& random) {
  return base::duration(static_cast<base::duration::rep>(random.unit() * static_cast<double>(max.count())));
}

base::duration draw_exponential(base::duration mean, base::random_source& random) {
  double factor = -std::log(1 - random.unit());
  return base::duration(static_cast<base::duration::rep>(factor * static_cast<double>(mean.count())));
}

base::duration draw_latency(const fault_plan& plan, base::random_source& random) {
  auto latency = plan.latency_min + draw_exponential(plan.latency_mean, random);
  if (random.unit() < plan.delayed) latency += draw_up_to(plan.delay_max, random);
  return latency;
}

fault_plan plan_of_weight(int weight) {
  fault_plan plan;
  if (weight <= 0) return plan;
  double p = weight == 1 ? 0.003 : weight == 2 ? 0.012 : 0.03;
  plan.connect_refused = plan.reset_before = plan.reset_after = p;
  plan.error_before = plan.error_after = p;
  plan.answer_never = p / 2;
  plan.applied_late = p;
  plan.rate_limited = p / 2;
  plan.delayed = p;
  plan.interaction_twice = 3 * p;
  plan.open_refused = 4 * p;
  plan.drop_every = weight == 1 ? std::chrono::seconds(60) : std::chrono::seconds(weight == 2 ? 25 : 12);
  plan.drop_silently = 0.06;
  return plan;
}

}  // namespace dbcord::simulation
