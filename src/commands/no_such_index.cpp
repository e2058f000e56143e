#include "commands/no_such_index.hpp"

#include <fmt/format.h>

#include "commands/nearest_name.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

std::string no_such_index(const std::string& table, const std::string& field, const std::vector<std::string>& indexes) {
  auto others = indexes.empty() ? std::string("it has none") : fmt::format("it has {} on {}", indexes.size() == 1 ? "one" : "others", list_names(indexes));
  return fmt::format("field: {} has no index on {}; {}.", quote(table), quote(field), others);
}

}  // namespace dbcord::commands
