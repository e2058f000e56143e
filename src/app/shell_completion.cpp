#include "app/shell_completion.hpp"

#include <algorithm>
#include <filesystem>

#include "base/code_points.hpp"
#include "commands/typed_argument.hpp"

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

bool used(const commands::parsed_line& line, std::string_view name) {
  return std::any_of(line.arguments.begin(), line.arguments.end(), [name](const auto& a) { return a.name == name; });
}

// With a blank in it, what comes behind that would be completed as the next argument.
bool has_to_be_quoted(const std::string& value) { return commands::needs_quotes(value) || value.find(' ') != value.npos; }

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
  auto begun = commands::parse_begun_line(line, commands);
  if (!begun || begun->typed.find('\n') != begun->typed.npos) return point;
  point.before = {begun->command, std::move(begun->arguments)};
  point.typed = std::move(begun->typed);
  point.value = std::move(begun->value);
  point.argument = std::move(begun->argument);
  point.what = completing::argument;
  if (point.argument.empty()) return point;
  auto* argument = find_argument(*find(point.before.command, commands), point.argument);
  point.what = argument->kind == commands::argument_kind::attachment ? completing::file : completing::value;
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

std::vector<std::string> words_for(const completion_point& point, std::span<const commands::command_definition> commands) {
  auto* command = find(point.before.command, commands);
  auto* argument = command ? find_argument(*command, point.argument) : nullptr;
  std::vector<std::string> words;
  if (argument && argument->kind == commands::argument_kind::boolean) words = {"false", "true"};
  keep_beginning(words, point.value);
  return words;
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
  const auto& first = candidates.front();
  auto length = first.size();
  for (const auto& c : candidates) {
    auto end = std::mismatch(first.begin(), first.end(), c.begin(), c.end()).first;
    length = std::min(length, static_cast<std::size_t>(end - first.begin()));
  }
  return std::string(base::first_bytes(first, length));
}

std::string insertion_for(const completion_point& point, const std::vector<std::string>& candidates, bool finishes) {
  auto text = common_beginning(candidates);
  bool whole = finishes && candidates.size() == 1;
  bool is_value = point.what == completing::value || point.what == completing::file;
  bool quoted = is_value && (point.typed.starts_with('"') || std::any_of(candidates.begin(), candidates.end(), has_to_be_quoted));
  if (quoted) text = commands::in_quotes(text);
  if (quoted && !whole) text.pop_back();  // it goes on
  return whole ? text + ' ' : text;
}

}  // namespace dbcord::app
