#include "app/shell_completion.hpp"

#include <algorithm>
#include <filesystem>

namespace dbcord::app {
namespace {

namespace fs = std::filesystem;

const commands::command_definition* find(std::string_view name, std::span<const commands::command_definition> commands) {
  for (const auto& c : commands)
    if (c.name == name) return &c;
  return nullptr;
}

const commands::argument_definition* find_argument(const commands::command_definition& command, std::string_view name) {
  for (const auto& a : command.arguments)
    if (a.name == name) return &a;
  return nullptr;
}

// The arguments that are whole, with their simple values: enough to tell the guild which database a table is asked for.
void read_whole_arguments(std::string_view text, const commands::command_definition& command, commands::parsed_line& into) {
  while (!text.empty()) {
    auto end = std::min(text.find(' '), text.size());
    auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto colon = word.find(':');
    if (colon == word.npos) continue;
    auto* argument = find_argument(command, word.substr(0, colon));
    if (argument) into.arguments.push_back({argument->name, argument->kind, std::string(word.substr(colon + 1))});
  }
}

bool used(const commands::parsed_line& line, std::string_view name) {
  return std::any_of(line.arguments.begin(), line.arguments.end(), [name](const auto& a) { return a.name == name; });
}

void keep_beginning(std::vector<std::string>& names, std::string_view typed) {
  std::erase_if(names, [typed](const std::string& n) { return !n.starts_with(typed); });
  std::sort(names.begin(), names.end());
}

}  // namespace

completion_point understand_completion(std::string_view line, std::span<const commands::command_definition> commands) {
  completion_point point;
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  auto space = line.find(' ');
  if (space == line.npos) {
    point.what = completing::command;
    point.typed = line;
    return point;
  }
  auto name = line.substr(line.starts_with('/') ? 1 : 0, space - (line.starts_with('/') ? 1 : 0));
  auto* command = find(name, commands);
  if (!command) return point;
  auto last = line.rfind(' ') + 1;
  point.before.command = command->name;
  read_whole_arguments(line.substr(space + 1, last - std::min(last, space + 1)), *command, point.before);
  auto word = line.substr(last);
  auto colon = word.find(':');
  if (colon == word.npos) {
    point.what = completing::argument;
    point.typed = word;
    return point;
  }
  auto* argument = find_argument(*command, word.substr(0, colon));
  if (!argument) return point;
  point.what = argument->kind == commands::argument_kind::attachment ? completing::file : completing::value;
  point.argument = argument->name;
  point.typed = word.substr(colon + 1);
  return point;
}

std::vector<std::string> names_for(const completion_point& point, std::span<const commands::command_definition> commands) {
  std::vector<std::string> names;
  if (point.what == completing::command)
    for (const auto& c : commands) names.push_back((point.typed.empty() || point.typed.starts_with('/') ? "/" : "") + c.name);
  auto* command = point.what == completing::argument ? find(point.before.command, commands) : nullptr;
  if (command)
    for (const auto& a : command->arguments)
      if (!used(point.before, a.name)) names.push_back(a.name + ":");
  keep_beginning(names, point.typed);
  return names;
}

std::vector<std::string> files_for(const std::string& typed) {
  auto slash = typed.rfind('/');
  auto folder = slash == typed.npos ? std::string() : typed.substr(0, slash + 1);
  std::vector<std::string> names;
  std::error_code ec;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, ec), end; !ec && entry != end; entry.increment(ec)) {
    std::error_code ignored;
    names.push_back(folder + entry->path().filename().string() + (entry->is_directory(ignored) ? "/" : ""));
  }
  keep_beginning(names, typed);
  return names;
}

std::string common_beginning(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  std::string common = candidates.front();
  for (const auto& c : candidates) {
    auto [end, ignored] = std::mismatch(common.begin(), common.end(), c.begin(), c.end());
    common.erase(end, common.end());
  }
  return common;
}

}  // namespace dbcord::app
