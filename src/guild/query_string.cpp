#include "guild/query_string.hpp"

#include "guild/text.hpp"

namespace dbcord::guild {

std::optional<std::string> query_string::find(std::string_view name) const {
  auto rest = text_;
  while (!rest.empty()) {
    auto end = rest.find('&');
    auto pair = rest.substr(0, end);
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    auto equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return equals == pair.npos ? std::string() : percent_decode(pair.substr(equals + 1));
  }
  return std::nullopt;
}

bool query_string::flag(std::string_view name) const {
  auto value = find(name);
  return value && (*value == "true" || *value == "True" || *value == "1");
}

}  // namespace dbcord::guild
