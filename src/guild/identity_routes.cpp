// Who am I, where is the gateway (facts 4.1).

#include "guild/gateway.hpp"
#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {

outcome<reply> get_gateway(world& w, const call&) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("url", w.gateway_url());
  j.end_object();
  return reply::json(std::move(text));
}

outcome<reply> get_gateway_bot(world& w, const call&) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("url", w.gateway_url());
  j.field("shards", 1);
  j.key("session_start_limit");
  j.begin_object();
  j.field("total", w.options.limits.identifies_a_day);
  j.field("remaining", w.gate->identifies_left(w.now));
  j.field("reset_after", w.gate->identifies_reset_after(w.now).count());
  j.field("max_concurrency", 1);
  j.end_object();
  j.end_object();
  return reply::json(std::move(text));
}

outcome<reply> get_own_user(world&, const call& c) {
  std::string text;
  json_writer j(text);
  write_own_user(j, *c.caller);
  return reply::json(std::move(text));
}

outcome<reply> get_own_guilds(world& w, const call& c) {
  auto id = w.state.first().guild;
  auto before = c.query.find("before"), after = c.query.find("after");
  auto bound = [](const std::optional<std::string>& text) {
    return text ? base::parse_id<base::guild_id>(*text) : std::nullopt;
  };
  bool shown = !(bound(before) && id >= *bound(before)) && !(bound(after) && id <= *bound(after));
  std::string text;
  json_writer j(text);
  j.begin_array();
  if (shown) {
    j.begin_object();
    j.field("id", id);
    j.field("name", w.state.first().guild_name);
    j.raw(R"("icon":null,"banner":null,"features":[])");
    j.field("owner", c.caller->id == w.state.owner().id);
    j.bits_field("permissions", permissions_in_guild(w.state, c.caller->id));
    if (c.query.flag("with_counts")) j.field("approximate_member_count", w.state.members().size());
    j.end_object();
  }
  j.end_array();
  return reply::json(std::move(text));
}

outcome<reply> get_user(world& w, const call& c) {
  auto id = c.id<base::user_id>(0, "user_id");
  if (!id) return id.error();
  auto* found = w.state.find_user(*id);
  if (!found) return errors::unknown_user();
  std::string text;
  json_writer j(text);
  write_user(j, *found);
  return reply::json(std::move(text));
}

outcome<reply> get_own_application(world& w, const call&) {
  std::string text;
  json_writer j(text);
  write_application(j, w.state, w.application_flags());
  return reply::json(std::move(text));
}

}  // namespace dbcord::guild
