#pragma once
// What is to go wrong in the guild, how often and how badly. Pure data, off by default; from JSON and back. Faults meet the
// bot and its interactions, never the owner, whose client is the instrument of tests. Probabilities are in [0, 1].

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "dbcord/base/clock.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::guild {

struct fault_plan {
  // Per request; at most one of these (their sum counts).
  double reset_before = 0;    // the connection breaks, nothing was applied
  double reply_lost = 0;      // applied, then the connection breaks without an answer
  double reply_never = 0;     // applied, then silence until the client gives up
  double applied_late = 0;    // the connection breaks; late_min to late_max later it is applied
  double error_before = 0;    // 500, 502 or 503, nothing applied
  double error_after = 0;     // 500, 502 or 503, applied
  double limited_shared = 0;  // 429 of scope shared, that no header announced
  double limited_hidden = 0;  // 429 of scope user while X-RateLimit-Remaining is above 0

  // Per answer.
  double body_slow = 0;  // comes with body_bytes_a_second
  double body_cut = 0;   // the connection breaks within the body
  base::duration latency_min{};
  base::duration latency_mean{};  // above the minimum an exponential tail, up to …
  base::duration latency_max = std::chrono::seconds(30);

  // Per message that is written.
  double content_refused = 0;               // AutoMod, error 200000
  std::vector<std::string> blocked_words;   // contents that have one are always refused so
  double upload_cut = 0;                    // per file: only its beginning is kept
  double nonce_forgotten = 0;               // per message that is sent again: its nonce is not known any more, so it stands twice

  double id_behind = 0;                     // its id is of a moment up to id_behind_max ago: lower than ids before

  // Per reading of message history.
  double history_empty = 0;  // READ_MESSAGE_HISTORY is lost: []
  double history_stale = 0;  // as it was up to stale_max ago
  double visible_late = 0;   // per message: missing for up to visible_late_max, while later ones are there

  // Of guild search. There is one index, so late and missed messages are so for the owner, too.
  base::duration search_lag{};  // on top of the guild's own delay: until what was written or edited is found
  double search_missed = 0;     // per message that enters the index while the plan holds: it is not found, until it is edited
  double search_lost = 0;       // per search of the bot: Discord has lost the index and begins anew (202)

  // Per event and session of the bot.
  double event_dropped = 0;
  double event_doubled = 0;
  double event_late = 0;           // overtaken by the next one, or event_late_max late
  double interaction_doubled = 0;  // INTERACTION_CREATE only

  // Mean times between two; zero: never. Each meets one session of the bot.
  base::duration reconnect_every{};   // op 7
  base::duration invalidate_every{};  // op 9, the session is gone
  base::duration drop_every{};        // the connection vanishes without a close frame

  base::duration late_min = std::chrono::seconds(1);
  base::duration late_max = std::chrono::seconds(60);
  base::duration retry_after_max = std::chrono::seconds(5);
  base::duration stale_max = std::chrono::seconds(2);
  base::duration visible_late_max = std::chrono::seconds(2);
  base::duration id_behind_max = std::chrono::milliseconds(300);
  base::duration event_late_max = std::chrono::seconds(1);
  std::uint64_t body_bytes_a_second = 1000;

  std::uint64_t seed = 1;
  std::uint64_t at_most = UINT64_MAX;  // so many faults, then no more
  // Routes that faults of requests and answers meet, as "POST /channels/{}/messages" or "GET /attachments"; empty: every route.
  std::vector<std::string> only;

  friend bool operator==(const fault_plan&, const fault_plan&) = default;
};

// The names are those of the members, times with the ending _ms; what is missing has its default. Unknown names and values
// that make no sense are an error of one sentence.
base::result<fault_plan> read_fault_plan(const boost::json::object& object);
base::result<fault_plan> parse_fault_plan(std::string_view text);
boost::json::object to_json(const fault_plan& plan);

}  // namespace dbcord::guild
