#include "app/serve_command.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <mutex>
#include <optional>

#include "app/bot_address.hpp"
#include "app/bot_runner.hpp"
#include "app/embedded_guild.hpp"
#include "app/metrics_endpoint.hpp"
#include "app/reply_printer.hpp"
#include "app/session_file.hpp"
#include "app/supervisor.hpp"
#include "app/text_file.hpp"
#include "database/database_descriptor.hpp"
#include "guild/guild_check.hpp"

namespace dbcord::app {
namespace {

constexpr int bot_threads = 2;

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

int fail(const base::error& e) {
  print_error(e);
  return 1;
}

guild::sync_mode sync_of(fsync_option chosen) {
  if (chosen == fsync_option::interval) return guild::sync_mode::interval;
  return chosen == fsync_option::never ? guild::sync_mode::never : guild::sync_mode::always;
}

template <class Options>
embedded_guild_options embedded(const std::filesystem::path& directory, const Options& options, supervisor& control) {
  embedded_guild_options o;
  o.directory = directory;
  o.listen = options.listen;
  o.rate_limits = options.rate_limits;
  o.files = options.files;
  o.sync = sync_of(options.fsync);
  o.failed = [&control](base::error e) { control.end_soon(std::move(e)); };
  return o;
}

void hide_tokens(process_logger& log, const guild::credentials& secret) {
  log.hide(secret.bot_token);
  log.hide(secret.owner_token);
}

// What the bot tells, for the person who has started it.
class told_events final : public process_events {
 public:
  told_events(supervisor& control, std::string ready_line) : control_(control), ready_line_(std::move(ready_line)) {}

  void ready() override { say(ready_line_); }
  void failed(base::error e) override { control_.end(std::move(e)); }
  void waits_for(std::string what) override { say("waiting for " + what); }

 private:
  supervisor& control_;
  std::string ready_line_;
};

// The bot's figures at --metrics, which is listened on before anything is made; while there is no bot they are none.
class metrics_of_bot {
 public:
  base::result<void> open(const std::string& address) {
    if (address.empty()) return {};
    auto opened = metrics_endpoint::open(address, [this] { return figures(); });
    if (!opened) return opened.error();
    endpoint_ = std::move(*opened);
    return {};
  }
  // Behind the line that says that the bot is ready.
  std::string line() const { return endpoint_ ? "\nmetrics at " + endpoint_->url() : std::string(); }
  void come_from(bot_runner* runner) {
    std::lock_guard lock(mutex_);
    runner_ = runner;
  }

 private:
  std::optional<bot_figures> figures() {
    std::lock_guard lock(mutex_);
    return runner_ ? runner_->figures() : std::nullopt;
  }

