#include "app/shell_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include "app/client_connection.hpp"
#include "app/command_text.hpp"
#include "app/line_editor.hpp"
#include "app/print_line.hpp"
#include "app/reply_message.hpp"
#include "app/reply_printer.hpp"
#include "app/reply_progress.hpp"
#include "app/runtime.hpp"
#include "app/session_file.hpp"
#include "app/shell_completion.hpp"
#include "app/stop_signals.hpp"
#include "app/unconnected_client.hpp"
#include "app/unwaited_command.hpp"
#include "commands/command_reference.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration completion_limit = std::chrono::seconds(1);
constexpr int interrupted_status = killed_by + SIGINT;

// "help", "? dbc_find", "help /dbc_find", "/dbc_find help": the command's name, empty of all. Empty optional: the line is something else.
std::optional<std::string> help_wanted(const std::string& line) {
  std::istringstream words(line);
  std::string first, second, more;
  words >> first >> second >> more;
  for (auto* word : {&first, &second})
    if (word->starts_with('/')) word->erase(0, 1);
  auto asks = [](const std::string& word) { return word == "help" || word == "?" || word == "--help"; };
  if (!more.empty() || (!asks(first) && !asks(second))) return std::nullopt;
  if (asks(first) && asks(second)) return std::string();
  return asks(first) ? second : first;
}

class shell {
 public:
  shell(base::logger& log, user_identity who) : world_(log), connection_(world_.env(), std::move(who)) { world_.start(1); }
  ~shell() {
    if (interrupts_) interrupts_->cancel();
    wait(connection_.session().close());
    world_.stop();
  }

  int run(const std::filesystem::path& history) {
    std::optional<unconnected_client> unconnected(std::in_place);
    auto connected = wait(session().connect(deadline(connect_limit)));
    unconnected.reset();
    if (!connected) {
      print_error(connected.error());
      return 1;
    }
    bool terminal = ::isatty(STDIN_FILENO) == 1;
    if (terminal) catch_interrupts();
    if (terminal) print_line(stdout, "Type a command; tab completes, `help` lists commands, `help COMMAND` explains one, `quit` or Ctrl-D leaves.");
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
    if (auto about = help_wanted(line)) return help(*about);
    interrupted_ = false;
    job_ = 0;
    at_work_ = true;
    bool good = carry_out(line);
    at_work_ = false;
    return good;
  }

  bool carry_out(const std::string& line) {
    auto shown = reply_progress();
    auto progress = [this, shown](const boost::json::object& message) {
      job_ = job_of(message).value_or(job_);
      shown(message);
    };
    auto reply = wait(session().run_line(line, deadline(reply_limit), std::move(progress)));
    shown = {};  // the bar goes
    if (reply) return wait(print_reply(session(), world_.env(), std::move(*reply)));
    bool cut = interrupted_ && reply.error().code == base::errc::stopping;
    print_error(cut ? base::error(base::errc::stopping, goes_on_text(job_)) : reply.error());
    return false;
  }

  // On a terminal Ctrl-C ends the waiting for a command, not the shell; while a line is read the editor has it.
  void catch_interrupts() {
    interrupts_.emplace(world_.env().context, SIGINT);
    wait_for_interrupt();
  }

  void wait_for_interrupt() {
    interrupts_->async_wait([this](boost::system::error_code ec, int) {
      if (ec) return;
      if (at_work_) interrupt();
      wait_for_interrupt();
    });
  }

  void interrupt() {
    std::fputc('\n', stderr);
    if (interrupted_.exchange(true)) {  // the first one has had no effect yet: the guild takes its time
      print_error(base::error(base::errc::stopping, "the shell was ended; whether the command was done is not known"));
      std::_Exit(interrupted_status);
    }
    session().abandon();
  }

  bool help(const std::string& name) {
    auto one = commands::command_help(name);
    if (one) print_line(stdout, *one);
    if (!one && !name.empty()) {
      print_error({base::errc::invalid_argument, fmt::format("there is no command /{} to explain; `help` lists all", name)});
    }
    if (one || !name.empty()) return one.has_value();
    for (const auto& command : session().commands()) print_line(stdout, "  " + commands::typed_form(command));
    return true;
  }

  completion_answer complete(const std::string& line) {
    auto known = session().commands();
    auto point = understand_completion(text_.open().empty() ? line : text_.open() + "\n" + line, known);
    std::vector<std::string> candidates;
    bool finishes = point.what == completing::command || point.what == completing::value;
    if (point.what == completing::value) {
      candidates = words_for(point, known);
      if (candidates.empty()) candidates = wait(session().complete(point.before, point.argument, point.value, deadline(completion_limit)));
      std::erase_if(candidates, [&point](const std::string& c) { return !c.starts_with(point.value); });
    } else if (point.what == completing::file) {
      candidates = files_for(point.value);
      finishes = !candidates.empty() && !candidates.front().ends_with('/');
    } else {
      candidates = names_for(point, known);
    }
    auto insertion = insertion_for(point, candidates, finishes);
    return {point.typed, std::move(insertion), std::move(candidates)};
  }

  runtime world_;
  client_connection connection_;
  command_text text_;
  std::optional<boost::asio::signal_set> interrupts_;
  std::atomic<bool> at_work_ = false;
  std::atomic<bool> interrupted_ = false;  // what is at work
  std::atomic<std::int64_t> job_ = 0;      // of what is at work; zero: not known
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
