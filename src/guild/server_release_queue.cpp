#include "guild/server_release_queue.hpp"

namespace dbcord::guild {

void release_queue::push(std::uint64_t commit, answer respond, std::vector<outgoing_frame> frames) {
  output out{commit, std::move(respond), std::move(frames)};
  if (queue_.empty() && commit <= durable_) {
    release(out);
  } else {
    hold(std::move(out));
  }
}

void release_queue::push_overtaking(std::uint64_t commit, answer respond, std::vector<outgoing_frame> frames) {
  if (respond) respond();
  output behind{commit, {}, {}};
  for (auto& frame : frames) {
    if (waiting_frames_.contains(frame.to)) {
      behind.frames.push_back(std::move(frame));
    } else {
      send_(std::move(frame));
    }
  }
  if (!behind.frames.empty()) hold(std::move(behind));
}

void release_queue::durable(std::uint64_t commit) {
  durable_ = commit;
  while (!queue_.empty() && queue_.front().commit <= durable_) {
    auto due = std::move(queue_.front());
    queue_.pop_front();
    for (const auto& frame : due.frames) {
      auto it = waiting_frames_.find(frame.to);
      if (--it->second == 0) waiting_frames_.erase(it);
    }
    release(due);
  }
}

void release_queue::clear() {
  queue_.clear();
  waiting_frames_.clear();
}

void release_queue::hold(output held) {
  for (const auto& frame : held.frames) ++waiting_frames_[frame.to];
  queue_.push_back(std::move(held));
}

void release_queue::release(output& due) {
  if (due.respond) due.respond();
  for (auto& frame : due.frames) send_(std::move(frame));
}

}  // namespace dbcord::guild
