#include "guild/server_http_text.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace dbcord::guild {
namespace {

void add_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (char c : value) out.push_back(c == '\r' || c == '\n' ? ' ' : c);
  out.append("\r\n");
}

}  // namespace

std::string response_head(const http_response& response, bool close) {
  namespace http = boost::beast::http;
  auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)));
  std::string out;
  out.reserve(512);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason.data(), reason.size()).append("\r\n");
  for (const auto& [name, value] : response.headers) add_line(out, name, value);
  if (response.status != 204 && response.status != 304) {
    add_line(out, "Content-Length", std::to_string(response.body.size()));
  }
  if (close) add_line(out, "Connection", "close");
  return out.append("\r\n");
}

http_response refusal(int status, std::string_view why, int code) {
  boost::json::value body = {{"message", boost::json::string_view(why.data(), why.size())}, {"code", code}};
  http_response out;
  out.status = status;
  out.headers.emplace_back("Content-Type", "application/json");
  out.body = boost::json::serialize(body);
  return out;
}

bool may_overtake(const http_request& request) {
  if (request.method == "GET") return false;
  auto path = std::string_view(request.target).substr(0, request.target.find('?'));
  return path.find("/interactions") != std::string_view::npos || path.find("/webhooks/") != std::string_view::npos;
}

}  // namespace dbcord::guild
