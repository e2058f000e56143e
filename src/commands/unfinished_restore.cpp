#include "commands/unfinished_restore.hpp"

#include <fmt/format.h>

#include <cctype>

#include "commands/arguments.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"

namespace dbcord::commands {
namespace {

constexpr char mark_of_restore = '#';

// These concern the database, not what is in it.
bool is_of_the_whole(const command& definition, const invocation& call) {
  if (definition.name == "dbc_init") return text_argument(call, "restore") != "end";
  return definition.access == protocol::access_level::none || definition.name == "dbc_database_drop" || definition.name == "dbc_inspect";
}

}  // namespace

std::string name_for_restore(const std::string& database, const std::string& id) { return database + mark_of_restore + id; }

std::string id_for_restore(std::string_view name) {
  auto mark = name.find(mark_of_restore);
  return mark == name.npos ? std::string() : std::string(name.substr(mark + 1));
}

std::string without_restore_id(std::string_view name) { return std::string(name.substr(0, name.find(mark_of_restore))); }

std::optional<std::string> name_for_restore_in(std::string_view text, const std::string& database) {
  auto begin = text.find(name_for_restore(database, ""));
  if (begin == text.npos) return std::nullopt;
  auto end = begin + database.size() + 1;
  while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end]))) ++end;
  if (end == begin + database.size() + 1) return std::nullopt;
  return std::string(text.substr(begin, end - begin));
}

base::result<bool> take_restore_name(database::engine& engine, invocation& call) {
  auto given = text_argument(call, "database");
  auto id = id_for_restore(given);
  auto database = without_restore_id(given);
  if (id.empty() || database.empty()) return false;
  auto restore = engine.administration().restoring(database);
  if (!restore || restore->id != id) {
    return base::error(base::errc::invalid_argument,
                       fmt::format("This restore of {} is over: it is whole, was dropped, or is being restored anew. Nothing was done.", quote(database)));
  }
  call.arguments["database"] = std::move(database);
  return true;
}

std::optional<std::string> refusal_while_restoring(database::engine& engine, const command& definition, const invocation& call) {
  auto database = text_argument(call, "database");
  if (database.empty() || is_of_the_whole(definition, call)) return std::nullopt;
  auto restore = engine.administration().restoring(database);
  // One that was interrupted the engine refuses by itself.
  if (!restore || restore->interrupted) return std::nullopt;
  return fmt::format("{} is being restored by <@{}> and not whole yet, so nothing was done; give the command again when that is done. "
                     "A restore that nobody is at any more ends with `/dbc_database_drop database:{}`, or begins anew when it is given again.",
                     quote(database), restore->who, database);
}

}  // namespace dbcord::commands
