#include "commands/repeated_name.hpp"

#include <set>
#include <vector>

#include "protocol/json_node.hpp"

namespace dbcord::commands {
namespace {

// The string that begins at `at`, decoded; moves behind it.
std::string take_string(std::string_view json, std::size_t& at) {
  auto begin = at++;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  ++at;
  auto text = protocol::parse_json(json.substr(begin, at - begin));
  return text ? std::move(text->text) : std::string();
}

bool is_name(std::string_view json, std::size_t behind) {
  auto next = json.find_first_not_of(" \t\r\n", behind);
  return next != json.npos && json[next] == ':';
}

}  // namespace

std::optional<std::string> repeated_name(std::string_view json) {
  std::vector<std::set<std::string>> open;  // the names of each object and (none) of each list around `at`
  for (std::size_t at = 0; at < json.size();) {
    char c = json[at];
    if (c == '"') {
      auto text = take_string(json, at);
      if (!open.empty() && is_name(json, at) && !open.back().insert(text).second) return text;
      continue;
    }
    if (c == '{' || c == '[') open.emplace_back();
    if ((c == '}' || c == ']') && !open.empty()) open.pop_back();
    ++at;
  }
  return std::nullopt;
}

}  // namespace dbcord::commands
