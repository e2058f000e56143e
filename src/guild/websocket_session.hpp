#pragma once
// One gateway connection: completes the WebSocket handshake, then carries text between peer and core; with
// `compress=zlib-stream` in the query, one zlib stream (discord-facts 5.10). On the server's strand; keeps itself alive
// while it works.
// A peer that does not read until the queue is over its bound is closed with 4008; a message over 64 KiB with 1009.

#include <boost/asio/ip/tcp.hpp>

#include "guild/server_host.hpp"

namespace dbcord::guild {

// `upgrade` is the request that asked for it.
void start_websocket_session(std::shared_ptr<server_host> host, boost::asio::ip::tcp::socket socket, http_request upgrade);

}  // namespace dbcord::guild
