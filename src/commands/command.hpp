#pragma once
// What a command is and what calls it; neutral of the front door (the bot now, the wire server later).
// Plain values and one table entry type. Handlers run on the caller's executor, keep no state, and touch the database
// through its engine only. Whoever calls one keeps `services` alive until the reply is there.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "commands/command_statistics.hpp"
#include "commands/job_table.hpp"
#include "commands/reply.hpp"
#include "database/engine.hpp"

namespace dbcord::commands {

// A file that came with the command. load() fetches its bytes when a handler asks for them.
struct attachment {
  std::string name;
  std::uint64_t size = 0;  // bytes, as announced
  std::function<actor::task<base::result<std::string>>(base::steady_time deadline)> load;
};

struct invocation {
  std::string name;  // "dbc_insert", no slash
  std::map<std::string, argument_value, std::less<>> arguments;
  std::map<std::string, attachment, std::less<>> attachments;  // by argument name
  std::string who;              // user id
  std::vector<base::role_id> roles;  // of the person, ascending
  std::uint64_t permissions = 0;     // of the person where it was given (Discord docs, Permissions)
  bool by_control = false;           // a button or a form: Discord has not checked who may do this
  database::work_progress_ptr progress;  // of long work; may be null
  std::optional<std::string> draft;  // a form opens with this text, which was typed into it before
  std::string idempotency_key;  // the interaction's id; a repeated one acts once
  base::steady_time deadline;
  std::string table_id = {};    // a form was opened about this table, and is not about another one that has its name by now; empty: whichever it is
};

enum class argument_kind { text, json, integer, boolean, attachment };
enum class completion { none, database, table, key, field, index, snapshot, word };

struct argument {
  std::string_view name;
  std::string_view description;
  argument_kind kind = argument_kind::text;
  bool required = true;  // Discord wants the required ones first; command_table's test holds us to it
  completion complete = completion::none;
  std::int64_t min = 0;  // integers only
  std::int64_t max = 0;
  std::vector<std::string> words = {};  // that it may be; offered, checked by the handler
  std::string_view or_file = {};        // this attachment may hold it instead: one of the two is given (none, where the command opens a form without)
};

class request_figure_source;
class guild_role_source;

struct services {
  database::engine& engine;
  const actor::environment& env;
  job_table* jobs = nullptr;                  // null: the front door keeps none
  command_statistics* statistics = nullptr;
  request_figure_source* requests = nullptr;  // null: the front door knows nothing of them
  guild_role_source* roles = nullptr;         // the same
};

using handler = actor::task<reply> (*)(services s, invocation call);

// Who sees the command before an administrator of the guild decides otherwise (Discord docs, Application Command Permissions).
enum class permission : std::uint64_t { everyone = 0, administrator = 0x8, manage_channels = 0x10, manage_guild = 0x20 };

// slash: typed. message: in the context menu of a message, which comes as the arguments "channel" and "content".
enum class command_kind { slash = 1, message = 3 };  // Discord docs, Application Command Types

struct command {
  std::string_view name;
  std::string_view help;  // one sentence, at most 100 characters
  std::vector<argument> arguments;
  permission needed = permission::everyone;
  base::duration time_limit = std::chrono::minutes(1);
  handler run = nullptr;
  protocol::access_level access = protocol::access_level::read;  // in the database that it names
  bool long_work = false;              // may outlive its reply: goes on as a job
  bool mostly_short = false;           // long work that is no job where it is soon done
  std::string_view form_unless = {};   // opens a form (within three seconds, reading only) unless this argument is given
  command_kind kind = command_kind::slash;
  bool reads_rows = false;             // of the table that it names: its reply says where those may not be all, or not alike
};

}  // namespace dbcord::commands
