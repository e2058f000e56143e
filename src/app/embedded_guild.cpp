#include "app/embedded_guild.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "app/bot_process.hpp"
#include "app/listen_address.hpp"
#include "app/text_file.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration last_stop_limit = std::chrono::seconds(2);

base::error in_file(const std::filesystem::path& file, const base::error& why) {
  return {why.code, file.string() + ": " + why.message};
}

base::result<void> read_guild_files(const guild_files& files, guild::core_options& to) {
  if (!files.limits.empty()) {
    auto text = read_text_file(files.limits);
    if (!text) return text.error();
    auto table = guild::parse_rate_table(*text);
    if (!table) return in_file(files.limits, table.error());
    to.limits = *table;
  }
  if (!files.faults.empty()) {
    auto text = read_text_file(files.faults);
    if (!text) return text.error();
    auto plan = guild::parse_fault_plan(*text);
    if (!plan) return in_file(files.faults, plan.error());
    to.faults = std::move(*plan);
  }
  return {};
}

}  // namespace

base::result<std::unique_ptr<embedded_guild>> embedded_guild::open(base::logger& log, embedded_guild_options options) {
  auto address = parse_listen_address(options.listen);
  if (!address) return address.error();
  std::unique_ptr<embedded_guild> made(new embedded_guild(log));
  guild::local_guild_options o;
  o.directory = std::move(options.directory);
  o.address = address->address;
  o.port = address->port;
  o.core.public_url.clear();
  o.core.rate_limits = options.rate_limits;
  auto read = read_guild_files(options.files, o.core);
  if (!read) return read.error();
  o.sync = options.sync;
  o.failed = std::move(options.failed);
  auto opened = guild::local_guild::open(made->world_.env(), std::move(o));
  if (!opened) return opened.error();
  made->guild_ = std::move(*opened);
  made->guild_->start();
  made->world_.start(1);
  return made;
}

embedded_guild::~embedded_guild() {
  if (guild_ && !stopped_) stop(last_stop_limit);
  world_.stop();
}

void embedded_guild::open_to(bot_settings& settings) const {
  settings.api_url = api_url();
  settings.token = credentials().bot_token;
  settings.guild = credentials().guild;
  settings.local = true;
}

void embedded_guild::stop(base::duration within) {
  stopped_ = true;
  const auto& env = world_.env();
  boost::asio::co_spawn(env.context, guild_->stop(env.after(within)), boost::asio::use_future).get();
}

}  // namespace dbcord::app
