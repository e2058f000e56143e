#pragma once
// fault_injector: decides what goes wrong, from a plan and a seed, and counts it. It changes nothing itself: rest, the
// routes and the gateway ask it. Owned by the core's world; one caller at a time. Deterministic: the same plan, inputs and
// times give the same faults.

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/random.hpp"
#include "guild/fault_plan.hpp"

namespace dbcord::guild {

enum class request_fate {
  served,
  reset_before,
  reply_lost,
  reply_never,
  applied_late,
  error_before,
  error_after,
  limited_shared,
  limited_hidden
};
enum class event_fate { delivered, dropped, doubled, late };
enum class session_fault { reconnect, invalidate, drop };

// What one reading of a channel's history shows.
struct history_view {
  bool empty = false;
  std::optional<base::system_time> until;  // nothing later
};

// splitmix64: what becomes of one message must not depend on the order of the questions.
std::uint64_t well_mixed(std::uint64_t x);

class fault_injector {
 public:
  const fault_plan& plan() const { return plan_; }
  // Begins again: counters, seed.
  void set_plan(fault_plan plan, base::system_time now);
  // How often each fault was drawn since, by name.
  const std::map<std::string, std::uint64_t, std::less<>>& counters() const { return counters_; }

  // `route`: as "POST /channels/{}/messages".
  request_fate draw_request(std::string_view route);
  int draw_error_status();  // 500, 502 or 503
  base::duration draw_late();
  base::duration draw_retry_after();
  base::duration draw_latency();
  bool draw_slow_body() { return happens(plan_.body_slow, "body_slow"); }
  // How much of the body is sent before the connection breaks.
  std::optional<std::size_t> draw_body_cut(std::size_t size);

  bool refuses(std::string_view content);
  // How much of a file is kept.
  std::size_t draw_upload(std::size_t size);
  // Of a nonce that is known: it counts for nothing.
  bool forgets_nonce() { return happens(plan_.nonce_forgotten, "nonce_forgotten"); }
  // By how much the clock of who mints its id is behind; nothing: not at all.
  std::optional<base::duration> draw_id_behind();

  bool meets_history() const { return plan_.history_empty + plan_.history_stale + plan_.visible_late > 0; }
  history_view draw_history(base::system_time now);
  // Whether a reading shows that message. The same answer for the same time.
  bool is_visible(base::message_id id, const history_view& view, base::system_time now) const;

  // Whether a message never enters the search index.
  bool hides_from_search(base::message_id id);
  bool loses_search() { return happens(plan_.search_lost, "search_lost"); }

  event_fate draw_event(std::string_view name);
  base::duration draw_event_delay() { return draw_up_to(plan_.event_late_max); }

  std::optional<base::system_time> next_session_fault() const;
  // Those that are due; each is planned anew.
  std::vector<session_fault> take_session_faults(base::system_time now);
  std::size_t choose(std::size_t count) { return random_->below(count); }

 private:
  bool happens(double probability, std::string_view name);
  bool count(std::string_view name);
  base::duration draw_up_to(base::duration max);
  base::duration draw_exponential(base::duration mean);
  void plan_session_fault(session_fault kind, base::system_time now);
  base::duration mean_of(session_fault kind) const;

  fault_plan plan_;
  bool meets_requests_ = false;
  std::unique_ptr<base::seeded_random> random_ = std::make_unique<base::seeded_random>(1);
  std::map<std::string, std::uint64_t, std::less<>> counters_;
  std::uint64_t left_ = 0;  // of at_most
  std::array<std::optional<base::system_time>, 3> due_;
};

}  // namespace dbcord::guild
