#pragma once
// What a command answers, neutral of the front door. Plain values.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/controls.hpp"

namespace dbcord::commands {

struct file {
  std::string name;  // [A-Za-z0-9_.-]
  std::string bytes;
};

// ok: the command did what was asked (an import that refused every row did not). The front door shows `text`, then the rows,
// each exactly as it stands here (one compact JSON document without line breaks), inline or in a file.
struct reply {
  bool ok = true;
  std::string text;               // one or a few sentences, Discord's markdown
  std::vector<std::string> rows;
  std::vector<std::string> captions;  // none, or a line for each row, under which it stands; under a caption a row may be empty
  std::string rows_name = "rows"; // base name of the file if the rows do not fit into the message
  std::vector<file> files;
  std::string draft;             // what was typed into a form that was refused; shown below the text, so that it is not lost
  std::vector<button> buttons;   // up to five
  std::optional<form> opens;     // instead of everything else
  std::shared_ptr<const void> held;  // find_answer::held: until the reply is sent
  bool conflict = false;         // of a refusal: it was told that somebody has changed the row since a form showed it
};

}  // namespace dbcord::commands
