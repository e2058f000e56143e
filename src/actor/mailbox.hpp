#pragma once
// mailbox: a bounded queue of messages that run one after another on a strand. push() from any thread; the messages
// run on the strand, in the order in which they were pushed. Full means that push() refuses. Kept alive by the messages
// in flight (shared_ptr).

#include <memory>
#include <mutex>
#include <vector>

#include "actor/environment.hpp"
#include "dbcord/base/unique_function.hpp"

namespace dbcord::actor {

class mailbox : public std::enable_shared_from_this<mailbox> {
 public:
  using message = base::unique_function<void()>;

  mailbox(strand where, std::size_t limit) : strand_(std::move(where)), limit_(limit) {}

  // False when `limit` messages wait already.
  bool push(message m);
  std::size_t size() const;
  // Destroys what waits, unrun: messages that own the actor that owns this mailbox would keep each other alive. On the strand, or when
  // nothing runs there any more.
  void discard();
  const strand& executor() const { return strand_; }

 private:
  void drain();

  strand strand_;
  std::size_t limit_;
  mutable std::mutex mutex_;
  std::vector<message> queue_;
  bool scheduled_ = false;
};

}  // namespace dbcord::actor
