#pragma once
// tried_points: which points a test tries that lets something fail at every one of many. All of them; under a sanitizer, where each takes ten times as long,
// every third, from DBCORD_FIRST_POINT on (0, 1 or 2). tools/test takes that from the commit, so that after a few commits each was tried.

#include <cstdlib>

namespace dbcord::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif
#else
inline constexpr bool is_sanitized = false;
#endif

struct tried_points {
  int first = 0;
  int step = 1;
};

inline tried_points points_to_try() {
  if (!is_sanitized) return {};
  const char* from = std::getenv("DBCORD_FIRST_POINT");
  return {from ? std::atoi(from) % 3 : 0, 3};
}

}  // namespace dbcord::test
