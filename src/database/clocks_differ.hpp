#pragma once
// By how much two clocks that are set right may differ: so far ahead of the server's a moment is not taken for one that is yet to come.

#include <chrono>

#include "dbcord/base/clock.hpp"

namespace dbcord::database {

inline constexpr base::duration clocks_differ = std::chrono::seconds(10);

}  // namespace dbcord::database
