#include "protocol/access_rules.hpp"

#include <algorithm>

#include "dbcord/base/assert.hpp"
#include "protocol/json_node.hpp"

namespace dbcord::protocol {
namespace {

struct named_level {
  std::string_view name;
  access_level level;
};
constexpr named_level levels[] = {{"read", access_level::read}, {"write", access_level::write}, {"administer", access_level::administer}};

base::result<std::vector<base::role_id>> parse_roles(const json_node& list) {
  std::vector<base::role_id> roles;
  bool good = list.type == json_node::kind::array && list.items.size() <= access_rules::most_roles;
  for (const auto& item : list.items) {
    auto id = item.type == json_node::kind::string ? base::parse_id<base::role_id>(item.text) : std::nullopt;
    good = good && id;
    if (id) roles.push_back(*id);
  }
  if (!good) return base::error(base::errc::invalid_argument, "a list of roles is not a list of ids");
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  return roles;
}

void append_level(std::string& out, std::string_view name, const std::vector<base::role_id>& roles) {
  if (roles.empty()) return;
  out += out.size() > 1 ? ",\"" : "\"";
  out += std::string(name) + "\":[";
  for (const auto& role : roles) out += (role == roles.front() ? "\"" : ",\"") + role.str() + "\"";
  out += "]";
}

}  // namespace

const std::vector<base::role_id>& access_rules::roles(access_level level) const {
  DBCORD_ASSERT(level != access_level::none);
  return level == access_level::read ? read : level == access_level::write ? write : administer;
}

std::vector<base::role_id>& access_rules::roles(access_level level) {
  return const_cast<std::vector<base::role_id>&>(std::as_const(*this).roles(level));
}

std::vector<base::role_id> access_rules::sufficient(access_level level) const {
  if (level == access_level::write && write.empty()) return sufficient(access_level::read);  // who writes is shown rows
  std::vector<base::role_id> all;
  if (roles(level).empty()) return all;
  for (const auto& l : levels)
    if (l.level >= level) all.insert(all.end(), roles(l.level).begin(), roles(l.level).end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool access_rules::allows(access_level level, std::span<const base::role_id> held) const {
  if (level == access_level::none) return true;
  auto enough = sufficient(level);
  return enough.empty() || std::any_of(held.begin(), held.end(), [&](base::role_id r) { return std::binary_search(enough.begin(), enough.end(), r); });
}

base::result<access_rules> access_rules::parse(std::string_view json) {
  auto node = parse_json(json);
  if (!node) return node.error();
  if (!node->is_object()) return base::error(base::errc::invalid_argument, "access rules are a JSON object");
  access_rules rules;
  for (const auto& l : levels) {
    const auto* list = node->find(l.name);
    if (!list) continue;
    auto roles = parse_roles(*list);
    if (!roles) return roles.error();
    rules.roles(l.level) = std::move(*roles);
  }
  return rules;
}

std::string access_rules::json() const {
  std::string out = "{";
  for (const auto& l : levels) append_level(out, l.name, roles(l.level));
  return out + "}";
}

}  // namespace dbcord::protocol
