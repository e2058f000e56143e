#include "guild/hierarchy.hpp"

#include <algorithm>

#include "guild/permissions.hpp"

namespace dbcord::guild {
namespace {

// Among equal positions the older role is the higher one.
bool is_higher(const role& a, const role& b) {
  return a.position != b.position ? a.position > b.position : a.id < b.id;
}

const role& highest_of(const guild_state& state, base::user_id who) {
  auto* highest = &state.everyone();
  auto* m = state.find_member(who);
  if (!m) return *highest;
  for (auto id : m->roles) {
    auto* r = state.find_role(id);
    if (r && is_higher(*r, *highest)) highest = r;
  }
  return *highest;
}

}  // namespace

bool stands_above(const guild_state& state, base::user_id who, const role& r) {
  return who == state.owner().id || is_higher(highest_of(state, who), r);
}

bool stands_above(const guild_state& state, base::user_id who, const member& m) {
  if (m.user == state.owner().id) return who == m.user;
  return who == state.owner().id || is_higher(highest_of(state, who), highest_of(state, m.user));
}

bool may_give(const guild_state& state, base::user_id caller, std::uint64_t bits) {
  return (bits & ~permissions_in_guild(state, caller)) == 0;
}

}  // namespace dbcord::guild
