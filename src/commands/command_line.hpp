#pragma once
// Slash commands as people type them: /dbc_insert database:prod table:users key:u_1 value_json:{"id": "a b"}
// Pure, any thread, never throws on input.
//
// An argument starts at the beginning of a word with its name and a colon. Its value runs to the next argument of that command or
// to the end; white space around it goes. What looks like an argument inside a JSON value's strings or braces belongs to the
// value. A simple value may stand in double quotes (\" and \\ inside them); quotes keep spaces and colons. The slash is optional.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"

namespace dbcord::commands {

struct argument_definition {
  std::string name;
  argument_kind kind = argument_kind::text;  // text also stands for JSON when definitions come from a guild
  bool required = false;
  std::optional<std::int64_t> min, max;  // of an integer
};

struct command_definition {
  std::string name;
  std::vector<argument_definition> arguments;
};

struct parsed_argument {
  std::string name;
  argument_kind kind = argument_kind::text;
  argument_value value;  // of an attachment: the path as typed
};

struct parsed_line {
  std::string command;  // no slash
  std::vector<parsed_argument> arguments;  // in the order typed
};

// An error is one sentence for the person who typed it.
base::result<parsed_line> parse_command_line(std::string_view line, std::span<const command_definition> commands);

// The text ends within a JSON value or a quoted one: what comes next, on another line say, belongs to it. False for what no further text
// would make right.
bool ends_within_value(std::string_view text, std::span<const command_definition> commands);

// A line that is being typed, as far as it stands there.
struct begun_line {
  std::string command;                     // no slash
  std::vector<parsed_argument> arguments;  // that are whole
  std::string argument;                    // whose value is being typed; empty: the name of one is
  std::string typed;                       // of that value, or name
  std::string value;                       // what that value is so far: without quotes
};
// Empty: the command is not known, or what stands there is none of its arguments.
std::optional<begun_line> parse_begun_line(std::string_view line, std::span<const command_definition> commands);

// From our own table.
std::vector<command_definition> command_definitions();
// From the answer of GET /applications/{app}/guilds/{guild}/commands: chat-input commands without sub-commands.
base::result<std::vector<command_definition>> command_definitions_from_json(std::string_view json);

}  // namespace dbcord::commands
