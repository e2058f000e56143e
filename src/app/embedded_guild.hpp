#pragma once
// embedded_guild: the local guild with a thread of its own, inside `serve --local`, `guild` and the benchmarks.
// Used by one thread, which open() and stop() block. `log` and `events` outlive it.

#include <filesystem>
#include <functional>
#include <memory>

#include "app/options.hpp"
#include "app/runtime.hpp"
#include "guild/local_guild.hpp"

namespace dbcord::app {

struct bot_settings;  // app/bot_process.hpp

struct embedded_guild_options {
  std::filesystem::path directory;
  std::string listen = "127.0.0.1:0";
  bool rate_limits = true;
  guild_files files;
  guild::sync_mode sync = guild::sync_mode::always;
  std::function<void(base::error)> failed;  // the disk gave out; any thread
};

class embedded_guild {
 public:
  // Serves when it returns. Errors are one sentence each.
  static base::result<std::unique_ptr<embedded_guild>> open(base::logger& log, embedded_guild_options options);
  ~embedded_guild();

  const guild::credentials& credentials() const { return guild_->get_credentials(); }
  std::string api_url() const { return guild_->api_url(); }
  // For a bot in this process.
  void open_to(bot_settings& settings) const;
  std::string gateway_url() const { return guild_->gateway_url(); }
  void stop(base::duration within);

 private:
  explicit embedded_guild(base::logger& log) : world_(log) {}

  runtime world_;
  std::unique_ptr<guild::local_guild> guild_;
  bool stopped_ = false;
};

}  // namespace dbcord::app
