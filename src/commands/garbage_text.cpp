#include "commands/garbage_text.hpp"

#include <vector>

#include "base/enumeration.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

std::string garbage_text(const database::garbage_counts& counts) {
  std::vector<std::string> parts;
  for (auto kind : database::all_garbage_kinds) {
    if (counts[kind] == 0) continue;
    std::string name(to_string(kind));
    parts.push_back(count(counts[kind], kind == database::garbage_kind::superseded ? name + " message" : name));
  }
  return base::enumeration(parts);
}

}  // namespace dbcord::commands
