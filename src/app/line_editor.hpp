#pragma once
// line_editor: reads lines from a terminal with history and completion (libedit), or plainly when standard input is none.
// Owned by the shell; used by one thread, which it blocks.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dbcord::app {

struct completion_answer {
  std::size_t typed = 0;                // bytes before the cursor that each candidate begins with
  std::vector<std::string> candidates;  // whole words
  bool finishes_word = true;            // a space follows the only candidate
};
// Given what stands before the cursor.
using completer = std::function<completion_answer(const std::string&)>;

class line_editor {
 public:
  // `history` may be empty: nothing is kept.
  line_editor(std::string prompt, std::filesystem::path history, completer complete);
  ~line_editor();

  // Nothing at the end of input. An interrupted line (Ctrl-C) is an empty one.
  std::optional<std::string> read();

 private:
  class terminal;
  std::unique_ptr<terminal> terminal_;
};

}  // namespace dbcord::app
