#pragma once
// What an actor may use of the outside world: an executor, time, randomness and the log; all injected, so that a
// run replays from its seed. One per process (or per simulated process); it outlives every actor built on it.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include "actor/timer_service.hpp"
#include "dbcord/base/logger.hpp"
#include "dbcord/base/random.hpp"

namespace dbcord::actor {

namespace asio = boost::asio;

template <class T>
using task = asio::awaitable<T>;
using strand = asio::strand<asio::io_context::executor_type>;

struct environment {
  asio::io_context& context;
  base::clock& clock;
  timer_service& timers;
  base::random_source& random;
  base::logger& log;

  strand make_strand() const { return strand(context.get_executor()); }
  base::steady_time now() const { return clock.now(); }
  // Never, of a duration past the end of time.
  base::steady_time after(base::duration d) const {
    auto now = clock.now();
    return d > base::steady_time::max() - now ? base::steady_time::max() : now + d;
  }
};

}  // namespace dbcord::actor
