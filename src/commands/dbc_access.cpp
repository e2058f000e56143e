#include <fmt/format.h>

#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/guild_roles.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

using protocol::access_level;
using protocol::access_rules;

constexpr std::pair<std::string_view, access_level> levels[] = {
    {"read", access_level::read}, {"write", access_level::write}, {"administer", access_level::administer}};

std::optional<access_level> level_named(std::string_view name) {
  for (const auto& [known, level] : levels)
    if (known == name) return level;
  return std::nullopt;
}

// "<@&12> 13, <@&14>": roles as Discord writes mentions, or bare ids.
base::result<std::vector<base::role_id>> parse_roles(std::string_view text) {
  std::vector<base::role_id> roles;
  while (!text.empty()) {
    auto end = std::min(text.find_first_of(" ,\t"), text.size());
    auto word = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    if (word.empty()) continue;
    auto digits = word;
    if (digits.starts_with("<@&") && digits.ends_with('>')) digits = digits.substr(3, digits.size() - 4);
    auto id = base::parse_id<base::role_id>(digits);
    if (!id || !*id) return base::error(base::errc::invalid_argument, fmt::format("roles: {} is no role; choose roles with @, or give their ids, or none.", quote(word)));
    roles.push_back(*id);
  }
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  if (roles.size() <= access_rules::most_roles) return roles;
  return base::error(base::errc::invalid_argument, fmt::format("roles: at most {} roles can be named for a level, not {}.", access_rules::most_roles, roles.size()));
}

// A role that nobody can have shuts everybody out. Who restores a database sets roles of the guild that the copy is from.
actor::task<complaint> check_roles(services s, std::vector<base::role_id> named, base::steady_time deadline) {
  if (!s.roles || named.empty()) co_return std::nullopt;
  auto there = co_await s.roles->roles(deadline);
  if (!there) co_return fmt::format("roles: which roles this server has could not be read ({}); nothing was changed, try again.", there.error().message);
  for (const auto& role : named) {
    auto found = std::find_if(there->begin(), there->end(), [&](const guild_role& r) { return r.id == role; });
    if (found == there->end()) co_return fmt::format("roles: this server has no role with the id {}; choose roles with @, or give their ids, or none.", quote(role.str()));
    if (found->everyones) co_return fmt::format("roles: {} is @everyone; give none if everybody may.", quote(role.str()));
  }
  co_return std::nullopt;
}

// Who has not the permission to do everything must keep the means to take it back.
complaint check_own_access(const access_rules& rules, const invocation& call) {
  auto all = static_cast<std::uint64_t>(permission::administrator) | static_cast<std::uint64_t>(permission::manage_guild);
  if ((call.permissions & all) != 0 || rules.allows(access_level::administer, call.roles)) return std::nullopt;
  return "roles: you have none of these roles, so you could not change this any more; name one of yours, too, or ask somebody who has the permission Manage Server.";
}

std::string shown(const access_rules& rules, const std::string& database) {
  auto text = fmt::format("Who may do what in `{}`:", database);
  for (const auto& [name, level] : levels) {
    text += fmt::format("\n- {}: ", name);
    auto enough = rules.roles(level).empty() ? std::vector<base::role_id>() : rules.sufficient(level);
    if (enough.empty()) text += "everybody who sees the commands";
    for (const auto& role : enough) text += fmt::format("{}<@&{}>", role == enough.front() ? "" : ", ", role.str());
  }
  return text + "\nWhoever has the permission Manage Server may do everything.";
}

}  // namespace

actor::task<reply> dbc_access(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto names = s.engine.databases();
  if (std::find(names.begin(), names.end(), database) == names.end()) co_return explain(s, call, base::error(database::errc::unknown_database));
  auto rules = s.engine.access(database);
  reply r;
  auto name = text_argument(call, "level");
  if (name.empty()) {
    if (has_argument(call, "roles")) co_return failure("level: say which level the roles are for: read, write or administer.");
    r.text = shown(rules, database);
    co_return r;
  }
  auto level = level_named(name);
  if (!level) co_return failure(fmt::format("level: {} is not a level; use read, write or administer.", quote(name)));
  if (!has_argument(call, "roles")) co_return failure("roles: name the roles, or none for everybody.");
  auto typed = text_argument(call, "roles");
  auto roles = parse_roles(typed == "none" ? "" : typed);
  if (!roles) co_return failure(roles.error().message);
  bool restored = s.engine.administration().restoring(database).has_value();
  if (!restored) {
    auto wrong = co_await check_roles(s, *roles, call.deadline);
    if (wrong) co_return failure(std::move(*wrong));
  }
  rules.roles(*level) = std::move(*roles);
  if (auto locked_out = check_own_access(rules, call); locked_out && !restored) co_return failure(std::move(*locked_out));
  auto context = write_context_of(call);
  auto done = co_await s.engine.set_access(database, rules, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  r.text = shown(rules, database) + " " + done->location.url();
  co_return r;
}

}  // namespace dbcord::commands
