#include "discord/permissions.hpp"

#include <algorithm>
#include <set>

#include "discord/json_read.hpp"

namespace dbcord::discord {
namespace {

std::optional<std::set<std::uint64_t>> role_ids(const boost::json::object& member) {
  auto* list = array_at(member, "roles");
  if (!list) return std::nullopt;
  std::set<std::uint64_t> ids;
  for (const auto& entry : *list) {
    auto id = entry.is_string() ? base::parse_id<base::role_id>(std::string_view(entry.get_string()))
                                : std::nullopt;
    if (!id) return std::nullopt;
    ids.insert(id->value);
  }
  return ids;
}

constexpr std::int64_t of_a_member = 1;  // Discord docs, Channel, overwrite object

struct overwrite_bits {
  std::uint64_t allow = 0, deny = 0;

  void add(const boost::json::object& overwrite) {
    allow |= bits_at(overwrite, "allow").value_or(0);
    deny |= bits_at(overwrite, "deny").value_or(0);
  }
  std::uint64_t applied_to(std::uint64_t bits) const { return (bits & ~deny) | allow; }
};

}  // namespace

// @everyone first, then all roles together, then the member itself.
std::uint64_t permissions_in_channel(const permission_report& in_guild, base::guild_id guild, base::user_id self, const boost::json::object& channel) {
  const auto* overwrites = array_at(channel, "permission_overwrites");
  if (!overwrites || (in_guild.effective & permission::administrator)) return in_guild.effective;
  overwrite_bits everyone, roles, own;
  for (const auto& entry : *overwrites) {
    const auto* overwrite = entry.if_object();
    auto id = overwrite ? bits_at(*overwrite, "id") : std::nullopt;
    if (!id) continue;
    bool by_role = std::find(in_guild.roles.begin(), in_guild.roles.end(), base::role_id{*id}) != in_guild.roles.end();
    if (integer_at(*overwrite, "type") == of_a_member) {
      if (*id == self.value) own.add(*overwrite);
    } else if (*id == guild.value) {
      everyone.add(*overwrite);
    } else if (by_role) {
      roles.add(*overwrite);
    }
  }
  return own.applied_to(roles.applied_to(everyone.applied_to(in_guild.effective)));
}

std::string permission_name(int bit) {
  switch (bit) {
    case 3:
      return "Administrator";
    case 4:
      return "Manage Channels";
    case 10:
      return "View Channels";
    case 11:
      return "Send Messages";
    case 13:
      return "Manage Messages";
    case 14:
      return "Embed Links";
    case 15:
      return "Attach Files";
    case 16:
      return "Read Message History";
    case 28:
      return "Manage Roles";
    case 31:
      return "Use Application Commands";
    case 34:
      return "Manage Threads";
    case 35:
      return "Create Public Threads";
    case 38:
      return "Send Messages in Threads";
    default:
      return "bit " + std::to_string(bit);
  }
}

std::vector<std::string> missing_permissions(std::uint64_t effective, std::uint64_t needed) {
  std::vector<std::string> missing;
  for (int bit = 0; bit < 64; ++bit) {
    if (needed & ~effective & (1ull << bit)) missing.push_back(permission_name(bit));
  }
  return missing;
}

std::optional<permission_report> compute_permissions(const guild_info& guild, base::user_id self,
                                                     const boost::json::array& roles,
                                                     const boost::json::object& member,
                                                     std::uint64_t needed) {
  auto mine = role_ids(member);
  if (!mine) return std::nullopt;
  mine->insert(guild.id.value);  // @everyone
  permission_report report;
  for (auto id : *mine) report.roles.push_back(base::role_id{id});
  for (const auto& entry : roles) {
    auto* role = entry.if_object();
    auto id = role ? bits_at(*role, "id") : std::nullopt;
    auto bits = role ? bits_at(*role, "permissions") : std::nullopt;
    if (!id || !bits) return std::nullopt;
    if (mine->contains(*id)) report.effective |= *bits;
  }
  if (guild.owner == self || (report.effective & permission::administrator)) report.effective = ~0ull;
  report.missing = missing_permissions(report.effective, needed);
  return report;
}

}  // namespace dbcord::discord
