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
  std::string typed;                    // before the cursor: what is completed,
  std::string insertion;                // and what takes its place
  std::vector<std::string> candidates;  // whole, as they are shown
};
struct input_line {
  bool interrupted = false;  // by Ctrl-C; nothing of it counts
  std::string text;
};
// Given what stands before the cursor, in its line.
using completer = std::function<completion_answer(const std::string&)>;

class line_editor {
 public:
  struct prompts {
    std::string first, more;  // of a command's first line, and of the others
  };
  // `history` may be empty: nothing is kept.
  line_editor(prompts prompt, std::filesystem::path history, completer complete);
  ~line_editor();

  // Nothing at the end of input. `more`: it goes on with what was read before.
  std::optional<input_line> read(bool more);
  // Arrow up brings it again.
  void remember(const std::string& command);

 private:
  class terminal;
  std::unique_ptr<terminal> terminal_;
};

}  // namespace dbcord::app
