#pragma once
// processor_seconds: what this process has used so far, of all its threads, user and system.

#include <sys/resource.h>

namespace dbcord::bench {

inline double processor_seconds() {
  ::rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const ::timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace dbcord::bench
