#pragma once
// One HTTP/1.1 connection: request, answer, request, … until the peer closes, errs, or is silent for too long. A WebSocket
// upgrade hands the socket over to a websocket_session. On the server's strand; keeps itself alive while it works.
// What is no HTTP is answered 400 and closed; a header over 64 KiB 431, a body over the limit 413, over the budget 503.

#include <boost/asio/ip/tcp.hpp>

#include "guild/server_host.hpp"

namespace dbcord::guild {

void start_http_session(std::shared_ptr<server_host> host, boost::asio::ip::tcp::socket socket);

}  // namespace dbcord::guild
