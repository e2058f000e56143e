#include "guild/server_committer.hpp"

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
  changed_.wait(lock, [this] { return finishing_ || collected_.last != 0; });
  out = std::exchange(collected_, {});
  return out.last != 0;
}

void committer::run() {
  numbered_batch collected;
  while (next(collected)) {
    auto committed = store_.commit(collected.work);
    if (!committed) {
      done_(committed.error());
      return;
    }
    done_(collected.last);
  }
}

}  // namespace dbcord::guild
