#include "commands/repeated_name.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include "protocol/json_node.hpp"

namespace dbcord::commands {
namespace {

// The string that begins at `at`, with its quotes; moves behind it.
std::string_view take_string(std::string_view json, std::size_t& at) {
  auto begin = at++;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  ++at;
  return json.substr(begin, at - begin);
}

bool is_name(std::string_view json, std::size_t behind) {
  auto next = json.find_first_not_of(" \t\r\n", behind);
  return next != json.npos && json[next] == ':';
}

// The names of the objects around a place. Every row of an import passes here: a name is decoded only if it must be.
class open_objects {
 public:
  void open() { first_.push_back(names_.size()); }

  void add(std::string_view quoted) {
    if (quoted.find('\\') == quoted.npos) return names_.push_back(quoted.substr(1, quoted.size() - 2));
    auto text = protocol::parse_json(quoted);
    names_.push_back(decoded_.emplace_back(text ? std::move(text->text) : std::string(quoted)));
  }

  // Of the innermost object (or list, which has no names), which is left.
  std::optional<std::string> close() {
    auto begin = names_.begin() + static_cast<std::ptrdiff_t>(first_.back());
    std::sort(begin, names_.end());
    auto twice = std::adjacent_find(begin, names_.end());
    auto found = twice == names_.end() ? std::nullopt : std::optional<std::string>(*twice);
    names_.erase(begin, names_.end());
    first_.pop_back();
    return found;
  }

  bool any() const { return !first_.empty(); }

 private:
  std::vector<std::string_view> names_;
  std::vector<std::size_t> first_;  // of each object's names
  std::deque<std::string> decoded_;
};

}  // namespace

std::optional<std::string> repeated_name(std::string_view json) {
  open_objects around;
  for (auto at = json.find_first_of("{}[]\""); at < json.size(); at = json.find_first_of("{}[]\"", at)) {
    char c = json[at];
    if (c == '"') {
      auto quoted = take_string(json, at);
      if (around.any() && is_name(json, at)) around.add(quoted);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') around.open();
    else if (auto twice = around.any() ? around.close() : std::nullopt) return twice;
  }
  return std::nullopt;
}

}  // namespace dbcord::commands
