#include "commands/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "commands/json_scan.hpp"
#include "commands/nearest_name.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"

namespace dbcord::commands {
namespace {

constexpr std::string_view white = " \t\r\n";

base::error refuse(std::string sentence) { return {base::errc::invalid_argument, std::move(sentence)}; }

bool is_white(char c) { return white.find(c) != std::string_view::npos; }
bool is_name_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

// The word before a colon that begins at `at` ("key" of "key:u_1"); empty if there is none.
std::string_view word_with_colon(std::string_view line, std::size_t at) {
  auto end = at;
  while (end < line.size() && is_name_letter(line[end])) ++end;
  if (end == at || end == line.size() || line[end] != ':') return {};
  return line.substr(at, end - at);
}

const argument_definition* find_argument(const command_definition& command, std::string_view name) {
  for (const auto& a : command.arguments)
    if (a.name == name) return &a;
  return nullptr;
}

std::vector<std::string> argument_names(const command_definition& command) {
  std::vector<std::string> names;
  for (const auto& a : command.arguments) names.push_back(a.name);
  return names;
}

// Behind the closing quote, if the text at `at` is a complete quoted value; else npos.
std::size_t skip_quoted(std::string_view line, std::size_t at) {
  for (auto i = at + 1; i < line.size(); ++i) {
    if (line[i] == '\\') ++i;
    else if (line[i] == '"') return i + 1;
  }
  return std::string_view::npos;
}

// How far nothing can be an argument: through quotes, and through JSON as far as it is JSON.
std::size_t skip_opaque(std::string_view line, std::size_t at) {
  if (at >= line.size()) return at;
  if (line[at] == '{' || line[at] == '[') return scan_value(line, at).end;
  if (line[at] != '"') return at;
  auto end = skip_quoted(line, at);
  return end == std::string_view::npos ? at : end;
}

// A value that begins at `at` and lacks its end.
bool is_open(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  if (text[at] == '"') return skip_quoted(text, at) == std::string_view::npos;
  if (text[at] != '{' && text[at] != '[') return false;
  auto scan = scan_value(text, at);
  return !scan.good() && skip_space(text, scan.end) >= text.size();
}

// Where the next argument of this command begins.
std::size_t next_argument(std::string_view line, std::size_t at, const command_definition& command) {
  for (; at < line.size(); ++at) {
    bool starts_word = at > 0 && is_white(line[at - 1]);
    if (starts_word && find_argument(command, word_with_colon(line, at))) return at;
  }
  return line.size();
}

// "limit:5", but neither "https://…" nor "note: …".
bool looks_like_argument(std::string_view value, std::size_t behind_colon) {
  return behind_colon < value.size() && value[behind_colon] != '/' && !is_white(value[behind_colon]);
}

// An argument that is misspelt, or that the command does not have, would silently become a part of the value before it.
const std::string* misspelt_inside(std::string_view value, const command_definition& command, std::string& storage) {
  auto names = argument_names(command);
  for (std::size_t at = 1; at < value.size(); ++at) {
    if (!is_white(value[at - 1])) continue;
    auto word = word_with_colon(value, at);
    if (word.empty() || (nearest_name(word, names).empty() && !looks_like_argument(value, at + word.size() + 1))) continue;
    storage = word;
    return &storage;
  }
  return nullptr;
}

std::string unknown_argument(const command_definition& command, std::string_view word) {
  auto names = argument_names(command);
  auto near = nearest_name(word, names);
  if (names.empty()) return fmt::format("/{} takes no arguments, so not {} either.", command.name, quote(word));
  if (near.empty())
    return fmt::format("/{} has no argument {}; it has {}.", command.name, quote(word), list_names(names));
  return fmt::format("/{} has no argument {}; did you mean `{}`?", command.name, quote(word), near);
}

std::string out_of_range(const argument_definition& a, std::int64_t n) {
  if (a.min && a.max) return fmt::format("{}: must be from {} to {}, not {}.", a.name, *a.min, *a.max, n);
  return a.min ? fmt::format("{}: must be at least {}, not {}.", a.name, *a.min, n)
               : fmt::format("{}: must be at most {}, not {}.", a.name, *a.max, n);
}

base::result<argument_value> convert(const argument_definition& a, std::string_view value) {
  bool in_quotes = value.size() >= 2 && value.front() == '"' && skip_quoted(value, 0) == value.size();
  std::string text = in_quotes ? unquoted(value) : std::string(value);
  if (text.empty()) return refuse(fmt::format("{}: write a value behind the colon.", a.name));
  if (a.kind == argument_kind::integer) {
    std::int64_t n = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec != std::errc{} || end != text.data() + text.size())
      return refuse(fmt::format("{}: must be a whole number, not {}.", a.name, quote(text)));
    if ((a.min && n < *a.min) || (a.max && n > *a.max)) return refuse(out_of_range(a, n));
    return argument_value(n);
  }
  if (a.kind == argument_kind::boolean) {
    if (text != "true" && text != "false")
      return refuse(fmt::format("{}: must be true or false, not {}.", a.name, quote(text)));
    return argument_value(text == "true");
  }
  bool is_path = a.kind == argument_kind::attachment;  // which may be anything
  if (!is_path && find_invalid_utf8(text)) return refuse(fmt::format("{}: must be text in UTF-8.", a.name));
  return argument_value(std::move(text));
}

base::result<std::vector<parsed_argument>> parse_arguments(std::string_view line, const command_definition& command) {
  std::vector<parsed_argument> arguments;
  for (auto at = skip_space(line, 0); at < line.size();) {
    auto name = word_with_colon(line, at);
    if (name.empty())
      return refuse(fmt::format("Write arguments as name:value; {} is not like that.", quote(line.substr(at), 30)));
    auto definition = find_argument(command, name);
    if (!definition) return refuse(unknown_argument(command, name));
    bool twice = std::any_of(arguments.begin(), arguments.end(), [&](const parsed_argument& a) { return a.name == name; });
    if (twice) return refuse(fmt::format("{}: this argument stands there twice; leave one out.", name));
    auto begin = skip_space(line, at + name.size() + 1);
    auto opaque = skip_opaque(line, begin);
    // An argument may begin right at `begin` (an empty value), so the search starts there.
    auto end = next_argument(line, opaque, command);
    std::string word;
    if (misspelt_inside(line.substr(opaque, end - opaque), command, word)) {
      auto advice = opaque == begin ? fmt::format(" If it belongs to the value of `{}`, write that in quotes.", name) : std::string();
      return refuse(unknown_argument(command, word) + advice);
    }
    auto value = convert(*definition, trimmed(line.substr(begin, end - begin)));
    if (!value) return value.error();
    arguments.push_back({std::string(name), definition->kind, std::move(*value)});
    at = end;
  }
  return arguments;
}

// Of one that may be in quotes, which may lack the last one.
std::string begun_value(std::string_view line, std::size_t at) {
  std::string text(line.substr(at));
  if (!text.starts_with('"')) return text;
  if (is_open(line, at)) text += '"';
  return skip_quoted(text, 0) == text.size() ? unquoted(text) : text;
}

std::optional<std::string> missing(const command_definition& command, const std::vector<parsed_argument>& arguments) {
  for (const auto& a : command.arguments) {
    bool given = std::any_of(arguments.begin(), arguments.end(), [&](const parsed_argument& p) { return p.name == a.name; });
    if (a.required && !given) return fmt::format("/{} needs `{}`; add {}:…", command.name, a.name, a.name);
  }
  return std::nullopt;
}

std::string unknown_command(std::string_view name, std::span<const command_definition> commands) {
  std::vector<std::string> names;
  for (const auto& c : commands) names.push_back(c.name);
  if (names.empty()) return "The guild has no commands yet; is the bot running?";
  auto near = nearest_name(name, names);
  if (near.empty()) return fmt::format("There is no command /{}; there is {}.", name, list_names(names, 20));
  return fmt::format("There is no command /{}; did you mean /{}?", name, near);
}

// "dbc_get" of "/dbc_get key:1"; the rest stays.
std::string_view take_command_name(std::string_view& line) {
  line.remove_prefix(skip_space(line, 0));
  if (!line.empty() && line.front() == '/') line.remove_prefix(1);
  auto name = line.substr(0, line.find_first_of(white));
  line.remove_prefix(name.size());
  return name;
}

auto find_command(std::span<const command_definition> commands, std::string_view name) {
  return std::find_if(commands.begin(), commands.end(), [&](const command_definition& c) { return c.name == name; });
}

}  // namespace

