// Permission overwrites of one role or member (facts 4.3).

#include <algorithm>
#include <boost/json.hpp>

#include "guild/channel_form.hpp"
#include "guild/events.hpp"
#include "guild/json_read.hpp"
#include "guild/permissions.hpp"
#include "guild/routes.hpp"
#include "guild/threads.hpp"

namespace dbcord::guild {
namespace {

auto find_overwrite(channel_settings& c, std::uint64_t id) {
  return std::find_if(c.overwrites.begin(), c.overwrites.end(),
                      [&](const overwrite& o) { return o.id == id; });
}

outcome<const channel*> need_place(const world& w, const call& c) {
  auto found = need_channel(w, c, permission::manage_roles);
  // Threads have none of their own.
  if (found && (*found)->thread) return errors::wrong_channel_type();
  return found;
}

void store(world& w, channel_settings changed) {
  auto seen = visible_channels(w, w.state.bot().id);
  announce_channel(w, "CHANNEL_UPDATE", w.store_channel(std::move(changed)));
  announce_gained_channels(w, w.state.bot().id, seen);
}

}  // namespace

outcome<reply> put_overwrite(world& w, const call& c) {
  auto found = need_place(w, c);
  if (!found) return found.error();
  auto id = c.id<base::role_id>(1, "overwrite_id");
  if (!id) return id.error();
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto type = integer_field(*body, "type");
  if (type != 0 && type != 1) return form_error("type", "BASE_TYPE_CHOICES", "Value must be one of (0, 1).");
  overwrite wanted{id->value, *type == 1, snowflake_field(*body, "allow").value_or(0),
                   snowflake_field(*body, "deny").value_or(0)};
  if (wanted.for_member && !w.state.find_member({id->value})) return errors::unknown_member();
  if (!wanted.for_member && !w.state.find_role(*id)) return errors::unknown_role();
  if (!may_grant(w, {wanted}, c.caller->id)) return errors::missing_permissions();
  channel_settings changed = **found;
  auto old = find_overwrite(changed, id->value);
  if (old != changed.overwrites.end()) {
    *old = wanted;
  } else if (changed.overwrites.size() >= overwrites_max) {
    return errors::too_many_overwrites();
  } else {
    changed.overwrites.push_back(wanted);
  }
  store(w, std::move(changed));
  return reply::empty();
}

outcome<reply> delete_overwrite(world& w, const call& c) {
  auto found = need_place(w, c);
  if (!found) return found.error();
  auto id = c.id<base::role_id>(1, "overwrite_id");
  if (!id) return id.error();
  channel_settings changed = **found;
  auto old = find_overwrite(changed, id->value);
  if (old == changed.overwrites.end()) return errors::unknown_overwrite();
  changed.overwrites.erase(old);
  store(w, std::move(changed));
  return reply::empty();
}

}  // namespace dbcord::guild
