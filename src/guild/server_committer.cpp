#include "guild/server_committer.hpp"

#include <algorithm>
#include <iterator>

namespace dbcord::guild {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

void committer::submit(std::uint64_t number, durable_batch batch) {
  {
    std::lock_guard lock(mutex_);
    collected_.last = number;
    append(collected_.work.attachments, batch.attachments);
    append(collected_.work.records, batch.records);
    append(collected_.work.forgotten, batch.forgotten);
  }
  changed_.notify_one();
}

void committer::finish() {
  {
    std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool committer::next(numbered_batch& out) {
  std::unique_lock lock(mutex_);
  auto due = [this] { return finishing_ || collected_.last != 0; };
  if (settle_at_) {
    changed_.wait_for(lock, std::max(base::duration(0), *settle_at_ - clock_.now()), due);
  } else {
    changed_.wait(lock, due);
  }
  out = std::exchange(collected_, {});
  return out.last != 0 || !finishing_;
}

void committer::run() {
  numbered_batch collected;
  while (next(collected)) {
    auto committed = collected.last == 0 ? base::result<void>() : commit(collected);
    if (committed) committed = settle_in_time();
    if (!committed) return done_(committed.error());
  }
  auto settled = store_.settle();
  if (!settled) done_(settled.error());
}

base::result<void> committer::commit(const numbered_batch& collected) {
  auto committed = store_.commit(collected.work);
  if (committed) done_(outcome{collected.last, store_.take_places()});
  return committed;
}

base::result<void> committer::settle_in_time() {
  auto within = store_.settle_within();
  if (!within) return settle_at_.reset(), base::result<void>();
  auto now = clock_.now();
  if (!settle_at_) settle_at_ = now + *within;
  if (now < *settle_at_) return {};
  settle_at_.reset();
  return store_.settle();
}

}  // namespace dbcord::guild
