#pragma once
// release_queue: holds back what the core said until what it rests on is durable, and keeps the order.
//
// Commits are numbered from 1. An output waits for the commit given with it, which is the last one submitted: what the core
// says may rest on any state it has. `overtaking` outputs, which rest on nothing that is kept, go at once, except that
// frames stay behind earlier frames to the same connection. Pure; the server's strand.

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "dbcord/base/unique_function.hpp"
#include "guild/core.hpp"

namespace dbcord::guild {

class release_queue {
 public:
  using send_frame = base::unique_function<void(outgoing_frame)>;
  using answer = base::unique_function<void()>;  // may be empty

  explicit release_queue(send_frame send) : send_(std::move(send)) {}

  void push(std::uint64_t commit, answer respond, std::vector<outgoing_frame> frames);
  void push_overtaking(std::uint64_t commit, answer respond, std::vector<outgoing_frame> frames);
  // Every commit up to this one is durable.
  void durable(std::uint64_t commit);
  // Drops everything, unsaid.
  void clear();
  bool empty() const { return queue_.empty(); }

 private:
  struct output {
    std::uint64_t commit;
    answer respond;
    std::vector<outgoing_frame> frames;
  };

  void hold(output held);
  void release(output& due);

  send_frame send_;
  std::uint64_t durable_ = 0;
  std::deque<output> queue_;
  std::unordered_map<connection_id, std::size_t> waiting_frames_;  // looked up only
};

}  // namespace dbcord::guild
