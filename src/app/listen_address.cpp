#include "app/listen_address.hpp"

#include <fmt/format.h>

#include <charconv>

namespace dbcord::app {

base::result<listen_address> parse_listen_address(std::string_view text, std::string_view flag) {
  auto wrong = [text, flag] {
    return base::error(base::errc::invalid_argument,
                       fmt::format("{}: {} is no address and port; write e.g. 127.0.0.1:8423", flag, text));
  };
  auto colon = text.rfind(':');
  if (colon == text.npos) return wrong();
  auto address = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  listen_address parsed;
  auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
  if (digits.empty() || ec != std::errc{} || end != digits.data() + digits.size()) return wrong();
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.find(':') != address.npos) {
    return wrong();
  }
  parsed.address = address.empty() || address == "localhost" ? "127.0.0.1" : std::string(address);
  return parsed;
}

}  // namespace dbcord::app
