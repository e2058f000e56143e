#include "discord/beast_transport_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "discord/transport.hpp"

namespace dbcord::discord {
namespace {

base::error bad_url(std::string_view url, std::string_view why) {
  return {make_error_code(transport_errc::not_sent), fmt::format("the URL '{}' {}", url.substr(0, 200), why)};
}

bool printable(char c) { return c > ' ' && c < '\x7f'; }

}  // namespace

std::string origin::host_header() const {
  bool v6 = host.find(':') != std::string::npos;
  auto name = v6 ? "[" + host + "]" : host;
  return port == (tls ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

base::result<request_url> parse_url(std::string_view url, url_kind kind) {
  if (!std::all_of(url.begin(), url.end(), printable)) return bad_url("?", "holds spaces or control characters");
  std::string_view plain = kind == url_kind::http ? "http://" : "ws://";
  std::string_view secure = kind == url_kind::http ? "https://" : "wss://";
  request_url out;
  out.server.tls = url.starts_with(secure);
  if (!out.server.tls && !url.starts_with(plain)) {
    return bad_url(url, fmt::format("does not begin with {} or {}", plain, secure));
  }
  auto rest = url.substr(out.server.tls ? secure.size() : plain.size());
  rest = rest.substr(0, rest.find('#'));
  auto end = std::min(rest.find_first_of("/?"), rest.size());
  auto authority = rest.substr(0, end);
  out.target = rest.substr(end);
  if (!out.target.starts_with('/')) out.target.insert(0, 1, '/');
  if (authority.find('@') != std::string_view::npos) return bad_url("?", "holds a user name, which is not supported");

  auto host_end = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  auto colon = host_end == std::string_view::npos ? authority.find(':') : authority.find(':', host_end);
  out.server.host = authority.substr(0, colon);
  if (host_end != std::string_view::npos) out.server.host = authority.substr(1, host_end - 1);
  out.server.port = out.server.tls ? 443 : 80;
  if (colon != std::string_view::npos) {
    auto digits = authority.substr(colon + 1);
    auto [p, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out.server.port);
    if (ec != std::errc{} || p != digits.data() + digits.size() || out.server.port == 0) {
      return bad_url(url, "has no usable port number");
    }
  }
  if (out.server.host.empty()) return bad_url(url, "names no host");
  return out;
}

}  // namespace dbcord::discord
