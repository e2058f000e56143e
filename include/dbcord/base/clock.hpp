#pragma once
// The clock port. Nothing in dbcord reads a clock of the machine except the implementation in actor/; so that
// simulation can replay any failure from its seed. Implementations are safe to call from any thread.

#include <chrono>

namespace dbcord::base {

using duration = std::chrono::nanoseconds;
using steady_time = std::chrono::time_point<std::chrono::steady_clock, duration>;  // for waiting
using system_time = std::chrono::time_point<std::chrono::system_clock, duration>;  // for people and Discord

class clock {
 public:
  virtual ~clock() = default;
  virtual steady_time now() const = 0;
  virtual system_time wall_now() const = 0;
};

}  // namespace dbcord::base
