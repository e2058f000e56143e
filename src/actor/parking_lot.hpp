#pragma once
// parking_lot: knows every coroutine that is parked in a wait_slot of one io_context, so that they can be destroyed when
// the io_context goes. Without it a parked coroutine and its slot would keep each other alive for ever. A service of the
// io_context; any thread, shutdown() when nobody else uses the io_context any more.

#include <boost/asio/execution_context.hpp>
#include <mutex>

namespace dbcord::actor {

class wait_slot;

class parking_lot final : public boost::asio::execution_context::service {
 public:
  inline static boost::asio::execution_context::id id;

  explicit parking_lot(boost::asio::execution_context& context) : service(context) {}

  void enter(wait_slot& slot);
  void leave(wait_slot& slot);

 private:
  void shutdown() noexcept override;

  std::mutex mutex_;
  wait_slot* first_ = nullptr;  // linked through the slots themselves: parking allocates nothing
};

}  // namespace dbcord::actor
