#include "database/commit_queue.hpp"

#include "base/deliberate_bug.hpp"

namespace dbcord::database {

base::result<void> commit_queue::push(pending_ptr t) {
  return push(std::move(t), closings());
}

base::result<void> commit_queue::push(pending_ptr t, std::uint64_t closings) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return *closed_;
    if (closings != closings_) return base::error(errc::conflict, "what this rests on was not written; nothing was changed, try again");
    if (!has_room_for(t->bytes) && !base::has_bug(base::deliberate_bug::ignore_backpressure)) return base::error(errc::backpressure);
    bytes_ += t->bytes;
    if (all_) all_->bytes += t->bytes;
    waiting_.push_back(std::move(t));
  }
  changed_.notify();
  return {};
}

std::uint64_t commit_queue::closings() const {
  std::lock_guard lock(mutex_);
  return closings_;
}

bool commit_queue::empty() const {
  std::lock_guard lock(mutex_);
  return waiting_.empty();
}

std::size_t commit_queue::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

std::vector<pending_ptr> commit_queue::take(std::size_t group_cap) {
  std::lock_guard lock(mutex_);
  std::vector<pending_ptr> group;
  std::size_t size = 0;
  while (!waiting_.empty() && (group.empty() || size + waiting_.front()->bytes <= group_cap)) {
    size += waiting_.front()->bytes;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  forget(size);
  if (!group.empty()) tell_of_room();
  return group;
}

actor::promise<bool> commit_queue::next_room() {
  std::lock_guard lock(mutex_);
  actor::promise<bool> room;
  if (closed_ || waiting_.empty()) {
    room.set(true);
  } else {
    waiting_for_room_.push_back(room);
  }
  return room;
}

void commit_queue::tell_of_room() {
  for (auto& room : std::exchange(waiting_for_room_, {})) room.set(true);
}

bool commit_queue::has_room_for(std::size_t bytes) const {
  if (waiting_.empty()) return true;
  return bytes_ + bytes <= byte_cap_ && (!all_ || all_->bytes + bytes <= all_->cap);
}

void commit_queue::forget(std::size_t bytes) {
  bytes_ -= bytes;
  if (all_) all_->bytes -= bytes;
}

std::vector<pending_ptr> commit_queue::close(base::error reason) {
  std::vector<pending_ptr> rest;
  {
    std::lock_guard lock(mutex_);
    closed_ = std::move(reason);
    ++closings_;
    rest.assign(waiting_.begin(), waiting_.end());
    waiting_.clear();
    forget(bytes_);
    tell_of_room();
  }
  changed_.notify();
  return rest;
}

void commit_queue::reopen() {
  std::lock_guard lock(mutex_);
  closed_.reset();
}

}  // namespace dbcord::database
