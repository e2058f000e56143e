#pragma once
// connection_pool: the keep-alive connections to one server.
//
// Owned by the transport, shared with the leases on it. Any thread. At most `connections` leases at once, and `reserved`
// more for reserved requests; who finds none waits in order, reserved ones first. Idle connections are used last in, first
// out, and closed after the idle limit.

#include <deque>
#include <mutex>
#include <vector>

#include "actor/promise.hpp"
#include "discord/beast_transport_connection.hpp"

namespace dbcord::discord {

class connection_pool : public std::enable_shared_from_this<connection_pool> {
 public:
  struct limits {
    std::size_t connections;
    std::size_t reserved;
    base::duration idle;
  };

  // The right to use one connection; gives it back when destroyed.
  class lease {
   public:
    lease(std::shared_ptr<connection_pool> pool, std::shared_ptr<http_connection> connection)
        : pool_(std::move(pool)), connection_(std::move(connection)) {}
    lease(lease&&) noexcept = default;
    lease& operator=(lease&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(connection_, other.connection_);
      return *this;
    }
    ~lease() {
      if (pool_) pool_->give_back(std::move(connection_));
    }
    http_connection& operator*() const { return *connection_; }
    http_connection* operator->() const { return connection_.get(); }

   private:
    std::shared_ptr<connection_pool> pool_;
    std::shared_ptr<http_connection> connection_;
  };

  connection_pool(connection_factory factory, origin server, limits l)
      : factory_(factory), server_(std::move(server)), limits_(l) {}

  // Empty when the deadline passed first.
  actor::task<std::optional<lease>> acquire(bool reserved, base::steady_time deadline);
  std::size_t idle_count() const;
  void close_idle();

 private:
  using turn = actor::promise<lease>;
  struct idle_connection {
    std::shared_ptr<http_connection> connection;
    base::steady_time since;
  };

  bool may_lease(bool reserved) const { return leased_ < limits_.connections + (reserved ? limits_.reserved : 0); }
  lease make_lease();
  std::shared_ptr<http_connection> take_idle();
  void give_back(std::shared_ptr<http_connection> connection);
  std::optional<turn> next_turn();
  void arm_sweep();
  void sweep();

  connection_factory factory_;
  origin server_;
  limits limits_;
  mutable std::mutex mutex_;
  std::size_t leased_ = 0;
  std::vector<idle_connection> idle_;
  std::deque<turn> waiting_reserved_;
  std::deque<turn> waiting_;
  bool sweeping_ = false;
};

}  // namespace dbcord::discord
