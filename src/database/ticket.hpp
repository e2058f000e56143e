#pragma once
// Names a transaction between its validation and its outcome. Plain value.

#include <cstdint>

namespace dbcord::database {

using ticket = std::uint64_t;

}  // namespace dbcord::database
