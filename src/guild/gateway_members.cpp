// Op 8, request guild members (facts 5.2, 5.11).

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json.hpp>

#include "guild/gateway.hpp"
#include "guild/json_read.hpp"
#include "guild/render.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t echoed_nonce_max = 32;  // bytes; longer ones are not echoed
constexpr std::size_t ids_max = 100;

struct selection {
  std::vector<const member*> found;
  std::vector<base::user_id> missing;
};

// user_ids: one id or a list of them.
selection select_by_id(const guild_state& state, const json::value& wanted) {
  selection s;
  auto add = [&](const json::value& value) {
    auto id = as_snowflake(value);
    if (!id || s.found.size() + s.missing.size() >= ids_max) return;
    auto* m = state.find_member(base::user_id{*id});
    m ? s.found.push_back(m) : s.missing.push_back({*id});
  };
  if (auto* list = wanted.if_array()) {
    std::for_each(list->begin(), list->end(), add);
  } else {
    add(wanted);
  }
  return s;
}

selection select_by_name(const world& w, std::string_view prefix, std::int64_t limit) {
  selection s;
  for (auto& m : w.state.members()) {
    if (limit > 0 && s.found.size() >= static_cast<std::size_t>(limit)) break;
    auto* u = w.state.find_user(m.user);
    if (u && boost::algorithm::istarts_with(u->username, prefix)) s.found.push_back(&m);
  }
  return s;
}

void write_nonce(json_writer& j, const json::object& d) {
  auto nonce = text_field(d, "nonce");
  if (nonce && nonce->size() <= echoed_nonce_max) j.field("nonce", *nonce);
}

std::string chunk(const world& w, const selection& s, const json::object& d) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("guild_id", w.state.first().guild);
  j.key("members");
  j.begin_array();
  for (auto* m : s.found) write_member(j, w.state, *m, true);
  j.end_array();
  if (!s.missing.empty()) {
    j.key("not_found");
    j.begin_array();
    for (auto id : s.missing) j.value(id);
    j.end_array();
  }
  j.raw(R"("chunk_index":0,"chunk_count":1)");
  write_nonce(j, d);
  j.end_object();
  return text;
}

std::string rate_limited(const world& w, base::duration wait, const json::object& d) {
  std::string text;
  json_writer j(text);
  j.begin_object();
  j.field("opcode", 8);
  auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  j.raw_field("retry_after", fmt::format("{}.{:03}", ms / 1000, ms % 1000));
  j.key("meta");
  j.begin_object();
  j.field("guild_id", w.state.first().guild);
  write_nonce(j, d);
  j.end_object();
  j.end_object();
  return text;
}

}  // namespace

bool gateway::may_request_all(gateway_session& session, const json::object& d) {
  if (!world_.options.rate_limits || !session.bot) return true;
  if (last_all_members_ && *last_all_members_ <= world_.now && world_.now < *last_all_members_ + all_members_window) {
    auto wait = *last_all_members_ + all_members_window - world_.now;
    world_.sessions.tell(session, "RATE_LIMITED", rate_limited(world_, wait, d));
    return false;
  }
  last_all_members_ = world_.now;
  return true;
}

void gateway::request_members(connection_id id, const json::object& payload) {
  auto* d = object_field(payload, "d");
  auto guild = d ? snowflake_field(*d, "guild_id") : std::nullopt;
  if (guild != world_.state.first().guild.value) return;
  auto* session = world_.sessions.find(id);
  if (auto* wanted = find_value(*d, "user_ids")) {
    return world_.sessions.dispatch(*session, "GUILD_MEMBERS_CHUNK", chunk(world_, select_by_id(world_.state, *wanted), *d));
  }
  auto prefix = text_field(*d, "query").value_or(std::string_view());
  auto limit = integer_field(*d, "limit").value_or(0);
  if (prefix.empty() && limit == 0 && !may_request_all(*session, *d)) return;
  world_.sessions.dispatch(*session, "GUILD_MEMBERS_CHUNK", chunk(world_, select_by_name(world_, prefix, limit), *d));
}

}  // namespace dbcord::guild
