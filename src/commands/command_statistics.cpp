#include "commands/command_statistics.hpp"

#include <algorithm>

namespace dbcord::commands {

void command_statistics::note(std::string place, std::string command, bool ok, base::duration took) {
  std::lock_guard lock(mutex_);
  auto key = std::pair(place, command);
  if (figures_.size() >= most_entries && !figures_.contains(key)) key.first.clear();
  auto& f = figures_[key];
  f.place = key.first;
  f.command = std::move(command);
  ++f.given;
  f.refused += ok ? 0 : 1;
  f.total += took;
  f.longest = std::max(f.longest, took);
}

std::vector<command_figures> command_statistics::of(std::string_view place) const {
  std::lock_guard lock(mutex_);
  std::vector<command_figures> found;
  for (auto it = figures_.lower_bound({std::string(place), {}}); it != figures_.end() && it->first.first == place; ++it) found.push_back(it->second);
  return found;
}

std::vector<command_figures> command_statistics::all() const {
  std::lock_guard lock(mutex_);
  std::vector<command_figures> found;
  for (const auto& [key, f] : figures_) found.push_back(f);
  return found;
}

}  // namespace dbcord::commands
