#include "guild/route_table.hpp"

#include <algorithm>

#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

constexpr route routes[] = {
    {"GET", "/gateway", access::open, get_gateway},
    {"GET", "/gateway/bot", access::bot, get_gateway_bot},
    {"GET", "/users/@me", access::anyone, get_own_user},
    {"GET", "/users/@me/guilds", access::anyone, get_own_guilds},
    {"GET", "/users/@me/guilds/{}/member", access::anyone, get_own_member},
    {"GET", "/users/{}", access::anyone, get_user},
    {"GET", "/applications/@me", access::bot, get_own_application},
    {"GET", "/oauth2/applications/@me", access::bot, get_own_application},

    {"GET", "/guilds/{}", access::anyone, get_guild},
    {"GET", "/guilds/{}/channels", access::anyone, get_guild_channels},
    {"POST", "/guilds/{}/channels", access::anyone, create_channel},
    {"GET", "/guilds/{}/members/{}", access::anyone, get_member},
    {"GET", "/guilds/{}/members", access::anyone, list_members},
    {"GET", "/guilds/{}/members/search", access::anyone, search_members},
    {"PATCH", "/guilds/{}/members/@me", access::anyone, edit_own_member},
    {"PATCH", "/guilds/{}/members/{}", access::anyone, edit_member},
    {"PUT", "/guilds/{}/members/{}/roles/{}", access::anyone, give_role},
    {"DELETE", "/guilds/{}/members/{}/roles/{}", access::anyone, take_role},
    {"GET", "/guilds/{}/roles", access::anyone, get_roles},
    {"POST", "/guilds/{}/roles", access::anyone, create_role, "role create"},
    {"PATCH", "/guilds/{}/roles", access::anyone, move_roles},
    {"GET", "/guilds/{}/roles/{}", access::anyone, get_role},
    {"PATCH", "/guilds/{}/roles/{}", access::anyone, edit_role},
    {"DELETE", "/guilds/{}/roles/{}", access::anyone, delete_role},

    {"GET", "/channels/{}", access::anyone, get_channel},
    {"PATCH", "/channels/{}", access::anyone, edit_channel, "channel edit"},
    {"DELETE", "/channels/{}", access::anyone, delete_channel},
    {"PUT", "/channels/{}/permissions/{}", access::anyone, put_overwrite},
    {"DELETE", "/channels/{}/permissions/{}", access::anyone, delete_overwrite},
    {"POST", "/channels/{}/typing", access::anyone, trigger_typing},

    {"GET", "/guilds/{}/threads/active", access::anyone, list_active_threads},
    {"POST", "/channels/{}/threads", access::anyone, start_thread_alone},
    {"POST", "/channels/{}/messages/{}/threads", access::anyone, start_thread_from_message},
    {"GET", "/channels/{}/threads/archived/public", access::anyone, list_public_archived_threads},
    {"GET", "/channels/{}/threads/archived/private", access::anyone, list_private_archived_threads},
    {"GET", "/channels/{}/users/@me/threads/archived/private", access::anyone, list_joined_archived_threads},
    {"GET", "/channels/{}/thread-members", access::anyone, list_thread_members},
    {"PUT", "/channels/{}/thread-members/@me", access::anyone, join_thread},
    {"DELETE", "/channels/{}/thread-members/@me", access::anyone, leave_thread},
    {"GET", "/channels/{}/thread-members/{}", access::anyone, get_thread_member},
    {"PUT", "/channels/{}/thread-members/{}", access::anyone, add_thread_member},
    {"DELETE", "/channels/{}/thread-members/{}", access::anyone, remove_thread_member},

    {"GET", "/channels/{}/messages", access::anyone, list_messages, "message list"},
    {"GET", "/channels/{}/messages/{}", access::anyone, get_message},
    {"POST", "/channels/{}/messages", access::anyone, create_message, "message create"},
    {"PATCH", "/channels/{}/messages/{}", access::anyone, edit_message, "message edit"},
    {"DELETE", "/channels/{}/messages/{}", access::anyone, delete_message, "message delete"},
    {"POST", "/channels/{}/messages/bulk-delete", access::anyone, bulk_delete_messages, "bulk delete"},

    {"GET", "/channels/{}/messages/pins", access::anyone, list_pins},
    {"PUT", "/channels/{}/messages/pins/{}", access::anyone, pin_message},
    {"DELETE", "/channels/{}/messages/pins/{}", access::anyone, unpin_message},
    {"GET", "/channels/{}/pins", access::anyone, list_first_pins},
    {"PUT", "/channels/{}/pins/{}", access::anyone, pin_message},
    {"DELETE", "/channels/{}/pins/{}", access::anyone, unpin_message},
    {"PUT", "/channels/{}/messages/{}/reactions/{}/@me", access::anyone, add_reaction, "reaction"},
    {"DELETE", "/channels/{}/messages/{}/reactions/{}/@me", access::anyone, remove_own_reaction, "reaction"},
    {"DELETE", "/channels/{}/messages/{}/reactions/{}/{}", access::anyone, remove_reaction_of, "reaction"},
    {"GET", "/channels/{}/messages/{}/reactions/{}", access::anyone, list_reactions},
    {"DELETE", "/channels/{}/messages/{}/reactions/{}", access::anyone, clear_reactions_of_emoji, "reaction"},
    {"DELETE", "/channels/{}/messages/{}/reactions", access::anyone, clear_reactions, "reaction"},
    {"GET", "/guilds/{}/messages/search", access::anyone, search_messages, "guild search"},

    {"GET", "/applications/{}/commands", access::anyone, list_commands},
    {"POST", "/applications/{}/commands", access::bot, create_command},
    {"PUT", "/applications/{}/commands", access::bot, overwrite_commands},
    {"GET", "/applications/{}/commands/{}", access::anyone, get_command},
    {"PATCH", "/applications/{}/commands/{}", access::bot, edit_command},
    {"DELETE", "/applications/{}/commands/{}", access::bot, delete_command},
    {"GET", "/applications/{}/guilds/{}/commands", access::anyone, list_commands},
    {"POST", "/applications/{}/guilds/{}/commands", access::bot, create_command},
    {"PUT", "/applications/{}/guilds/{}/commands", access::bot, overwrite_commands},
    {"GET", "/applications/{}/guilds/{}/commands/{}", access::anyone, get_command},
    {"PATCH", "/applications/{}/guilds/{}/commands/{}", access::bot, edit_command},
    {"DELETE", "/applications/{}/guilds/{}/commands/{}", access::bot, delete_command},

    {"POST", "/interactions", access::person, create_interaction},
    {"POST", "/interactions/{}/{}/callback", access::open, answer_interaction, {}, false},
    {"POST", "/webhooks/{}/{}", access::open, create_follow_up, "follow-up create", false},
    {"GET", "/webhooks/{}/{}/messages/{}", access::open, get_follow_up, "follow-up read", false},
    {"PATCH", "/webhooks/{}/{}/messages/{}", access::open, edit_follow_up, "follow-up edit", false},
    {"DELETE", "/webhooks/{}/{}/messages/{}", access::open, delete_follow_up, "follow-up delete", false},
};

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

