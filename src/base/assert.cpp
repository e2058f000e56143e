#include "dbcord/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace dbcord::base {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "dbcord: bug: %s does not hold at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace dbcord::base
