#include "app/run.hpp"

#include <csignal>
#include <cstdio>
#include <exception>

#include "app/backup_command.hpp"
#include "app/doctor_command.hpp"
#include "app/dot_env.hpp"
#include "app/exec_command.hpp"
#include "app/export_command.hpp"
#include "app/import_command.hpp"
#include "app/process_logger.hpp"
#include "app/reply_printer.hpp"
#include "app/restore_command.hpp"
#include "app/runtime.hpp"
#include "app/serve_command.hpp"
#include "app/shell_command.hpp"

namespace dbcord::app {
namespace {

// What the servers log on their own; a client's warnings only, unless it was told otherwise.
bool is_server(const options& o) {
  return std::holds_alternative<serve_options>(o.command) || std::holds_alternative<guild_options>(o.command);
}

struct run_visitor {
  process_logger& log;

  int operator()(serve_options& o) const { return serve_command(log, std::move(o)); }
  int operator()(guild_options& o) const { return guild_command(log, std::move(o)); }
  int operator()(shell_options& o) const { return shell_command(log, std::move(o)); }
  int operator()(exec_options& o) const {
    runtime world(log);
    return world.run(exec_command(world.env(), std::move(o)));
  }
  int operator()(doctor_options& o) const {
    runtime world(log);
    return world.run(doctor_command(world.env(), std::move(o)));
  }
  int operator()(import_options& o) const {
    runtime world(log);
    return world.run(import_command(world.env(), std::move(o)));
  }
  int operator()(export_options& o) const {
    runtime world(log);
    return world.run(export_command(world.env(), std::move(o)));
  }
  int operator()(backup_options& o) const {
    runtime world(log);
    return world.run(backup_command(world.env(), std::move(o)));
  }
  int operator()(restore_options& o) const {
    runtime world(log);
    return world.run(restore_command(world.env(), std::move(o)));
  }
};

// What a client prints is what it was asked for.
int with_output_told(int status) {
  bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (written || status != 0) return status;
  print_error(base::error(base::errc::invalid_argument, "standard output cannot be written, so what was done is not shown"));
  return 1;
}

int run_parsed(options& o) {
  auto level = !is_server(o) && o.log_level == "info" ? "error" : o.log_level;
  process_logger log(level);
  auto status = std::visit(run_visitor{log}, o.command);
  return is_server(o) ? status : with_output_told(status);
}

}  // namespace

int run(int argc, const char* const* argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    auto loaded = load_dot_env(".env");
    if (!loaded) {
      print_error(loaded.error());
      return 1;
    }
    auto unknown = loaded->empty() ? std::vector<std::string>() : unknown_names(*loaded, environment_names());
    for (const auto& sentence : unknown) print_error({base::errc::invalid_argument, ".env: " + sentence});
    auto parsed = parse_options(argc, argv);
    if (auto* o = std::get_if<options>(&parsed)) return run_parsed(*o);
    auto& nothing = std::get<nothing_to_run>(parsed);
    std::fputs(nothing.text.c_str(), nothing.status == 0 ? stdout : stderr);
    return nothing.status;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "dbcord: %s\n", e.what());
    return 1;
  }
}

}  // namespace dbcord::app
