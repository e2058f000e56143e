#pragma once
// What the tab key means in a half-typed command: pure, any thread. The shell asks the guild for values only.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command_line.hpp"

namespace dbcord::app {

enum class completing { nothing, command, argument, value, file };

struct completion_point {
  completing what = completing::nothing;
  std::string typed;             // of what is to be completed, as it stands there
  std::string value;             // the same without quotes
  std::string argument;          // its name, of a value or file
  commands::parsed_line before;  // the command and the arguments that are whole already
};

// `line` is what stands before the cursor.
completion_point understand_completion(std::string_view line, std::span<const commands::command_definition> commands);

// For commands and argument names (with their colon): what begins with what was typed, sorted.
std::vector<std::string> names_for(const completion_point& point, std::span<const commands::command_definition> commands);
// For a value that is one of a few words.
std::vector<std::string> words_for(const completion_point& point, std::span<const commands::command_definition> commands);
// For files: paths that begin with `typed`; directories end with a slash.
std::vector<std::string> files_for(const std::string& typed);

// What all of them begin with, in whole characters.
std::string common_beginning(const std::vector<std::string>& candidates);
// What takes the place of what was typed: as much as all candidates have in common; of values in quotes where a command line would read them as something else. The only
// candidate is closed, with a space behind it, if that `finishes` it.
std::string insertion_for(const completion_point& point, const std::vector<std::string>& candidates, bool finishes);

}  // namespace dbcord::app
