#include "support/virtual_guild.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace dbcord::bench {
namespace {

std::string id_in(const std::string& body) {
  return std::string(boost::json::parse(body).at("id").as_string());
}

}  // namespace

virtual_guild::virtual_guild(guild::core_options options, base::duration round_trip)
    : guild(world, trace, std::move(options)), net(world, guild, trace), process(&world.start("bench")) {
  net.plan.latency_min = round_trip / 2;
  net.plan.latency_mean = {};
}

virtual_guild::~virtual_guild() {
  world.kill(*process);
}

discord::scheduler_options virtual_guild::scheduler_options() const {
  discord::scheduler_options o;
  o.api_url = guild.options().public_url + "/api/v10";
  o.token = "Bot " + guild.credentials().bot_token;
  return o;
}

std::string virtual_guild::request(const std::string& method, const std::string& path, const std::string& body) {
  guild::http_request r{method, "/api/v10" + path, {}, body};
  r.headers.emplace_back("Authorization", "Bot " + guild.credentials().bot_token);
  r.headers.emplace_back("Content-Type", "application/json");
  auto answer = guild.inspect(r);
  if (answer.status >= 300) throw std::runtime_error(fmt::format("{} {}: {} {}", method, path, answer.status, answer.body));
  return answer.body;
}

std::string virtual_guild::make_channel(const std::string& name) {
  auto body = fmt::format(R"({{"name":"{}","type":0}})", name);
  return id_in(request("POST", "/guilds/" + guild.credentials().guild.str() + "/channels", body));
}

std::string virtual_guild::make_message(const std::string& channel) {
  return id_in(request("POST", "/channels/" + channel + "/messages", R"({"content":"to be changed"})"));
}

}  // namespace dbcord::bench
