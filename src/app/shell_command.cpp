#include "app/shell_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "app/client_connection.hpp"
#include "app/command_text.hpp"
#include "app/line_editor.hpp"
#include "app/reply_printer.hpp"
#include "app/reply_progress.hpp"
#include "app/runtime.hpp"
#include "app/session_file.hpp"
#include "app/shell_completion.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration completion_limit = std::chrono::seconds(1);

class shell {
 public:
  shell(base::logger& log, user_identity who) : world_(log), connection_(world_.env(), std::move(who)) { world_.start(1); }
  ~shell() {
    wait(connection_.session().close());
    world_.stop();
  }

  int run(const std::filesystem::path& history) {
    auto connected = wait(session().connect(deadline(connect_limit)));
    if (!connected) {
      print_error(connected.error());
      return 1;
    }
    bool terminal = ::isatty(STDIN_FILENO) == 1;
    if (terminal) fmt::print("Type a command; tab completes, `help` lists commands, `quit` or Ctrl-D leaves.\n");
    line_editor editor({"dbcord> ", "      > "}, history, [this](const std::string& line) { return complete(line); });
    bool good = obey_all(editor);
    return terminal || good ? 0 : 1;
  }

 private:
  // Until the end of the input; false if a command was not done.
  bool obey_all(line_editor& editor) {
    bool good = true;
    while (auto line = editor.read(!text_.open().empty())) {
      if (line->interrupted) text_.take();
      if (line->interrupted || !text_.add(std::move(line->text), session().commands())) continue;
      auto command = text_.take();
      editor.remember(command);
      if (command == "quit" || command == "exit") return good;
      good = obey(command) && good;
    }
    if (text_.open().empty()) return good;
    print_error(text_.unfinished());
    return false;
  }

  user_session& session() { return connection_.session(); }
  base::steady_time deadline(base::duration in) { return world_.env().after(in); }

  template <class T>
  T wait(actor::task<T> work) {
    return boost::asio::co_spawn(world_.env().context, std::move(work), boost::asio::use_future).get();
  }

  bool obey(const std::string& line) {
    if (line == "help" || line == "?") return help();
    auto reply = wait(session().run_line(line, deadline(reply_limit), reply_progress()));
    if (!reply) {
      print_error(reply.error());
      return false;
    }
    return wait(print_reply(session(), world_.env(), std::move(*reply)));
  }

  bool help() {
    for (const auto& command : session().commands()) {
      std::string arguments;
      for (const auto& a : command.arguments) arguments += a.required ? " " + a.name + ":…" : " [" + a.name + ":…]";
      fmt::print("  /{}{}\n", command.name, arguments);
    }
    return true;
  }

  completion_answer complete(const std::string& line) {
    auto known = session().commands();
    auto point = understand_completion(text_.open().empty() ? line : text_.open() + "\n" + line, known);
    completion_answer answer;
    answer.typed = point.typed.size();
    if (point.what == completing::value) {
      answer.candidates = wait(session().complete(point.before, point.argument, point.typed, deadline(completion_limit)));
      std::erase_if(answer.candidates, [&point](const std::string& c) { return !c.starts_with(point.typed); });
    } else if (point.what == completing::file) {
      answer.candidates = files_for(point.typed);
      answer.finishes_word = !answer.candidates.empty() && !answer.candidates.front().ends_with('/');
    } else {
      answer.candidates = names_for(point, known);
      answer.finishes_word = point.what == completing::command;
    }
    return answer;
  }

  runtime world_;
  client_connection connection_;
  command_text text_;
};

}  // namespace

int shell_command(base::logger& log, shell_options options) {
  auto who = identify(options.client);
  if (!who) {
    print_error(who.error());
    return 1;
  }
  auto history = default_session_file("");
  if (!history.empty()) history.replace_filename("history");
  return shell(log, std::move(*who)).run(history);
}

}  // namespace dbcord::app
