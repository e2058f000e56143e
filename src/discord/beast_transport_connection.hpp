#pragma once
// http_connection: one keep-alive connection to one server, for one request at a time.
//
// Owned by whoever leases it from the pool, else by the pool. exchange() runs on strand(); alive() is called only while
// no exchange runs. Errors of exchange() are `not_sent` or `interrupted`, exactly (transport.hpp).

#include <memory>

#include "actor/environment.hpp"
#include "discord/beast_transport_url.hpp"
#include "discord/transport.hpp"

namespace boost::asio::ssl {
class context;
}

namespace dbcord::discord {

class http_connection {
 public:
  virtual ~http_connection() = default;
  virtual const actor::strand& strand() const = 0;
  // Connects first where that has not been done.
  virtual actor::task<base::result<http_response>> exchange(http_request request, std::string target,
                                                            base::steady_time deadline) = 0;
  // The last exchange left it in a state in which another may follow.
  virtual bool reusable() const = 0;
  // reusable(), and the server has neither closed it nor said anything unasked since.
  virtual bool alive() = 0;
};

struct connection_factory {
  const actor::environment& env;
  boost::asio::ssl::context& tls;
  std::size_t response_limit;

  std::shared_ptr<http_connection> make(const origin& server) const;
};

}  // namespace dbcord::discord