struct compiled_route {
  const route* source;
  std::vector<std::string_view> segments;
};

const std::vector<compiled_route>& compiled_routes() {
  static const auto compiled = [] {
    std::vector<compiled_route> made;
    for (auto& r : routes) made.push_back({&r, split(r.pattern)});
    return made;
  }();
  return compiled;
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    bool parameter = pattern[i] == "{}";
    if (parameter ? path[i].empty() : pattern[i] != path[i]) return false;
  }
  return true;
}

// Literal segments go before parameters: /users/@me is nobody's id.
bool is_better(const compiled_route& a, const compiled_route* b) {
  return !b || std::lexicographical_compare(b->segments.begin(), b->segments.end(), a.segments.begin(),
                                            a.segments.end(),
                                            [](auto x, auto y) { return (x == "{}") && (y != "{}"); });
}

}  // namespace

std::span<const route> all_routes() {
  return routes;
}

const route* find_route(std::string_view name) {
  auto space = name.find(' ');
  if (space == name.npos) return nullptr;
  auto found = std::find_if(std::begin(routes), std::end(routes), [&](const route& r) {
    return r.method == name.substr(0, space) && r.pattern == name.substr(space + 1);
  });
  return found == std::end(routes) ? nullptr : found;
}

matched_route match_route(std::string_view method, std::string_view path) {
  auto segments = split(path);
  const compiled_route* best = nullptr;
  matched_route match;
  for (auto& candidate : compiled_routes()) {
    if (!fits(candidate.segments, segments)) continue;
    match.path_known = true;
    if (candidate.source->method == method && is_better(candidate, best)) best = &candidate;
  }
  if (!best) return match;
  match.found = best->source;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (best->segments[i] != "{}") continue;
    // A broken escape is passed on as it stands; no id looks like that.
    match.parameters.push_back(percent_decode(segments[i]).value_or(std::string(segments[i])));
  }
  return match;
}

}  // namespace dbcord::guild
