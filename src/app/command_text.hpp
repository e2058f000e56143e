#pragma once
// command_text: puts commands together from lines: one goes on with the next line while a JSON value or a quote is open.
// Blank lines and lines that begin with # are no part of them, but in a quote they are. Owned by a reader of commands; one thread.

#include <span>
#include <string>
#include <vector>

#include "commands/command_line.hpp"

namespace dbcord::app {

class command_text {
 public:
  // Longer ones are taken as whole; Discord takes no such command.
  static constexpr std::size_t open_max = 256 * 1024;  // bytes

  // True: take() has a whole command. `known`: the guild's commands, which say where arguments begin.
  bool add(std::string line, std::span<const commands::command_definition> known);
  std::string take() { return std::exchange(text_, {}); }

  // The lines so far of a command that is not whole; empty: there is none.
  const std::string& open() const { return text_; }
  // At the end of the input, where nothing can close it any more.
  base::error unfinished() const;

 private:
  bool is_in_quotes(std::span<const commands::command_definition> known) const;

  std::string text_;
};

}  // namespace dbcord::app
