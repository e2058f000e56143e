#include "app/line_editor.hpp"

#include <histedit.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cwchar>
#include <iostream>
#include <string_view>

#include "app/terminal_signals.hpp"
#include "base/code_points.hpp"

namespace dbcord::app {
namespace {

constexpr int history_lines = 1000;
constexpr std::size_t shown_max = 100;
constexpr auto invalid = static_cast<std::size_t>(-1), incomplete = static_cast<std::size_t>(-2);  // of mbrtowc()

}  // namespace

class line_editor::terminal {
 public:
  terminal(prompts prompt, std::filesystem::path history, completer complete)
      : prompts_(std::move(prompt)), prompt_(prompts_.first), history_file_(std::move(history)), complete_(std::move(complete)) {
    // libedit drops what the locale cannot say, and all that dbcord reads is UTF-8; few containers have a locale at all.
    if (!std::setlocale(LC_CTYPE, "C.UTF-8")) std::setlocale(LC_CTYPE, "");
    edit_ = ::el_init("dbcord", stdin, stdout, stderr);
    history_ = kept_history();
    ::el_set(edit_, EL_CLIENTDATA, this);
    ::el_set(edit_, EL_PROMPT, &terminal::prompt_of);
    ::el_set(edit_, EL_EDITOR, "emacs");
    ::el_set(edit_, EL_SIGNAL, 0);  // its own handlers send what they get to the whole process group
    ::el_set(edit_, EL_GETCFN, &terminal::character_of);
    ::el_set(edit_, EL_HIST, ::history, history_);
    ::el_set(edit_, EL_ADDFN, "dbcord-complete", "complete the word", &terminal::on_tab);
    ::el_set(edit_, EL_BIND, "^I", "dbcord-complete", nullptr);
    ::el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    ::el_source(edit_, nullptr);
  }

  ~terminal() {
    ::history_end(history_);
    ::el_end(edit_);
  }

  std::optional<input_line> read(bool more) {
    terminal_signals signals;
    signals_ = &signals;
    prompt_ = more ? prompts_.more : prompts_.first;
    int length = 0;
    interrupted_ = false;
    const char* text = ::el_gets(edit_, &length);
    if (!text || length <= 0) {
      std::fputs(interrupted_ ? "^C\n" : "\n", stdout);
      std::fflush(stdout);
      if (!interrupted_) return std::nullopt;
      ::el_reset(edit_);
      return input_line{true, {}};
    }
    std::string line(text, static_cast<std::size_t>(length));
    while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
    return input_line{false, std::move(line)};
  }

  void remember(const std::string& command) {
    if (command.empty()) return;
    HistEvent event;
    ::history(history_, &event, H_ENTER, command.c_str());
    if (history_file_.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(history_file_.parent_path(), ignored);
    keep(command);
  }

 private:
  History* kept_history() const {
    History* kept = ::history_init();
    HistEvent event;
    ::history(kept, &event, H_SETSIZE, history_lines);
    ::history(kept, &event, H_SETUNIQUE, 1);
    if (!history_file_.empty()) ::history(kept, &event, H_LOAD, history_file_.c_str());
    return kept;
  }

  // Behind what other shells have kept meanwhile.
  void keep(const std::string& command) {
    History* kept = kept_history();
    HistEvent event;
    ::history(kept, &event, H_ENTER, command.c_str());
    auto whole = history_file_;
    whole += "." + std::to_string(::getpid());
    ::history(kept, &event, H_SAVE, whole.c_str());
    std::error_code ignored;
    std::filesystem::rename(whole, history_file_, ignored);  // nobody loads the half of one
    ::history_end(kept);
  }

  static terminal& of(EditLine* edit) {
    terminal* self = nullptr;
    ::el_get(edit, EL_CLIENTDATA, &self);
    return *self;
  }

  static char* prompt_of(EditLine* edit) {
    return of(edit).prompt_.data();
  }

  static int character_of(EditLine* edit, wchar_t* to) {
    return of(edit).next_character(*to);
  }

  // 1, or 0 at the end of the input, or -1. While a line is read Ctrl-C ends the line, not the process.
  int next_character(wchar_t& to) {
    std::mbstate_t state{};
    for (;;) {
      if (auto signal = signals_->wait(STDIN_FILENO)) {
        if (signal == SIGINT) {
          interrupted_ = true;
          errno = EINTR;  // for libedit
          return -1;
        }
        draw_again(signal);
        continue;
      }
      char byte = 0;
      auto got = ::read(STDIN_FILENO, &byte, 1);
      if (got <= 0) return static_cast<int>(got);
      bool begun = std::mbsinit(&state) == 0;
      auto length = std::mbrtowc(&to, &byte, 1, &state);
      if (length == invalid && begun) {  // what was begun is none: this may be one
        state = {};
        length = std::mbrtowc(&to, &byte, 1, &state);
      }
      if (length == incomplete) continue;
      if (length == invalid) to = L'\uFFFD';
      return 1;
    }
  }

  // The terminal has another size, or was somebody else's behind Ctrl-Z.
  void draw_again(int signal) {
    if (signal == SIGCONT) {
      ::el_set(edit_, EL_PREP_TERM, 0);
      ::el_set(edit_, EL_PREP_TERM, 1);
    } else {
      ::el_resize(edit_);
    }
    std::fputs("\r\033[J", stdout);
    std::fflush(stdout);
    ::el_set(edit_, EL_REFRESH);
  }

  static unsigned char on_tab(EditLine* edit, int) {
    return of(edit).complete();
  }

  unsigned char complete() {
    auto* info = ::el_line(edit_);
    auto answer = complete_(std::string(info->buffer, info->cursor));
    if (answer.candidates.empty()) return CC_REFRESH_BEEP;
    if (answer.insertion == answer.typed) {
      if (answer.candidates.size() == 1) return CC_REFRESH;
      show(answer.candidates);
      return CC_REDISPLAY;
    }
    std::string_view more = answer.insertion;
    if (more.starts_with(answer.typed)) more.remove_prefix(answer.typed.size());
    else ::el_deletestr(edit_, static_cast<int>(base::count_code_points(answer.typed)));
    ::el_insertstr(edit_, std::string(more).c_str());
    return CC_REFRESH;
  }

  static void show(const std::vector<std::string>& candidates) {
    std::string text = "\n";
    for (std::size_t i = 0; i < candidates.size() && i < shown_max; ++i) text += candidates[i] + "  ";
    if (candidates.size() > shown_max) text += "…";
    std::fputs((text + "\n").c_str(), stdout);
    std::fflush(stdout);
  }

  prompts prompts_;
  std::string prompt_;
  std::filesystem::path history_file_;
  completer complete_;
  terminal_signals* signals_ = nullptr;  // while a line is read
  bool interrupted_ = false;             // that line, by Ctrl-C
  EditLine* edit_ = nullptr;
  History* history_ = nullptr;
};

line_editor::line_editor(prompts prompt, std::filesystem::path history, completer complete) {
  if (::isatty(STDIN_FILENO) == 1)
    terminal_ = std::make_unique<terminal>(std::move(prompt), std::move(history), std::move(complete));
}

line_editor::~line_editor() = default;

std::optional<input_line> line_editor::read(bool more) {
  if (terminal_) return terminal_->read(more);
  input_line line;
  if (!std::getline(std::cin, line.text)) return std::nullopt;
  return line;
}

void line_editor::remember(const std::string& command) {
  if (terminal_) terminal_->remember(command);
}

}  // namespace dbcord::app
