#include "app/doctor_command.hpp"

#include <fmt/format.h>

#include "app/bot_address.hpp"
#include "app/print_line.hpp"
#include "app/reply_printer.hpp"
#include "discord/beast_transport.hpp"
#include "discord/doctor.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration examination_limit = std::chrono::minutes(5);

void show(const discord::doctor_finding& f) {
  using discord::verdict;
  const char* mark = f.verdict == verdict::ok ? "ok" : f.verdict == verdict::warning ? "warning" : "FAILED";
  print_line(stdout, fmt::format("{:<8} {:<15} {}", mark, f.check, f.sentence));
}

}  // namespace

actor::task<int> doctor_command(const actor::environment& env, doctor_options options) {
  auto where = options.local.empty() ? remote_bot(options.api_url, options.token, options.guild) : local_bot(options.local);
  if (!where) {
    print_error(where.error());
    co_return 1;
  }
  print_line(stdout, fmt::format("Examining guild {} at {}; what must be tried is tried in a category of its own and deleted again.", where->guild.str(), where->api_url));
  discord::beast_transport net(env);
  discord::scheduler_options rest;
  rest.api_url = where->api_url;
  rest.token = "Bot " + where->token;
  discord::request_scheduler scheduler(env, net, rest);
  discord::doctor_context context{env, scheduler, where->guild, {}, show};
  auto deadline = env.after(examination_limit);
  bool healthy = co_await discord::examine(std::move(context), deadline);
  co_await scheduler.stop(env.now());
  co_return healthy ? 0 : 1;
}

}  // namespace dbcord::app
