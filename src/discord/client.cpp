#include "discord/client.hpp"

#include <boost/json/serialize.hpp>

#include "discord/api_error.hpp"
#include "discord/json_read.hpp"
#include "discord/permissions.hpp"

namespace dbcord::discord {
namespace {

namespace json = boost::json;
using actor::task;
using base::result;
using database::store_errc;

rest_request get(std::string route, std::string top_level, std::string path, base::steady_time deadline) {
  rest_request r;
  r.method = "GET";
  r.route = std::move(route);
  r.top_level = std::move(top_level);
  r.path = std::move(path);
  r.deadline = deadline;
  return r;
}

task<result<rest_response>> call(request_scheduler* scheduler, rest_request r, std::string_view what) {
  auto answer = co_await scheduler->send(std::move(r));
  if (!answer) co_return translate(answer.error(), what);
  if (!succeeded(*answer)) co_return translate(*answer, what);
  co_return std::move(*answer);
}

task<result<json::object>> call_object(request_scheduler* scheduler, rest_request r, std::string_view what) {
  auto answer = co_await call(scheduler, std::move(r), what);
  if (!answer) co_return answer.error();
  auto object = parse_object(answer->body);
  if (!object) co_return unreadable(store_errc::not_done, what);
  co_return std::move(*object);
}

task<result<json::array>> call_array(request_scheduler* scheduler, rest_request r, std::string_view what) {
  auto answer = co_await call(scheduler, std::move(r), what);
  if (!answer) co_return answer.error();
  auto array = parse_array(answer->body);
  if (!array) co_return unreadable(store_errc::not_done, what);
  co_return std::move(*array);
}

int positive(const json::object* o, std::string_view key, int otherwise) {
  auto n = o ? integer_at(*o, key) : std::nullopt;
  return n && *n >= 0 && *n <= 1'000'000'000 ? static_cast<int>(*n) : otherwise;
}

}  // namespace

task<result<gateway_info>> client::gateway_bot(base::steady_time deadline) {
  static constexpr std::string_view what = "Asking for the gateway's address";
  auto o = co_await call_object(&scheduler_, get("/gateway/bot", "", "/gateway/bot", deadline), what);
  if (!o) co_return o.error();
  gateway_info info;
  info.url = string_at(*o, "url");
  if (info.url.empty()) co_return unreadable(store_errc::not_done, what);
  auto* limit = object_at(*o, "session_start_limit");
  info.total = positive(limit, "total", info.total);
  info.remaining = positive(limit, "remaining", info.remaining);
  info.reset_after = std::chrono::milliseconds(positive(limit, "reset_after", 0));
  info.max_concurrency = positive(limit, "max_concurrency", info.max_concurrency);
  co_return std::move(info);
}

task<result<user_info>> client::me(base::steady_time deadline) {
  static constexpr std::string_view what = "Asking who the token belongs to";
  auto o = co_await call_object(&scheduler_, get("/users/@me", "", "/users/@me", deadline), what);
  if (!o) co_return o.error();
  auto id = id_at<base::user_id>(*o, "id");
  if (!id) co_return unreadable(store_errc::not_done, what);
  user_info info{*id, string_at(*o, "username"), bool_at(*o, "bot")};
  co_return std::move(info);
}

task<result<application_info>> client::application(base::steady_time deadline) {
  static constexpr std::string_view what = "Asking for the application";
  auto o =
      co_await call_object(&scheduler_, get("/applications/@me", "", "/applications/@me", deadline), what);
  if (!o) co_return o.error();
  auto id = id_at<base::application_id>(*o, "id");
  if (!id) co_return unreadable(store_errc::not_done, what);
  application_info info{*id, string_at(*o, "name"),
                        static_cast<std::uint64_t>(integer_at(*o, "flags").value_or(0))};
  co_return std::move(info);
}

task<result<guild_info>> client::guild(base::guild_id id, base::steady_time deadline) {
  static constexpr std::string_view what = "Reading the server";
  auto o =
      co_await call_object(&scheduler_, get("/guilds/{}", id.str(), "/guilds/" + id.str(), deadline), what);
  if (!o) co_return o.error();
  auto owner = id_at<base::user_id>(*o, "owner_id");
  if (!owner) co_return unreadable(store_errc::not_done, what);
  guild_info info{id, string_at(*o, "name"), *owner};
  co_return std::move(info);
}

task<result<std::vector<base::role_id>>> client::roles(base::guild_id guild, base::steady_time deadline) {
  static constexpr std::string_view what = "Reading the server's roles";
  auto request = get("/guilds/{}/roles", guild.str(), "/guilds/" + guild.str() + "/roles", deadline);
  auto list = co_await call_array(&scheduler_, std::move(request), what);
  if (!list) co_return list.error();
  std::vector<base::role_id> roles;
  for (const auto& entry : *list) {
    auto* role = entry.if_object();
    auto id = role ? id_at<base::role_id>(*role, "id") : std::nullopt;
    if (!id) co_return unreadable(store_errc::not_done, what);
    roles.push_back(*id);
  }
  co_return std::move(roles);
}

task<result<permission_report>> client::permissions(base::guild_id guild_id, base::user_id self,
                                                    std::uint64_t needed, base::steady_time deadline) {
  static constexpr std::string_view what = "Reading the bot's permissions";
  auto base_path = "/guilds/" + guild_id.str();
  auto info = co_await guild(guild_id, deadline);
  if (!info) co_return info.error();
  auto roles_request = get("/guilds/{}/roles", guild_id.str(), base_path + "/roles", deadline);
  auto roles = co_await call_array(&scheduler_, std::move(roles_request), what);
  if (!roles) co_return roles.error();
  auto member_request =
      get("/guilds/{}/members/{}", guild_id.str(), base_path + "/members/" + self.str(), deadline);
  auto member = co_await call_object(&scheduler_, std::move(member_request), what);
  if (!member) co_return member.error();
  auto report = compute_permissions(*info, self, *roles, *member, needed);
  if (!report) co_return unreadable(store_errc::not_done, what);
  co_return std::move(*report);
}

task<result<json::array>> client::put_guild_commands(base::application_id application, base::guild_id guild,
                                                     json::array commands, base::steady_time deadline) {
  auto path = "/applications/" + application.str() + "/guilds/" + guild.str() + "/commands";
  auto r = get("/applications/{}/guilds/{}/commands", guild.str(), std::move(path), deadline);
  r.method = "PUT";
  r.body = json::serialize(commands);
  r.headers.emplace_back("Content-Type", "application/json");
  auto list = co_await call_array(&scheduler_, std::move(r), "Registering the slash commands");
  co_return std::move(list);
}

task<result<json::array>> client::guild_commands(base::application_id application, base::guild_id guild,
                                                 base::steady_time deadline) {
  auto path = "/applications/" + application.str() + "/guilds/" + guild.str() + "/commands";
  auto r = get("/applications/{}/guilds/{}/commands", guild.str(), std::move(path), deadline);
  auto list = co_await call_array(&scheduler_, std::move(r), "Reading the slash commands");
  co_return std::move(list);
}

task<result<void>> client::create_interaction(json::object payload, std::vector<file_part> files,
                                              base::steady_time deadline) {
  auto text = json::serialize(payload);
  auto r = get("/interactions", string_at(payload, "channel_id"), "/interactions", deadline);
  r.method = "POST";
  if (files.empty()) {
    r.body = std::move(text);
    r.headers.emplace_back("Content-Type", "application/json");
  } else {
    auto form = make_multipart(text, files, env_.random);
    r.body = std::move(form.body);
    r.headers.emplace_back("Content-Type", std::move(form.content_type));
  }
  static constexpr std::string_view what = "Sending the command";
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return answer.error().code == transport_errc::not_sent ? answer.error() : translate(answer.error(), what);
  if (!succeeded(*answer)) co_return translate(*answer, what);
  co_return result<void>();
}

task<result<json::object>> client::message(base::channel_id channel, base::message_id id,
                                           base::steady_time deadline) {
  auto path = "/channels/" + channel.str() + "/messages/" + id.str();
  auto r = get("/channels/{}/messages/{}", channel.str(), std::move(path), deadline);
  auto message = co_await call_object(&scheduler_, std::move(r), "Reading the message");
  co_return std::move(message);
}

task<result<std::string>> client::download(std::string url, base::steady_time deadline) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) {
    co_return base::error(store_errc::not_done, "Reading the attachment failed: it has no usable address.");
  }
  auto r = get("attachments", "", std::move(url), deadline);
  r.authenticated = false;
  r.exempt_from_global = true;
  auto answer = co_await call(&scheduler_, std::move(r), "Reading the attachment");
  if (!answer) co_return answer.error();
  co_return std::move(answer->body);
}

}  // namespace dbcord::discord
