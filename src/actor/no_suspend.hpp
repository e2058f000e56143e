#pragma once
// no_suspend: between its construction and destruction the coroutine must not suspend, because an invariant of its
// actor is broken meanwhile. Debug and sanitizer builds trap a violation: the thread that suspended still counts
// the guard when it next waits or runs a message. Release builds compile it away.

#include "dbcord/base/assert.hpp"

namespace dbcord::actor {

#ifdef DBCORD_DEBUG_CHECKS
namespace detail {
inline thread_local int no_suspend_depth = 0;
}

class no_suspend {
 public:
  no_suspend() { ++detail::no_suspend_depth; }
  ~no_suspend() { --detail::no_suspend_depth; }
  no_suspend(const no_suspend&) = delete;
  no_suspend& operator=(const no_suspend&) = delete;
};

// Called wherever a coroutine of dbcord may suspend and wherever an actor begins to run a message.
inline void check_may_suspend() { DBCORD_ASSERT(detail::no_suspend_depth == 0); }
#else
class no_suspend {
 public:
  no_suspend() {}
};
inline void check_may_suspend() {}
#endif

}  // namespace dbcord::actor
