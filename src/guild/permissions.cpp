#include "guild/permissions.hpp"

#include <algorithm>

namespace dbcord::guild {
namespace {

bool has_role(const member& who, std::uint64_t id) {
  return std::any_of(who.roles.begin(), who.roles.end(), [&](base::role_id r) { return r.value == id; });
}

// The three steps of overwrites: @everyone, all roles together, the member.
std::uint64_t with_overwrites(std::uint64_t base, const guild_state& state, const channel_settings& where,
                              const member& who) {
  std::uint64_t everyone_allow = 0, everyone_deny = 0, role_allow = 0, role_deny = 0, own_allow = 0,
                own_deny = 0;
  for (auto& o : where.overwrites) {
    if (o.for_member) {
      if (o.id != who.user.value) continue;
      own_allow = o.allow, own_deny = o.deny;
    } else if (o.id == state.first().guild.value) {
      everyone_allow = o.allow, everyone_deny = o.deny;
    } else if (has_role(who, o.id)) {
      role_allow |= o.allow, role_deny |= o.deny;
    }
  }
  base = (base & ~everyone_deny) | everyone_allow;
  base = (base & ~role_deny) | role_allow;
  return (base & ~own_deny) | own_allow;
}

std::uint64_t in_thread(std::uint64_t bits, const channel_settings& where, base::user_id who) {
  bool joined = std::any_of(where.thread->members.begin(), where.thread->members.end(),
                            [&](const thread_member& m) { return m.user == who; });
  bool shut = where.type == channel_types::private_thread && !joined && !(bits & permission::manage_threads);
  if (shut) return 0;
  bool may_send = bits & permission::send_messages_in_threads;
  return may_send ? bits | permission::send_messages : bits & ~permission::send_messages;
}

std::uint64_t with_implicit_rules(std::uint64_t bits) {
  if (!(bits & permission::view_channel)) return 0;
  if (bits & permission::send_messages) return bits;
  return bits & ~(permission::mention_everyone | permission::attach_files | permission::embed_links | 0x1000);
}

}  // namespace

std::uint64_t permissions_in_guild(const guild_state& state, base::user_id who) {
  if (who == state.owner().id) return permission::all;
  auto* found = state.find_member(who);
  if (!found) return 0;
  auto bits = state.everyone().permissions;
  for (auto id : found->roles) {
    if (auto* r = state.find_role(id)) bits |= r->permissions;
  }
  return bits & permission::administrator ? permission::all : bits;
}

std::uint64_t permissions_in_channel(const guild_state& state, const channel_settings& where,
                                     base::user_id who) {
  auto bits = permissions_in_guild(state, who);
  auto* found = state.find_member(who);
  if (!found || bits & permission::administrator) return bits;
  if (!where.thread) return with_implicit_rules(with_overwrites(bits, state, where, *found));
  auto* parent = state.find_channel(where.parent);
  if (!parent) return 0;
  return with_implicit_rules(in_thread(with_overwrites(bits, state, *parent, *found), where, who));
}

}  // namespace dbcord::guild
