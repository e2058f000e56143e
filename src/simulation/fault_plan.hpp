#pragma once
// fault_plan: how often what goes wrong between one client and the guild. Pure data and one pure draw; everything random
// comes from the source that the caller passes. Probabilities are per request (or per connection where it says so).

#include <string>
#include <string_view>

#include "dbcord/base/clock.hpp"
#include "dbcord/base/random.hpp"

namespace dbcord::simulation {

struct fault_plan {
  double connect_refused = 0;    // the request never leaves: not_sent
  double reset_before = 0;       // the connection breaks before the guild has seen it: interrupted
  double reset_after = 0;        // the guild has applied it, the answer is lost: interrupted
  double error_before = 0;       // 500, 502 or 503, nothing applied
  double error_after = 0;        // 500, 502 or 503, applied
  double answer_never = 0;       // applied, the answer never comes: the deadline ends the wait
  double applied_late = 0;       // the client gets an error or nothing; up to late_max after it gave up it is applied
  double rate_limited = 0;       // a 429 of scope shared that no header announced
  double forbidden = 0;          // a permission is missing: 403, nothing applied; only what changes something
  double stale_history = 0;      // message history as it was up to stale_max ago
  double history_empty = 0;      // READ_MESSAGE_HISTORY is lost: the answer is []
  double delayed = 0;            // up to delay_max more latency

  double interaction_twice = 0;  // per INTERACTION_CREATE: delivered twice
  base::duration drop_every{};   // mean time between losses of a gateway connection; zero: never
  double drop_silently = 0;      // per loss: neither side is told (half open)
  double open_refused = 0;       // per gateway connection

  base::duration latency_min = std::chrono::milliseconds(1);  // one way
  base::duration latency_mean = std::chrono::milliseconds(20);
  base::duration delay_max = std::chrono::seconds(8);
  base::duration stale_max{};
  base::duration late_max = std::chrono::seconds(60);
  bool only_messages = false;    // whatever else is asked of the guild is served
  bool only_files = false;       // so are messages without a file
};

enum class fate {
  served,
  connect_refused,
  reset_before,
  reset_after,
  error_before,
  error_after,
  answer_never,
  applied_late,
  rate_limited,
  forbidden
};
std::string_view name(fate f);

// What becomes of one request. `effect`: it changes something (anything but GET).
fate draw_fate(const fault_plan& plan, bool effect, base::random_source& random);
// One way through the network: latency_min plus an exponential tail, now and then a delay.
base::duration draw_latency(const fault_plan& plan, base::random_source& random);
// Uniform in [0, max].
base::duration draw_up_to(base::duration max, base::random_source& random);
// Exponential with that mean.
base::duration draw_exponential(base::duration mean, base::random_source& random);

// The plans that sweeps use. `weight` 0 (nothing) to 3 (hostile).
fault_plan plan_of_weight(int weight);

}  // namespace dbcord::simulation
