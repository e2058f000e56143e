#include <fmt/format.h>

#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/command_table.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

using protocol::access_level;

std::string_view verb(access_level level) {
  return level == access_level::read ? "read" : level == access_level::write ? "write in" : "administer";
}

std::string_view name_of(permission p) {
  return p == permission::administrator ? "Administrator" : p == permission::manage_guild ? "Manage Server" : "Manage Channels";
}

bool holds(const invocation& call, permission p) { return (call.permissions & static_cast<std::uint64_t>(p)) != 0; }

std::string mention_roles(const std::vector<base::role_id>& roles) {
  std::string text;
  for (const auto& role : roles) text += fmt::format("{}<@&{}>", text.empty() ? "" : role == roles.back() ? " or " : ", ", role.str());
  return text;
}

}  // namespace

std::optional<std::string> missing_access(const database::engine& engine, const command& definition, const invocation& call) {
  if (holds(call, permission::administrator)) return std::nullopt;
  bool administrators = definition.needed == permission::administrator;
  if (holds(call, permission::manage_guild) && !(call.by_control && administrators)) return std::nullopt;
  bool everyones = definition.needed == permission::everyone || holds(call, definition.needed);
  if (call.by_control && !everyones)
    return fmt::format("You need the permission {} for this; nothing was done.", name_of(definition.needed));
  auto database = text_argument(call, "database");
  if (database.empty() || definition.access == access_level::none) return std::nullopt;
  auto rules = engine.access(database);
  if (rules.allows(definition.access, call.roles)) return std::nullopt;
  return fmt::format("You need the role {} (or the permission Manage Server) to {} {}; nothing was done.",
                     mention_roles(rules.sufficient(definition.access)), verb(definition.access), quote(database));
}

bool opens_form(const command& definition, const invocation& call) {
  if (definition.form_unless.empty() || has_argument(call, definition.form_unless)) return false;
  auto asked = std::find_if(definition.arguments.begin(), definition.arguments.end(), [&](const argument& a) { return a.name == definition.form_unless; });
  return asked == definition.arguments.end() || !call.attachments.contains(asked->or_file);
}

}  // namespace dbcord::commands
