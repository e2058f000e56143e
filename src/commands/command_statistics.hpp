#pragma once
// command_statistics: how often each command was given for each table since the start, how often it was refused, and how long it took.
// Any thread. Limit: `most_entries` of table and command; what comes later is counted under the command alone.

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/clock.hpp"

namespace dbcord::commands {

struct command_figures {
  std::string place;  // "prod.users"; empty: of no table
  std::string command;
  std::uint64_t given = 0;
  std::uint64_t refused = 0;
  base::duration total{};
  base::duration longest{};
};

class command_statistics {
 public:
  static constexpr std::size_t most_entries = 10'000;

  void note(std::string place, std::string command, bool ok, base::duration took);
  // Of one place, by command.
  std::vector<command_figures> of(std::string_view place) const;
  std::vector<command_figures> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, command_figures> figures_;
};

}  // namespace dbcord::commands
