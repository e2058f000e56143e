#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/command_table.hpp"
#include "commands/snapshot_summary.hpp"
#include "commands/unfinished_restore.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

// Discord docs, Application Commands, Autocomplete; Application Command Option Choice.
constexpr std::size_t most_choices = 25;
constexpr std::size_t longest_choice = 100;  // characters; bytes are never fewer
constexpr base::duration patience = std::chrono::seconds(1);

// Names that begin as typed come first, then those that contain it; each part sorted.
std::vector<std::string> matching(std::vector<std::string> names, std::string_view typed) {
  std::sort(names.begin(), names.end());
  std::erase_if(names, [&](const std::string& n) { return n.find(typed) == std::string::npos; });
  std::stable_partition(names.begin(), names.end(), [&](const std::string& n) { return n.starts_with(typed); });
  if (names.size() > most_choices) names.resize(most_choices);
  return names;
}

// Of a list like "age desc, na": what stands before the name being typed, and the name.
std::pair<std::string, std::string> split_list(std::string_view typed) {
  auto comma = typed.rfind(',');
  if (comma == std::string_view::npos) return {{}, std::string(typed)};
  auto name = typed.find_first_not_of(' ', comma + 1);
  if (name == std::string_view::npos) name = typed.size();
  return {std::string(typed.substr(0, name)), std::string(typed.substr(name))};
}

actor::task<std::vector<std::string>> of_table(services s, invocation so_far, completion what, std::string typed) {
  auto database = text_argument(so_far, "database"), table = text_argument(so_far, "table");
  auto deadline = s.env.after(patience);
  auto kind = what == completion::key ? database::suggestion::keys : what == completion::field ? database::suggestion::fields : database::suggestion::indexes;
  auto [before, name] = what == completion::field ? split_list(typed) : std::pair(std::string(), typed);
  auto found = co_await s.engine.suggest(database, table, kind, name, most_choices, deadline);
  for (auto& f : found) f.insert(0, before);
  std::erase_if(found, [](const std::string& f) { return f.size() > longest_choice; });
  co_return found;
}

// By what they are of, or by their ids; newest first.
actor::task<std::vector<choice>> of_snapshots(services s, std::string database, std::string typed) {
  database::read_context context{s.env.after(patience)};
  auto kept = co_await s.engine.administration().snapshots(database, context);
  std::vector<choice> choices;
  if (!kept) co_return choices;
  for (auto k = kept->rbegin(); k != kept->rend() && choices.size() < most_choices; ++k) {
    auto id = k->location.message.str();
    auto label = snapshot_label(*k);
    if (k->whole && (id.starts_with(typed) || label.find(typed) != std::string::npos)) choices.push_back({std::move(label), std::move(id)});
  }
  co_return choices;
}

std::vector<choice> as_choices(std::vector<std::string> names) {
  std::vector<choice> choices;
  for (auto& name : names) choices.push_back({name, name});
  return choices;
}

actor::task<std::vector<std::string>> names_for(services s, invocation so_far, const argument& a, std::string typed) {
  if (a.complete == completion::word) co_return matching(a.words, typed);
  if (a.complete == completion::database) co_return matching(s.engine.databases(), typed);
  if (a.complete == completion::table) co_return matching(s.engine.tables(text_argument(so_far, "database")), typed);
  co_return co_await of_table(s, std::move(so_far), a.complete, std::move(typed));
}

}  // namespace

actor::task<std::vector<choice>> complete(services s, invocation so_far, std::string argument, std::string typed) {
  std::vector<choice> none;
  auto command = find_command(so_far.name);
  if (!command || missing_access(s.engine, *command, so_far)) co_return none;
  for (const auto& a : command->arguments) {
    if (a.name != argument || a.complete == completion::none) continue;
    bool within = a.complete != completion::word && a.complete != completion::database;
    if (within && refusal_while_restoring(s.engine, *command, so_far)) co_return none;
    if (a.complete == completion::snapshot) co_return co_await of_snapshots(s, text_argument(so_far, "database"), std::move(typed));
    auto names = co_await names_for(s, std::move(so_far), a, std::move(typed));
    co_return as_choices(std::move(names));
  }
  co_return none;
}

}  // namespace dbcord::commands
