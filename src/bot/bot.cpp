#include "bot/bot.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "bot/deleted_messages.hpp"
#include "bot/registration.hpp"
#include "commands/command_table.hpp"

namespace dbcord::bot {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

base::error missing_permissions(const std::vector<std::string>& names) {
  return {database::store_errc::forbidden,
          fmt::format("The bot lacks permissions in this server: {}. Grant them to its role in Server Settings, Roles.", joined(names))};
}

base::error missing_intent() {
  return {database::store_errc::forbidden,
          "The Message Content Intent is off, so the bot cannot read its own rows. Switch it on in the Developer Portal, under Bot, "
          "Privileged Gateway Intents."};
}

}  // namespace

bot::bot(const actor::environment& env, discord::client& client, discord::interaction_client& interactions,
         discord::transport& net, database::engine& engine, bot_options options, bot_events& events)
    : env_(env), client_(client), net_(net), engine_(engine), options_(std::move(options)), events_(events),
      dispatcher_(env, client, interactions, engine, options_.dispatch) {}

bot::~bot() = default;

actor::task<base::result<void>> bot::check(base::steady_time deadline) {
  auto application = co_await client_.application(deadline);
  if (!application) co_return application.error();
  if (!application->message_content()) co_return missing_intent();
  if (!options_.dispatch.application) options_.dispatch.application = application->id;
  dispatcher_.set_application(options_.dispatch.application);
  auto permissions = co_await client_.permissions(options_.dispatch.guild, options_.self, discord::permission::needed, deadline);
  if (!permissions) co_return permissions.error();
  if (!permissions->missing.empty()) co_return missing_permissions(permissions->missing);
  checked_ = true;
  co_return base::result<void>();
}

actor::task<base::result<void>> bot::register_commands(base::steady_time deadline) {
  auto application = options_.dispatch.application;
  auto guild = options_.dispatch.guild;
  auto ours = boost::json::parse(commands::command_definitions_json()).as_array();
  auto shown = co_await client_.guild_commands(application, guild, deadline);
  if (!shown) co_return shown.error();
  if (same_commands(ours, *shown)) co_return base::result<void>();
  auto count = ours.size();
  auto put = co_await client_.put_guild_commands(application, guild, std::move(ours), deadline);
  if (!put) co_return put.error();
  env_.log.info("commands registered", {{"count", count}});
  co_return base::result<void>();
}

actor::task<base::result<void>> bot::fill_gateway_options(base::steady_time deadline) {
  auto& gateway = options_.gateway;
  gateway.intents = options_.intents;
  if (!gateway.url.empty()) co_return base::result<void>();
  auto info = co_await client_.gateway_bot(deadline);
  if (!info) co_return info.error();
  gateway.url = info->url;
  gateway.identify_budget = info->total;
  co_return base::result<void>();
}

actor::task<base::result<void>> bot::start(base::steady_time deadline) {
  if (!checked_) {
    auto checked = co_await check(deadline);
    if (!checked) co_return checked;
  }
  auto registered = co_await register_commands(deadline);
  if (!registered) co_return registered;
  auto filled = co_await fill_gateway_options(deadline);
  if (!filled) co_return filled;
  discord::gateway_listener& listener = *this;
  gateway_ = std::make_unique<discord::gateway_actor>(env_, net_, options_.gateway, listener);
  gateway_->start();
  co_return base::result<void>();
}

actor::task<bool> bot::stop(base::steady_time deadline) {
  dispatcher_.refuse(deadline);
  auto share = (deadline - env_.now()) / 5;
  bool idle = co_await dispatcher_.join_commands(deadline - 3 * share);
  if (!idle) {
    dispatcher_.cancel_jobs();
    idle = co_await dispatcher_.join_commands(deadline - share);
  }
  if (gateway_) co_await gateway_->stop(deadline);
  co_return idle;
}

actor::task<bool> bot::join(base::steady_time deadline) { co_return co_await dispatcher_.join(deadline); }

void bot::on_dispatch(std::string type, boost::json::object data) {
  if (type == "INTERACTION_CREATE") return dispatcher_.on_interaction(data, !connected_once_);
  if (auto gone = read_deleted_channel(type, data)) engine_.channel_deleted(*gone);
  if (auto gone = read_deleted_messages(type, data)) engine_.messages_deleted(gone->channel, std::move(gone->messages));
}

void bot::on_state(discord::gateway_state state, std::string detail) {
  switch (state) {
    case discord::gateway_state::ready:
      connected_once_ = true;
      env_.log.info("gateway ready");
      engine_.events_missed();
      return events_.on_ready();
    case discord::gateway_state::resumed:
      connected_once_ = true;
      env_.log.info("gateway resumed");
      return events_.on_ready();
    case discord::gateway_state::disconnected:
      return env_.log.warning("gateway disconnected", {{"reason", detail}});
    case discord::gateway_state::connecting:
      return env_.log.debug("gateway connecting");
    case discord::gateway_state::stopped:
      return env_.log.info("gateway stopped");
  }
}

void bot::on_session(const protocol::gateway_saved_session& saved) { events_.on_session(saved); }

void bot::on_fatal(base::error e) { events_.on_fatal(std::move(e)); }

}  // namespace dbcord::bot
