#pragma once
// A database that is being restored is not whole: until it is, only what the restore itself sends is carried out in it. A restore names the database with the id of the
// very one that it fills, NAME#ID: whoever gives the plain name is refused, and so is what an earlier restore still sends, when the database was dropped since or
// is restored anew. Pure but for the engine's memory; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "commands/command.hpp"

namespace dbcord::commands {

// What a restore calls the database.
std::string name_for_restore(const std::string& database, const std::string& id);
// The id in such a name; empty: it is a plain one.
std::string id_for_restore(std::string_view name);
std::string without_restore_id(std::string_view name);
// Finds such a name of this database in a reply.
std::optional<std::string> name_for_restore_in(std::string_view text, const std::string& database);

// Whether the call is a restore's; then it has the database's plain name from here on. An error: that restore is over.
base::result<bool> take_restore_name(database::engine& engine, invocation& call);
// The sentence that refuses what is no restore's; empty: the command may go on.
std::optional<std::string> refusal_while_restoring(database::engine& engine, const command& definition, const invocation& call);

}  // namespace dbcord::commands