base::result<parsed_line> parse_command_line(std::string_view line, std::span<const command_definition> commands) {
  auto name = take_command_name(line);
  if (name.empty()) return refuse("Write a command, like /dbc_inspect.");
  auto it = find_command(commands, name);
  if (it == commands.end()) return refuse(unknown_command(name, commands));
  auto arguments = parse_arguments(line, *it);
  if (!arguments) return arguments.error();
  if (auto sentence = missing(*it, *arguments)) return refuse(std::move(*sentence));
  parsed_line parsed;
  parsed.command = it->name;
  parsed.arguments = std::move(*arguments);
  return parsed;
}

std::optional<begun_line> parse_begun_line(std::string_view line, std::span<const command_definition> commands) {
  auto command = find_command(commands, take_command_name(line));
  if (command == commands.end()) return std::nullopt;
  begun_line begun;
  begun.command = command->name;
  auto at = skip_space(line, 0);
  for (auto name = word_with_colon(line, at); !name.empty(); name = word_with_colon(line, at)) {
    auto definition = find_argument(*command, name);
    if (!definition) return std::nullopt;
    auto begin = skip_space(line, at + name.size() + 1);
    auto opaque = skip_opaque(line, begin);
    auto end = next_argument(line, opaque, *command);
    auto blank = end < line.size() ? line.npos : line.substr(opaque).find_last_of(white);
    if (is_open(line, begin) || (end == line.size() && blank == line.npos)) {
      begun.argument = definition->name;
      begun.typed = line.substr(begin);
      begun.value = begun_value(line, begin);
      return begun;
    }
    if (blank != line.npos) end = opaque + blank + 1;
    auto value = convert(*definition, trimmed(line.substr(begin, end - begin)));
    if (value) begun.arguments.push_back({definition->name, definition->kind, std::move(*value)});
    at = end;
  }
  begun.typed = line.substr(at);
  if (begun.typed.find(':') != std::string::npos) return std::nullopt;
  return begun;
}

bool ends_within_value(std::string_view text, std::span<const command_definition> commands) {
  auto command = find_command(commands, take_command_name(text));
  if (command == commands.end()) return false;
  for (auto at = skip_space(text, 0); at < text.size();) {
    auto name = word_with_colon(text, at);
    if (name.empty() || !find_argument(*command, name)) return false;
    auto begin = skip_space(text, at + name.size() + 1);
    if (is_open(text, begin)) return true;
    at = next_argument(text, skip_opaque(text, begin), *command);
  }
  return false;
}

}  // namespace dbcord::commands
