#pragma once
// The way to an open stream: name resolution, TCP, TLS. No byte of a request is sent here, so every failure is `not_sent`.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "actor/environment.hpp"
#include "discord/beast_transport_tls.hpp"
#include "discord/beast_transport_url.hpp"

namespace dbcord::discord {

// Awaits an operation of Asio and gives its error_code among the values.
inline constexpr auto as_values = boost::asio::as_tuple(boost::asio::use_awaitable);

// Opens the connection on the stream's executor; resolving gives up at `deadline`, for the rest the caller closes the
// socket. The error is a sentence.
actor::task<base::result<void>> connect(const actor::environment& env, plain_stream& stream, origin to,
                                        base::steady_time deadline);
actor::task<base::result<void>> connect(const actor::environment& env, tls_stream& stream, origin to,
                                        base::steady_time deadline);

inline plain_stream& socket_of(plain_stream& s) { return s; }
inline plain_stream& socket_of(tls_stream& s) { return s.next_layer(); }

}  // namespace dbcord::discord
