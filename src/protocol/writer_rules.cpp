#include "protocol/writer_rules.hpp"

namespace dbcord::protocol {
namespace {

using namespace std::chrono_literals;
constexpr base::duration claim_travel_max = 10s;  // rule 5
constexpr base::duration held_margin = 2s;        // rule 6

}  // namespace

bool is_void_claim(base::message_id claim, std::int64_t stated_s) {
  return base::created_at(claim) > base::system_time(std::chrono::seconds(stated_s)) + claim_travel_max;
}

base::system_time may_start_at(base::message_id claim, bool unclaimed, lease_terms terms) {
  auto claimed = base::created_at(claim);
  if (unclaimed) return claimed + 2 * date_grain + terms.staleness;
  return claimed + date_grain + terms.lease + terms.staleness;
}

base::system_time held_before(base::message_id claim, lease_terms terms) {
  return base::created_at(claim) + terms.lease - held_margin;
}

bool covers(base::system_time last_clean, base::system_time date, lease_terms terms) {
  return date + date_grain < last_clean + terms.lease - terms.staleness;
}

base::system_time surely_shown(base::system_time asked, lease_terms terms) { return asked - terms.staleness - ids_differ; }

}  // namespace dbcord::protocol
