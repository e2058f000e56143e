#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/command_table.hpp"

namespace dbcord::commands {
namespace {

constexpr std::size_t most_choices = 25;  // Discord docs, Application Commands, Autocomplete

std::vector<std::string> names_for(const database::engine& engine, const invocation& so_far, const argument& a) {
  if (a.complete == completion::database) return engine.databases();
  if (a.complete == completion::table) return engine.tables(text_argument(so_far, "database"));
  return {};
}

// Names that begin as typed come first, then those that contain it; each part sorted.
std::vector<std::string> matching(std::vector<std::string> names, std::string_view typed) {
  std::sort(names.begin(), names.end());
  std::erase_if(names, [&](const std::string& n) { return n.find(typed) == std::string::npos; });
  std::stable_partition(names.begin(), names.end(), [&](const std::string& n) { return n.starts_with(typed); });
  if (names.size() > most_choices) names.resize(most_choices);
  return names;
}

}  // namespace

std::vector<std::string> complete(const database::engine& engine, const invocation& so_far, std::string_view argument,
                                  std::string_view typed) {
  auto command = find_command(so_far.name);
  if (!command) return {};
  for (const auto& a : command->arguments)
    if (a.name == argument) return matching(names_for(engine, so_far, a), typed);
  return {};
}

}  // namespace dbcord::commands
