#pragma once
// DBCORD_ASSERT stays in release builds and aborts: it marks a bug of dbcord, never bad input (style.md rule 7).

namespace dbcord::base {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace dbcord::base

#define DBCORD_ASSERT(expression) \
  ((expression) ? void(0) : ::dbcord::base::assertion_failed(#expression, __FILE__, __LINE__))
