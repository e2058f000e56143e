#pragma once
// request_figures: how what the database asks of Discord fares against its limits, for whoever inspects it. Filled by the front door, which knows who sends
// requests. Plain values; the source may be asked from any executor, and outlives the commands.

#include <string>
#include <vector>

#include "actor/promise.hpp"
#include "dbcord/base/clock.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::commands {

struct limit_figures {
  std::vector<std::string> kinds;  // of requests that count in it: "POST /channels/{}/messages"
  std::string place;               // the id of the channel, guild or webhook that it is for; empty: none
  int limit = 0;
  int used = 0;
  std::size_t waiting = 0;                // requests
  std::optional<base::duration> ends_in;  // its window, if that is known
};

struct request_figures {
  std::size_t waiting = 0;
  std::size_t in_flight = 0;
  std::uint64_t refused = 0;  // answers 429 since the start
  std::vector<limit_figures> limits;
};

class request_figure_source {
 public:
  virtual ~request_figure_source() = default;
  virtual actor::task<base::result<request_figures>> requests(base::steady_time deadline) = 0;
};

}  // namespace dbcord::commands
