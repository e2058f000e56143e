#include "discord/beast_transport_request.hpp"

#include <algorithm>

namespace dbcord::discord {
namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}
bool is_line(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos; }

bool wants_length(const http_request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

}  // namespace

base::result<void> check_request(const http_request& request) {
  auto refuse = [](const char* what) {
    return base::error(make_error_code(transport_errc::not_sent), std::string(what) + " cannot stand in an HTTP header");
  };
  if (!is_token(request.method)) return refuse("the request's method");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return refuse("the name of a header");
    if (!is_line(value)) return refuse("the value of a header");
  }
  return {};
}

std::string request_head(const http_request& request, std::string_view target, std::string_view host) {
  std::string out;
  out.reserve(256);
  out.append(request.method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
  for (const auto& [name, value] : request.headers) out.append(name).append(": ").append(value).append("\r\n");
  if (wants_length(request)) out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return out.append("\r\n");
}

}  // namespace dbcord::discord
