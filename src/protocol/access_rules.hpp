#pragma once
// access_rules: which of a guild's roles may read, write and administer a database (design.md section 12). Immutable-ish plain value,
// any thread; parsing never throws. Whoever may administer may write, whoever may write may read. A level without roles is open to
// everybody whom the guild shows the command, but writing only to those who may read; an administrator of the guild may do everything.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::protocol {

enum class access_level { none, read, write, administer };

struct access_rules {
  static constexpr std::size_t most_roles = 25;  // of one level

  std::vector<base::role_id> read, write, administer;  // ascending

  bool empty() const { return read.empty() && write.empty() && administer.empty(); }
  std::vector<base::role_id>& roles(access_level level);
  const std::vector<base::role_id>& roles(access_level level) const;
  // `held`: the roles of the person who asks.
  bool allows(access_level level, std::span<const base::role_id> held) const;
  // Any of these roles would do. Empty: none is needed.
  std::vector<base::role_id> sufficient(access_level level) const;

  // {"read":["12"],"write":["13"]}
  static base::result<access_rules> parse(std::string_view json);
  std::string json() const;
};

}  // namespace dbcord::protocol
