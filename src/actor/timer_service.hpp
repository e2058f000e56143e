#pragma once
// The timer port: everything in dbcord that waits for a time waits here, so that virtual time can replace it.
// Any thread. A callback runs once, or never when it was cancelled in time or the service is destroyed first;
// it runs on a thread of the environment's io_context and must not block.

#include <cstdint>

#include "dbcord/base/clock.hpp"
#include "dbcord/base/unique_function.hpp"

namespace dbcord::actor {

class timer_service {
 public:
  using timer_id = std::uint64_t;
  using callback = base::unique_function<void()>;

  virtual ~timer_service() = default;
  virtual timer_id schedule(base::steady_time when, callback fire) = 0;
  // True if the callback will not run any more because of this call.
  virtual bool cancel(timer_id id) = 0;
};

}  // namespace dbcord::actor
