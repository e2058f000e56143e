#pragma once
// The client's TLS settings: 1.2 or newer, the system's authorities, certificate and host name verified (discord-facts 1.1).

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace dbcord::discord {

using plain_stream = boost::asio::ip::tcp::socket;
using tls_stream = boost::asio::ssl::stream<plain_stream>;

// Throws boost::system::system_error.
boost::asio::ssl::context make_tls_context(const std::string& extra_authorities);

// Server name indication and host name check for one connection, before its handshake. Throws likewise.
void expect_host(tls_stream& stream, const std::string& host);

// What OpenSSL holds against the peer's certificate, or `ec`'s own text.
std::string tls_failure_text(tls_stream& stream, const boost::system::error_code& ec);

}  // namespace dbcord::discord
