#include "commands/failed_index.hpp"

#include <fmt/format.h>

#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"

namespace dbcord::commands {

std::string failed_index_text(const std::string& database, const std::string& table, const database::index_summary& index, bool with_reason) {
  auto reason = !with_reason ? std::string() : ": " + (index.why.empty() ? "no reason is known" : with_hidden_shown(index.why));
  auto place = fmt::format("database:{} table:{} field:{}", database, table, typed_value(index.field));
  auto create = fenced(fmt::format("/dbc_index_create {}{}", place, index.unique ? " unique:true" : "")), drop = fenced("/dbc_index_drop " + place);
  return fmt::format("The index on {} has failed and serves no finds{}. When that is changed, {} makes it anew; {} removes it.", quote_key(index.field), reason, create, drop);
}

}  // namespace dbcord::commands
