#include "commands/command_reference.hpp"

#include <fmt/format.h>

#include "commands/command_table.hpp"

namespace dbcord::commands {
namespace {

std::string signature(const command& c) {
  if (c.kind != command_kind::slash) return std::string(c.name);
  std::string text = fmt::format("/{}", c.name);
  for (const auto& a : c.arguments) text += a.required ? fmt::format(" {}", a.name) : fmt::format(" [{}]", a.name);
  return text;
}

std::string arguments(const command& c) {
  std::string text;
  if (c.kind != command_kind::slash) return text;
  for (const auto& a : c.arguments) {
    if (a.complete == completion::database || a.complete == completion::table) continue;  // database and table: what they are is plain
    text += fmt::format("{}`{}`: {}", text.empty() ? "" : "; ", a.name, a.description);
  }
  return text;
}

std::string escaped(std::string text) {
  for (auto at = text.find('|'); at != text.npos; at = text.find('|', at + 2)) text.insert(at, 1, '\\');
  return text;
}

}  // namespace

std::string command_reference() {
  std::string text = "| command | what it does | arguments |\n|---|---|---|\n";
  for (const auto& c : table()) text += fmt::format("| `{}` | {} | {} |\n", signature(c), escaped(std::string(c.help)), escaped(arguments(c)));
  return text;
}

std::optional<std::string> command_help(std::string_view name) {
  const auto* c = find_command(name);
  if (!c || c->kind != command_kind::slash) return std::nullopt;
  auto text = fmt::format("{}\n  {}", typed_form(*c), c->help);
  for (const auto& a : c->arguments) {
    text += fmt::format("\n    {}: {}", a.name, a.description);
    if (a.kind == argument_kind::boolean) text += " (true or false)";
  }
  return text;
}

}  // namespace dbcord::commands
