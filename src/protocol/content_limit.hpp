#pragma once
// Of every message that dbcord stores. Pure.

#include <cstddef>

namespace dbcord::protocol {

inline constexpr std::size_t content_limit = 2000;  // code points of a message (Discord docs, Create Message)

}  // namespace dbcord::protocol
