#include "app/unknown_word.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/enumeration.hpp"
#include "commands/nearest_name.hpp"

namespace dbcord::app {
namespace {

std::vector<const CLI::App*> all_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* sub : all_of(app)) {
    if (!sub->get_name().empty()) names.push_back(sub->get_name());
  }
  return names;
}

void add_options(const CLI::App& app, std::vector<std::string>& names) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const auto* group : all_of(app)) {
    if (group->get_name().empty()) add_options(*group, names);  // an option group
  }
}

std::string no_subcommand(const CLI::App& app, const std::string& word) {
  auto names = subcommands_of(app);
  auto near = commands::nearest_name(word, names);
  auto instead = near.empty() ? fmt::format("it has {}", base::enumeration(names)) : fmt::format("did you mean {} {}?", app.get_name(), near);
  return fmt::format("{} has no command {}; {}", app.get_name(), word, instead);
}

std::string no_option(const CLI::App& app, const std::string& word) {
  auto given = word.substr(0, word.find('='));
  std::vector<std::string> names;
  add_options(app, names);
  auto whose = app.get_name();
  for (const auto* sub : app.get_subcommands()) {
    add_options(*sub, names);
    whose += " " + sub->get_name();
  }
  auto near = commands::nearest_name(given, names);
  return fmt::format("{} has no option {}; {}", whose, given, near.empty() ? whose + " --help lists them" : fmt::format("did you mean {}?", near));
}

}  // namespace

std::string unknown_word(const CLI::App& refused) {
  for (const auto& word : refused.remaining(true)) {
    if (word.starts_with("--") && word.size() > 2) return no_option(refused, word);
    if (refused.get_subcommands().empty()) return no_subcommand(refused, word);
  }
  return {};
}

}  // namespace dbcord::app
