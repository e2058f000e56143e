#pragma once
// Records keep times as Unix milliseconds. Pure, any thread.

#include <chrono>
#include <cstdint>

#include "dbcord/base/clock.hpp"

namespace dbcord::guild {

inline std::uint64_t to_unix_ms(base::system_time when) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count());
}

inline base::system_time from_unix_ms(std::uint64_t ms) {
  return base::system_time(std::chrono::milliseconds(static_cast<std::int64_t>(ms)));
}

}  // namespace dbcord::guild
