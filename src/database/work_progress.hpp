#pragma once
// work_progress: how far long work is, told by whoever does it and read by whoever shows it; and the wish of a person that it end.
// Any thread. What is done stays done: cancelled work says how far it got.

#include <atomic>
#include <cstdint>
#include <memory>

namespace dbcord::database {

struct work_progress {
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> total{0};  // 0: not known
  std::atomic<bool> cancelled{false};
  std::atomic<const char*> behind{nullptr};  // what is done when all that is counted is done, a phrase that is never freed; null: nothing
};
using work_progress_ptr = std::shared_ptr<work_progress>;

inline bool is_cancelled(const work_progress_ptr& p) { return p && p->cancelled; }
inline void add_done(const work_progress_ptr& p, std::uint64_t n) {
  if (p) p->done += n;
}
inline void go_behind(const work_progress_ptr& p, const char* what) {
  if (p) p->behind = what;
}
inline void set_total(const work_progress_ptr& p, std::uint64_t n) {
  if (p) p->total = n;
}

}  // namespace dbcord::database
