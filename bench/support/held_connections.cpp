#include "support/held_connections.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <vector>

namespace dbcord::bench {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t other_files = 64;  // that this process has open beside
constexpr std::string_view question = "GET /api/v10/gateway HTTP/1.1\r\nHost: x\r\nUser-Agent: t\r\n\r\n";
enum class fate { served, refused, silent };

tcp::endpoint address_of(const std::filesystem::path& guild) {
  std::ifstream file(guild / "credentials.json");
  auto known = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  auto url = std::string(known.at("gateway_url").as_string());  // ws://127.0.0.1:PORT
  auto colon = url.rfind(':');
  return {asio::ip::make_address(url.substr(5, colon - 5)), static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)))};
}

// As many as asked for, if the system lets us.
std::size_t allow_files(std::size_t wanted) {
  ::rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < wanted + other_files) {
    limit.rlim_cur = std::min<::rlim_t>(limit.rlim_max, wanted + other_files);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  auto allowed = std::min<std::size_t>(wanted, limit.rlim_cur - other_files);
  if (allowed < wanted) {
    fmt::print(stderr, "NOTE: ONLY {} OF {} CONNECTIONS ARE HELD: THIS PROCESS MAY OPEN {} FILES; raise `ulimit -Hn`\n", allowed, wanted,
               limit.rlim_cur);
  }
  return allowed;
}

std::optional<tcp::socket> connect(asio::io_context& context, const tcp::endpoint& to) {
  tcp::socket socket(context);
  error_code ec;
  socket.connect(to, ec);
  if (ec) return std::nullopt;
  ::timeval patience{10, 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  return socket;
}

fate ask(tcp::socket& socket) {
  error_code ec;
  asio::write(socket, asio::buffer(question), ec);
  if (ec) return fate::refused;
  std::array<char, 256> in{};
  auto size = ::recv(socket.native_handle(), in.data(), in.size(), 0);
  if (size < 0) return errno == EAGAIN ? fate::silent : fate::refused;
  return std::string_view(in.data(), static_cast<std::size_t>(size)).starts_with("HTTP/1.1 200") ? fate::served : fate::refused;
}

bool serves_again(asio::io_context& context, const tcp::endpoint& to) {
  for (int i = 0; i < 1000; ++i) {  // until the guild has noticed that they are gone
    auto socket = connect(context, to);
    if (socket && ask(*socket) == fate::served) return true;
  }
  return false;
}

}  // namespace

held_connections hold_connections(const std::filesystem::path& guild, std::size_t wanted, const server_process& server) {
  auto to = address_of(guild);
  asio::io_context context;
  held_connections out;
  {
    std::vector<tcp::socket> sockets;
    for (auto left = allow_files(wanted); left > 0; --left) {
      auto socket = connect(context, to);
      if (socket) sockets.push_back(std::move(*socket));
    }
    if (sockets.empty()) throw std::runtime_error("the guild takes no connections");
    out.held = sockets.size();
    for (auto& socket : sockets) {
      auto what = ask(socket);
      ++(what == fate::served ? out.served : what == fate::refused ? out.refused : out.silent);
    }
    out.resident = server.resident_bytes();
  }
  out.served_afterwards = serves_again(context, to);
  return out;
}

}  // namespace dbcord::bench