  std::mutex mutex_;
  bot_runner* runner_ = nullptr;
  std::unique_ptr<metrics_endpoint> endpoint_;
};

int run_bot(process_logger& log, bot_settings settings, supervisor& control, const std::string& ready_line, metrics_of_bot& metrics) {
  told_events events(control, ready_line + metrics.line());
  bot_runner runner(log, std::move(settings), events, bot_threads);
  metrics.come_from(&runner);
  int status = control.run([&runner](base::steady_time deadline) { return runner.stop(deadline); });
  metrics.come_from(nullptr);
  runner.shut_down();
  return status;
}

base::result<void> read_descriptor(const serve_options& options, bot_settings& settings) {
  settings.create_missing = options.create_missing;
  if (options.descriptor.empty()) return {};
  auto text = read_text_file(options.descriptor);
  if (!text) return text.error();
  auto descriptor = database::database_descriptor::parse(*text);
  if (!descriptor) return base::error(descriptor.error().code, fmt::format("{}: {}", options.descriptor, descriptor.error().message));
  settings.descriptor = std::make_shared<const database::database_descriptor>(std::move(*descriptor));
  return {};
}

int serve_embedded(process_logger& log, const serve_options& options) {
  bot_settings settings;
  auto declared = read_descriptor(options, settings);
  if (!declared) return fail(declared.error());
  metrics_of_bot metrics;
  auto measured = metrics.open(options.metrics);
  if (!measured) return fail(measured.error());
  supervisor control(log);
  auto guild = embedded_guild::open(log, embedded(options.local, options, control));
  if (!guild) return fail(guild.error());
  const auto& secret = (*guild)->credentials();
  hide_tokens(log, secret);
  (*guild)->open_to(settings);
  settings.memory_cap = options.memory_cap;
  settings.database_memory_cap = options.database_memory_cap;
  settings.accept_loss = options.accept_loss;
  // No session file: the guild's gateway sessions end with this process, and trying to resume one costs seconds.
  auto line = fmt::format("ready: guild {} at {}, kept in {}; go on with: dbcord shell --local {}", secret.guild.str(),
                          settings.api_url, options.local.string(), options.local.string());
  int status = run_bot(log, std::move(settings), control, line, metrics);
  (*guild)->stop(drain_limit);
  return status;
}

base::result<bot_settings> remote_settings(const serve_options& options) {
  auto where = remote_bot(options.api_url, options.token, options.guild);
  if (!where) return where.error();
  bot_settings settings;
  auto declared = read_descriptor(options, settings);
  if (!declared) return declared.error();
  settings.api_url = where->api_url;
  settings.token = where->token;
  settings.guild = where->guild;
  settings.memory_cap = options.memory_cap;
  settings.database_memory_cap = options.database_memory_cap;
  settings.lease = std::chrono::seconds(options.lease_s);
  settings.staleness = std::chrono::seconds(options.staleness_s);
  if (!has_usable_lease(settings)) {
    return base::error(base::errc::invalid_argument, "DBCORD_LEASE (--lease) must be at least 5 seconds more than DBCORD_STALENESS (--staleness)");
  }
  settings.accept_loss = options.accept_loss;
  settings.take_over = options.take_over;
  settings.session_file = default_session_file(options.guild);
  return settings;
}

int serve_remote(process_logger& log, const serve_options& options) {
  auto settings = remote_settings(options);
  if (!settings) return fail(settings.error());
  metrics_of_bot metrics;
  auto measured = metrics.open(options.metrics);
  if (!measured) return fail(measured.error());
  log.hide(settings->token);
  supervisor control(log);
  auto line = fmt::format("ready: guild {} at {}; go on with: slash commands there, /dbc_init first", settings->guild.str(),
                          settings->api_url);
  return run_bot(log, std::move(*settings), control, line, metrics);
}

}  // namespace

int serve_command(process_logger& log, serve_options options) {
  // Files of groups, pages and checkpoints, up to 8 MiB, go back to the system as soon as they are sent. By itself glibc raises this limit to the largest block that
  // was ever freed, keeps such blocks in its heap, and a process that had much to do stays up to a quarter larger (bench_slow_discord).
  constexpr int largest_in_heap = 256 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, largest_in_heap);
  return options.local.empty() ? serve_remote(log, options) : serve_embedded(log, options);
}

namespace {

// What is wrong goes to standard error.
int check_guild(const std::filesystem::path& directory) {
  auto report = guild::check_directory(directory);
  if (!report) return fail(report.error());
  for (auto& line : report->contents) say(line);
  for (auto& line : report->warnings) say("warning: " + line);
  for (auto& line : report->damage) std::fputs((line + "\n").c_str(), stderr);
  if (report->damage.empty()) say("no damage found");
  return report->damage.empty() ? 0 : 1;
}

}  // namespace

int guild_command(process_logger& log, guild_options options) {
  if (!options.check.empty()) return check_guild(options.check);
  supervisor control(log);
  auto guild = embedded_guild::open(log, embedded(options.data, options, control));
  if (!guild) return fail(guild.error());
  hide_tokens(log, (*guild)->credentials());
  say(fmt::format("ready: guild {} at {}, kept in {}; go on with: DISCORD_API_URL={} DBCORD_GUILD_ID={} dbcord serve "
                  "(the bot's token stands in {}/credentials.json)",
                  (*guild)->credentials().guild.str(), (*guild)->api_url(), options.data.string(), (*guild)->api_url(),
                  (*guild)->credentials().guild.str(), options.data.string()));
  int status = control.run([](base::steady_time) -> actor::task<void> { co_return; });
  (*guild)->stop(drain_limit);
  return status;
}

}  // namespace dbcord::app
