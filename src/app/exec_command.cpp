#include "app/exec_command.hpp"

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <iostream>
#include <optional>
#include <utility>

#include "app/client_connection.hpp"
#include "app/command_text.hpp"
#include "app/print_line.hpp"
#include "app/reply_message.hpp"
#include "app/reply_printer.hpp"
#include "app/reply_progress.hpp"
#include "app/stop_signals.hpp"
#include "app/unconnected_client.hpp"
#include "app/unwaited_command.hpp"
#include "base/byte_order_mark.hpp"

namespace dbcord::app {
namespace {

void print_json(const boost::json::object& line) { print_line(stdout, boost::json::serialize(line)); }

// Ctrl-C (or SIGTERM) while a reply is waited for; at other times, while the next command is read, it ends the process as ever.
struct waiting_cut_short {
  int signal = 0;
  std::int64_t job = 0;  // that carries out what is waited for; 0: not known
};

actor::task<base::result<boost::json::object>> run_line(user_session& session, const actor::environment& env, std::string line, waiting_cut_short& cut) {
  auto deadline = env.after(reply_limit);
  stop_signals signals(env, [&session, &cut](int signal) {
    cut.signal = signal;
    session.abandon();
  });
  progress_sink progress = [&cut, shown = reply_progress()](const boost::json::object& message) {
    cut.job = job_of(message).value_or(cut.job);
    shown(message);
  };
  auto reply = co_await session.run_line(std::move(line), deadline, std::move(progress));
  signals.cancel();
  if (!reply && cut.signal != 0 && reply.error().code == base::errc::stopping) co_return base::error(base::errc::stopping, goes_on_text(cut.job));
  co_return std::move(reply);
}

actor::task<bool> run_one(user_session& session, const actor::environment& env, base::result<std::string> line, bool json, waiting_cut_short& cut) {
  base::result<boost::json::object> reply = base::error(base::errc::stopping);
  if (line) reply = co_await run_line(session, env, std::move(*line), cut);
  else reply = line.error();
  if (!reply) {
    print_error(reply.error());
    if (json) print_json({{"error", reply.error().message}});
    co_return false;
  }
  if (json) {
    print_json(*reply);
    co_return says_done(*reply);
  }
  auto message = std::move(*reply);
  co_return co_await print_reply(session, env, std::move(message));
}

// The commands of the command line; "-" stands for those of standard input.
class command_source {
 public:
  command_source(std::vector<std::string> commands, const user_session& session) : commands_(std::move(commands)), session_(session) {}

  // Nothing at the end. An error: the input ended within a command.
  std::optional<base::result<std::string>> next() {
    while (reading_input_ || at_ < commands_.size()) {
      if (!reading_input_ && commands_[at_] != "-") return commands_[at_++];
      if (!reading_input_) ++at_;
      reading_input_ = true;
      if (auto command = next_of_input()) return command;
      reading_input_ = false;
    }
    return std::nullopt;
  }

 private:
  std::optional<base::result<std::string>> next_of_input() {
    command_text text;
    auto known = session_.commands();
    for (std::string line; std::getline(std::cin, line);) {
      if (!std::exchange(begun_, true)) line = std::string(base::without_byte_order_mark(line));
      if (text.add(std::move(line), known)) return text.take();
    }
    if (text.open().empty()) return std::nullopt;
    return text.unfinished();
  }

  std::vector<std::string> commands_;
  const user_session& session_;
  std::size_t at_ = 0;
  bool reading_input_ = false;
  bool begun_ = false;  // to read it
};

}  // namespace

actor::task<int> exec_command(const actor::environment& env, exec_options options) {
  auto who = identify(options.client);
  if (!who) {
    print_error(who.error());
    co_return 1;
  }
  std::optional<unconnected_client> unconnected(std::in_place);
  client_connection connection(env, std::move(*who));
  auto& session = connection.session();
  auto deadline = env.after(connect_limit);
  auto connected = co_await session.connect(deadline);
  unconnected.reset();
  bool good = connected.has_value();
  if (!connected) print_error(connected.error());
  command_source source(std::move(options.commands), session);
  waiting_cut_short cut;
  while (connected && cut.signal == 0 && std::ferror(stdout) == 0) {
    auto command = source.next();
    if (!command) break;
    cut.job = 0;
    bool done = co_await run_one(session, env, std::move(*command), options.json, cut);
    good = done && good;
  }
  co_await session.close();
  if (std::ferror(stdout) != 0) {
    print_error(base::error(base::errc::invalid_argument, "standard output cannot be written; no further command was given"));
    good = false;
  }
  if (cut.signal != 0) co_return killed_by + cut.signal;
  co_return good ? 0 : 1;
}

}  // namespace dbcord::app
