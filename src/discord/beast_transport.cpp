#include "discord/beast_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "discord/beast_transport_pool.hpp"
#include "discord/beast_transport_request.hpp"
#include "discord/beast_transport_stream.hpp"
#include "discord/beast_transport_tls.hpp"

namespace dbcord::discord {

class beast_transport::state {
 public:
  state(const actor::environment& e, beast_transport_options o)
      : env(e), options(std::move(o)), tls(make_tls_context(options.extra_authorities)) {}

  ~state() {
    for (auto& [server, pool] : pools_) pool->close_idle();
  }

  std::shared_ptr<connection_pool> pool(const origin& server) {
    std::lock_guard lock(mutex_);
    auto& found = pools_[server];
    if (!found) {
      connection_factory factory{env, tls, options.response_limit};
      connection_pool::limits limits{options.connections, options.reserved_connections, options.idle_limit};
      found = std::make_shared<connection_pool>(factory, server, limits);
    }
    return found;
  }

  const actor::environment& env;
  const beast_transport_options options;
  boost::asio::ssl::context tls;

 private:
  std::mutex mutex_;
  std::map<origin, std::shared_ptr<connection_pool>> pools_;
};

beast_transport::beast_transport(const actor::environment& env, beast_transport_options options)
    : state_(std::make_shared<state>(env, std::move(options))) {}
beast_transport::~beast_transport() = default;

actor::task<base::result<http_response>> beast_transport::send(http_request request, base::steady_time deadline) {
  auto url = parse_url(request.url, url_kind::http);
  if (!url) co_return url.error();
  auto sound = check_request(request);
  if (!sound) co_return sound.error();
  auto pool = state_->pool(url->server);
  auto lease = co_await pool->acquire(request.reserved, deadline);
  if (!lease) {
    co_return base::error(make_error_code(transport_errc::not_sent),
                          "the deadline passed while all connections to " + url->server.host_header() + " were busy");
  }
  auto& connection = **lease;
  auto work = connection.exchange(std::move(request), std::move(url->target), deadline);
  co_return co_await boost::asio::co_spawn(connection.strand(), std::move(work), boost::asio::use_awaitable);
}

actor::task<base::result<std::unique_ptr<event_stream>>> beast_transport::open(std::string url,
                                                                             base::steady_time deadline) {
  auto parsed = parse_url(url, url_kind::websocket);
  if (!parsed) co_return parsed.error();
  stream_settings settings{state_->env, state_->tls, state_->options.message_limit};
  co_return co_await open_stream(settings, std::move(*parsed), deadline);
}

}  // namespace dbcord::discord
