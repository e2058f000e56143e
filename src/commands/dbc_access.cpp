#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

constexpr base::duration patience_for_roles = std::chrono::seconds(5);  // of who only looks

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

// Nothing: there is nobody to ask. An error: he does not know now.
using server_roles = std::optional<base::result<std::vector<guild_role>>>;

actor::task<server_roles> roles_of_server(services s, base::steady_time deadline) {
  if (!s.roles) co_return std::nullopt;
  auto there = co_await s.roles->roles(deadline);
  co_return server_roles(std::move(there));
}

const guild_role* find_role(const std::vector<guild_role>& there, base::role_id id) {
  auto found = std::find_if(there.begin(), there.end(), [&](const guild_role& r) { return r.id == id; });
  return found == there.end() ? nullptr : &*found;
}

// A role that nobody can have shuts everybody out.
complaint check_roles(const std::vector<base::role_id>& named, const server_roles& there) {
  if (!there || named.empty()) return std::nullopt;
  if (!*there) return fmt::format("roles: which roles this server has could not be read ({}); nothing was changed, try again.", there->error().message);
  for (const auto& role : named) {
    const auto* found = find_role(**there, role);
    if (!found) return fmt::format("roles: this server has no role with the id {}; choose roles with @, or give their ids, or none.", quote(role.str()));
    if (found->everyones) return fmt::format("roles: {} is @everyone; give none if everybody may.", quote(role.str()));
  }
  return std::nullopt;
}

// Who has not the permission to do everything must keep the means to take it back.
complaint check_own_access(const access_rules& rules, const invocation& call) {
  auto all = static_cast<std::uint64_t>(permission::administrator) | static_cast<std::uint64_t>(permission::manage_guild);
  if ((call.permissions & all) != 0 || rules.allows(access_level::administer, call.roles)) return std::nullopt;
  return "roles: you have none of these roles, so you could not change this any more; name one of yours, too, or ask somebody who has the permission Manage Server.";
}

// What stays of one that people have deleted is its id.
std::vector<base::role_id> deleted_of(const std::vector<base::role_id>& roles, const server_roles& there) {
  std::vector<base::role_id> deleted;
  bool known = there && *there;
  if (known) std::copy_if(roles.begin(), roles.end(), std::back_inserter(deleted), [&](base::role_id role) { return !find_role(**there, role); });
  return deleted;
}

// What to do about those that the level itself names.
std::string take_out(const access_rules& rules, access_level level, const std::string& name, const std::vector<base::role_id>& deleted, const std::string& database) {
  std::string left;
  for (const auto& role : rules.roles(level)) {
    if (std::find(deleted.begin(), deleted.end(), role) == deleted.end()) left += (left.empty() ? "" : " ") + role.str();
  }
  if (left.empty()) {
    return fmt::format("\nNo role is left that was to {0}: name others with `/dbc_access database:{1} level:{0} roles:…`, or none for {2}.", name, database,
                       level == access_level::write && !rules.read.empty() ? "all who may read" : "everybody");
  }
  return fmt::format("\n`/dbc_access database:{} level:{} roles:{}` takes the deleted {} out.", database, name, left, deleted.size() == 1 ? "one" : "ones");
}

std::string shown(const access_rules& rules, const std::string& database, const server_roles& there) {
  auto text = fmt::format("Who may do what in `{}`:", database);
  std::string hints;
  for (const auto& [name, level] : levels) {
    text += fmt::format("\n- {}: ", name);
    auto enough = rules.sufficient(level);
    if (enough.empty()) text += "everybody who sees the commands";
    auto deleted = deleted_of(enough, there);
    for (const auto& role : enough) {
      bool gone = std::find(deleted.begin(), deleted.end(), role) != deleted.end();
      text += fmt::format("{}{}", role == enough.front() ? "" : ", ", gone ? fmt::format("`{}` (deleted)", role.str()) : fmt::format("<@&{}>", role.str()));
    }
    auto own = deleted_of(rules.roles(level), there);
    if (!own.empty()) hints += take_out(rules, level, std::string(name), own, database);
  }
  return text + "\nWhoever has the permission Manage Server may do everything." + hints;
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
    bool foreign = s.engine.administration().restoring(database).has_value();  // they are of the guild that the copy is from
    server_roles there;
    auto deadline = std::min(call.deadline, s.env.after(patience_for_roles));
    if (!foreign) there = co_await roles_of_server(s, deadline);
    r.text = shown(rules, database, there);
    co_return r;
  }
  auto level = level_named(name);
  if (!level) co_return failure(fmt::format("level: {} is not a level; use read, write or administer.", quote(name)));
  if (!has_argument(call, "roles")) co_return failure("roles: name the roles, or none for everybody.");
  auto typed = text_argument(call, "roles");
  auto roles = parse_roles(typed == "none" ? "" : typed);
  if (!roles) co_return failure(roles.error().message);
  bool restored = s.engine.administration().restoring(database).has_value();  // with roles of the guild that the copy is from
  server_roles there;
  auto until = roles->empty() ? std::min(call.deadline, s.env.after(patience_for_roles)) : call.deadline;  // there is nothing to check
  if (!restored) there = co_await roles_of_server(s, until);
  if (auto wrong = check_roles(*roles, there)) co_return failure(std::move(*wrong));
  rules.roles(*level) = std::move(*roles);
  if (auto locked_out = check_own_access(rules, call); locked_out && !restored) co_return failure(std::move(*locked_out));
  auto context = write_context_of(call);
  auto done = co_await s.engine.set_access(database, rules, std::move(context));
  if (!done) co_return explain(s, call, done.error());
  r.text = shown(rules, database, there) + " " + done->location.url();
  co_return r;
}

}  // namespace dbcord::commands
