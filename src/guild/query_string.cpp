#include "guild/query_string.hpp"

#include "guild/text.hpp"

namespace dbcord::guild {

namespace {

// Calls `take` with each value of that name, still escaped, until it says that it has enough.
template <class Take>
void each_value(std::string_view rest, std::string_view name, Take take) {
  while (!rest.empty()) {
    auto end = rest.find('&');
    auto pair = rest.substr(0, end);
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    auto equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    if (take(equals == pair.npos ? std::string_view() : pair.substr(equals + 1))) return;
  }
}

}  // namespace

std::optional<std::string> query_string::find(std::string_view name) const {
  std::optional<std::string> found;
  each_value(text_, name, [&](std::string_view value) {
    found = percent_decode(value);
    return true;
  });
  return found;
}

std::vector<std::string> query_string::find_all(std::string_view name) const {
  std::vector<std::string> found;
  each_value(text_, name, [&](std::string_view value) {
    if (auto text = percent_decode(value)) found.push_back(std::move(*text));
    return false;
  });
  return found;
}

bool query_string::flag(std::string_view name) const {
  auto value = find(name);
  return value && (*value == "true" || *value == "True" || *value == "1");
}

}  // namespace dbcord::guild
