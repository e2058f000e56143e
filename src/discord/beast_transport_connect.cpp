#include "discord/beast_transport_connect.hpp"

#include <boost/asio/connect.hpp>
#include <fmt/format.h>

#include "actor/promise.hpp"
#include "discord/transport.hpp"

namespace dbcord::discord {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using endpoints = std::vector<tcp::endpoint>;
using resolved = base::result<endpoints>;


base::error cannot(std::string_view what, const origin& to, std::string_view why) {
  return {make_error_code(transport_errc::not_sent), fmt::format("cannot {} {}:{}: {}", what, to.host, to.port, why)};
}

// getaddrinfo cannot be interrupted; past the deadline its answer is dropped when it comes.
void start_resolving(const actor::environment& env, const origin& to, actor::promise<resolved> answer) {
  auto resolver = std::make_shared<tcp::resolver>(env.context);
  resolver->async_resolve(to.host, std::to_string(to.port), tcp::resolver::numeric_service,
                          [resolver, answer, to](boost::system::error_code ec, tcp::resolver::results_type found) {
                            if (ec) {
                              answer.set(cannot("find the address of", to, ec.message()));
                              return;
                            }
                            endpoints list;
                            for (const auto& entry : found) list.push_back(entry.endpoint());
                            answer.set(std::move(list));
                          });
}

actor::task<resolved> resolve(const actor::environment& env, origin to, base::steady_time deadline) {
  boost::system::error_code not_an_address;
  auto address = asio::ip::make_address(to.host, not_an_address);
  if (!not_an_address) co_return endpoints{tcp::endpoint(address, to.port)};
  actor::promise<resolved> answer;
  start_resolving(env, to, answer);
  auto found = co_await answer.get_until(env, deadline);
  if (!found) co_return cannot("find the address of", to, "the deadline passed");
  co_return std::move(*found);
}

}  // namespace

actor::task<base::result<void>> connect(const actor::environment& env, plain_stream& stream, origin to,
                                        base::steady_time deadline) {
  auto found = co_await resolve(env, to, deadline);
  if (!found) co_return found.error();
  boost::system::error_code failure = asio::error::host_not_found;
  for (const auto& endpoint : *found) {
    if (env.now() >= deadline) co_return cannot("connect to", to, "the deadline passed");
    boost::system::error_code ignored;
    stream.close(ignored);
    auto [ec] = co_await stream.async_connect(endpoint, as_values);
    failure = ec;
    if (!ec) break;
  }
  if (failure) {
    bool late = env.now() >= deadline;
    co_return cannot("connect to", to, late ? std::string("the deadline passed") : failure.message());
  }
  boost::system::error_code ignored;  // a socket without the option is slow, not wrong
  stream.set_option(tcp::no_delay(true), ignored);
  co_return base::result<void>();
}

actor::task<base::result<void>> connect(const actor::environment& env, tls_stream& stream, origin to,
                                        base::steady_time deadline) {
  auto opened = co_await connect(env, stream.next_layer(), to, deadline);
  if (!opened) co_return opened.error();
  expect_host(stream, to.host);
  auto [ec] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_values);
  if (ec) {
    bool late = env.now() >= deadline;
    auto why = late ? std::string("the deadline passed") : tls_failure_text(stream, ec);
    co_return cannot("agree on TLS with", to, why);
  }
  co_return base::result<void>();
}

}  // namespace dbcord::discord
