#include "app/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <sstream>

#include "app/process_logger.hpp"
#include "app/unknown_word.hpp"
#include "commands/file_format.hpp"

namespace dbcord::app {
namespace {

constexpr const char* default_listen = "127.0.0.1:8423";
constexpr const char* default_api_url = "https://discord.com/api/v10";
constexpr std::size_t mebibyte = 1024 * 1024;
// Below Discord's upload limit of 10 MiB, so that the request's other parts fit beside the file.
constexpr std::size_t default_chunk_bytes = 4 * mebibyte;

// What was typed was turned into bytes before.
std::string too_little_memory(const std::string& bytes) {
  std::size_t number = 0;
  bool is_number = CLI::detail::lexical_cast(bytes, number);
  if (is_number && number >= smallest_memory_cap) return "";
  auto given = is_number && number > 0 && number % mebibyte == 0 ? std::to_string(number / mebibyte) + "MiB" : bytes + " bytes";
  return "at least " + std::to_string(smallest_memory_cap / mebibyte) + "MiB, not " + given;
}

void add_limits(CLI::App* command, bool& rate_limits, guild_files& files) {
  auto take = [&rate_limits, &files](const std::string& value) {
    rate_limits = value != "none";
    if (value != "none" && value != "discord") files.limits = value;
  };
  command
      ->add_option_function<std::string>(
          "--limits", take, "rate limits of the local guild: discord (its observed figures, default), none, or a file of figures")
      ->check(CLI::IsMember({"discord", "none"}) | CLI::ExistingFile)
      ->envname("DBCORD_LIMITS")
      ->type_name("discord|none|FILE");
  command->add_option("--faults", files.faults, "what is to go wrong in the local guild, as JSON (for tests)")
      ->check(CLI::ExistingFile)
      ->envname("DBCORD_FAULTS")
      ->type_name("FILE");
}

void add_fsync(CLI::App* command, fsync_option& fsync) {
  static const std::map<std::string, fsync_option> modes = {
      {"always", fsync_option::always}, {"interval", fsync_option::interval}, {"never", fsync_option::never}};
  command
      ->add_option_function<std::string>(
          "--fsync", [&fsync](const std::string& value) { fsync = modes.at(value); },
          "when the local guild waits for the disk: always (before an answer, default), interval (every 100 ms; a power failure "
          "loses that much) or never")
      ->check(CLI::IsMember({"always", "interval", "never"}))
      ->envname("DBCORD_FSYNC")
      ->type_name("always|interval|never");
}

void add_listen(CLI::App* command, std::string& listen) {
  listen = default_listen;
  command->add_option("--listen", listen, "address of the local guild (port 0: any free one)")
      ->envname("DBCORD_LISTEN")
      ->capture_default_str()
      ->type_name("ADDR:PORT");
}

void add_client(CLI::App* command, client_options& client) {
  auto* local = command->add_option("--local", client.local, "directory of the local guild (has credentials.json)")
                    ->envname("DBCORD_LOCAL")
                    ->type_name("DIR");
  command->add_option("--url", client.url, "API of a compatible server instead, with the token in DBCORD_USER_TOKEN")
      ->type_name("URL")
      ->excludes(local);
}

// Where the bot works when it has no --local.
void add_guild(CLI::App* command, std::string& api_url, std::string& guild) {
  api_url = default_api_url;
  command->add_option("--api-url", api_url, "API of Discord or a compatible server, without --local")
      ->envname("DISCORD_API_URL")
      ->capture_default_str()
      ->type_name("URL");
  command->add_option("--guild", guild, "id of the guild that keeps the data, without --local")->envname("DBCORD_GUILD_ID")->type_name("ID");
}

void define_serve(CLI::App& app, serve_options& to) {
  auto* command = app.add_subcommand("serve", "run the database; with --local also the guild that keeps it");
  command->add_option("--local", to.local, "run an embedded local guild kept in DIR (made if missing)")->envname("DBCORD_LOCAL")->type_name("DIR");
  add_listen(command, to.listen);
  add_limits(command, to.rate_limits, to.files);
  add_fsync(command, to.fsync);
  add_guild(command, to.api_url, to.guild);
  command->add_option("--metrics", to.metrics, "answer GET /metrics there (Prometheus text)")
      ->envname("DBCORD_METRICS")
      ->type_name("ADDR:PORT");
  command->add_option("--accept-loss", to.accept_loss,
                      "a database of which part of the log was deleted by hand is written again, without that part (else it is read-only); one whose "
                      "control or catalog channel was deleted gets another; repeatable")
      ->allow_extra_args(false)
      ->type_name("DATABASE");
  command->add_flag("--take-over", to.take_over, "the process that writes the guild's databases now is to end, not this one; what it was asked a moment before may be done or not");
  auto* descriptor = command->add_option("--descriptor", to.descriptor, "open only databases that are as this file declares (/dbc_describe makes one)");
  descriptor->envname("DBCORD_DESCRIPTOR")->type_name("FILE");
  command->add_flag("--create-missing", to.create_missing, "make tables and indexes that the descriptor declares and that are missing")->needs(descriptor);
  to.memory_cap = 512 * mebibyte;
  command->add_option("--memory", to.memory_cap, "bytes of rows and directory, all databases together")
      ->envname("DBCORD_MEMORY")
      ->check(CLI::Validator(too_little_memory, ""))
      ->transform(CLI::AsSizeValue(false))
      ->default_str("512MiB")
      ->type_name("SIZE");
  command->add_option("--database-memory", to.database_memory_cap, "the same of one database; more than --memory is as much as that (default: --memory)")
      ->envname("DBCORD_DATABASE_MEMORY")
      ->check(CLI::Validator(too_little_memory, ""))
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE");
  to.lease_s = 30;
  command->add_option("--lease", to.lease_s, "seconds until another process may take over from one that is gone, without --local")
      ->envname("DBCORD_LEASE")
      ->check(CLI::Range(5, 3600))
      ->capture_default_str()
      ->type_name("SECONDS");
  to.staleness_s = 2;
  command->add_option("--staleness", to.staleness_s, "seconds by which the server's message history may be behind, without --local")
      ->envname("DBCORD_STALENESS")
      ->check(CLI::Range(0, 600))
      ->capture_default_str()
      ->type_name("SECONDS");
  command->footer("Without --local the bot's token is read from DISCORD_BOT_TOKEN (environment or .env), never from a flag.");
}

void define_guild(CLI::App& app, guild_options& to) {
  auto* command = app.add_subcommand("guild", "run only the local guild, a Discord in a box");
  auto* mode = command->add_option_group("mode");
  mode->add_option("--data", to.data, "directory that keeps it (made if missing)")->type_name("DIR");
  mode->add_option("--check", to.check, "verify that directory while no guild uses it, print what it holds; status 1 on damage")
      ->type_name("DIR");
  mode->require_option(1);
  add_listen(command, to.listen);
  add_limits(command, to.rate_limits, to.files);
  add_fsync(command, to.fsync);
}

void define_exec(CLI::App& app, exec_options& to) {
  auto* command = app.add_subcommand("exec", "send slash commands as a user of the guild and print the replies");
  add_client(command, to.client);
  command->add_flag("--json", to.json, "print each reply as its message object, one line per command");
  command->add_option("commands", to.commands, "e.g. '/dbc_get database:shop table:users key:u_1'; - reads commands from stdin, one a line (more lines while a JSON value or a quote is open; # begins a comment)")
      ->required()
      ->type_name("COMMAND");
}

void define_shell(CLI::App& app, shell_options& to) {
  auto* command = app.add_subcommand("shell", "the same, interactive: history, completion");
  add_client(command, to.client);
}

void define_import(CLI::App& app, import_options& to) {
  auto* command = app.add_subcommand("import", "insert the rows of a file: JSON lines, a JSON array, or CSV");
  add_client(command, to.client);
  command->add_option("--database", to.database, "database")->required()->type_name("NAME");
  command->add_option("--table", to.table, "table; made with the key below if it does not exist")->required()->type_name("NAME");
  command->add_option("--key", to.key, "field that is the primary key")->required()->type_name("FIELD");
  command->add_option("--at", to.at, "the array stands below this name in the document, e.g. 3166-1 or data/rows")
      ->type_name("PATH");
  command->add_option("--format", to.format, "jsonl, json or csv; by itself csv if the file's name ends so, else what the file looks like")
      ->check(CLI::IsMember(commands::file_format_names()))
      ->type_name("FORMAT");
  command->add_option("--mode", to.mode, "insert: a row that is there already is refused; upsert: it is replaced")
      ->check(CLI::IsMember({"insert", "upsert"}))
      ->capture_default_str()
      ->type_name("MODE");
  command->add_option("--outcomes", to.outcomes, "write what became of each row there, as JSON lines")->type_name("FILE");
  to.chunk_bytes = default_chunk_bytes;
  command->add_option("--chunk-bytes", to.chunk_bytes, "bytes of one upload at most")
      ->check(CLI::Range(std::size_t{1024}, 10 * mebibyte))
      ->capture_default_str()
      ->type_name("N");
  to.chunk_rows = 5000;
  command->add_option("--chunk-rows", to.chunk_rows, "rows of one upload at most")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("file", to.file, "the file")->required()->type_name("FILE");
}

void define_export(CLI::App& app, export_options& to) {
  auto* command = app.add_subcommand("export", "write the rows of a table to a file: JSON lines, a JSON array, or CSV");
  add_client(command, to.client);
  command->add_option("--database", to.database, "database")->required()->type_name("NAME");
  command->add_option("--table", to.table, "table")->required()->type_name("NAME");
  command->add_option("--format", to.format, "jsonl, json or csv")
      ->check(CLI::IsMember(commands::file_format_names()))
      ->capture_default_str()
      ->type_name("FORMAT");
  command->add_option("--where", to.where, R"(which rows, e.g. '{"role": "student"}' (default: all))")->type_name("JSON");
  command->add_option("file", to.file, "the file to be made; it must not exist; - is standard output")->required()->type_name("FILE");
}

void define_backup(CLI::App& app, backup_options& to) {
  auto* command = app.add_subcommand("backup", "copy a whole database into a file: all tables as they are at one moment");
  add_client(command, to.client);
  command->add_option("--database", to.database, "database")->required()->type_name("NAME");
  command->add_flag("--keep-snapshot", to.keep_snapshot, "leave the snapshot that the file is made from in the guild");
  command->add_option("file", to.file, "the file to be made; it must not exist")->required()->type_name("FILE");
}

void define_restore(CLI::App& app, restore_options& to) {
  auto* command = app.add_subcommand("restore", "make a new database from a backup's file");
  add_client(command, to.client);
  command->add_option("--database", to.database, "name of the new database (default: the one it had)")->type_name("NAME");
  command->add_option("file", to.file, "the file that backup has made")->required()->type_name("FILE");
}

void define_doctor(CLI::App& app, doctor_options& to) {
  auto* command = app.add_subcommand("doctor", "check token, permissions and what the database assumes of Discord's API");
  command->add_option("--local", to.local, "directory of a local guild that is running")->type_name("DIR");
  add_guild(command, to.api_url, to.guild);
  command->footer("Without --local the bot's token is read from DISCORD_BOT_TOKEN (environment or .env), never from a flag.");
}

// Of what is never an option.
constexpr const char* bot_token_name = "DISCORD_BOT_TOKEN";
constexpr const char* user_token_name = "DBCORD_USER_TOKEN";
constexpr const char* application_name = "DBCORD_APPLICATION_ID";

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

void read_client_environment(client_options& client) {
  client.token = from_environment(user_token_name);
  client.guild = from_environment("DBCORD_GUILD_ID");
  client.application = from_environment(application_name);
  if (client.local.empty() && client.url.empty()) client.local = "dbcord-data";
}

struct parser {
  CLI::App app{"dbcord: a database whose durable store is a Discord guild", "dbcord"};
  std::string log_level = "info";
  serve_options serve;
  guild_options guild;
  exec_options exec;
  shell_options shell;
  import_options import;
  export_options exported;
  doctor_options doctor;
  backup_options backup;
  restore_options restore;

  parser() {
    app.set_version_flag("--version", "dbcord " DBCORD_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--log-level", log_level, "debug, info, warning, error or off")
        ->envname("DBCORD_LOG_LEVEL")
        ->check(CLI::Validator([](const std::string& v) { return process_logger::is_level(v) ? "" : "no log level: " + v; }, ""))
        ->capture_default_str()
        ->type_name("LEVEL");
    define_serve(app, serve);
    define_guild(app, guild);
    define_exec(app, exec);
    define_shell(app, shell);
    define_import(app, import);
    define_export(app, exported);
    define_doctor(app, doctor);
    define_backup(app, backup);
    define_restore(app, restore);
  }

  options chosen() {
    options o;
    o.log_level = log_level;
    if (app.got_subcommand("guild")) o.command = guild;
    if (app.got_subcommand("exec")) o.command = with_client(exec);
    if (app.got_subcommand("shell")) o.command = with_client(shell);
    if (app.got_subcommand("import")) o.command = with_client(import);
    if (app.got_subcommand("export")) o.command = with_client(exported);
    if (app.got_subcommand("backup")) o.command = with_client(backup);
    if (app.got_subcommand("restore")) o.command = with_client(restore);
    if (app.got_subcommand("doctor")) {
      doctor.token = from_environment(bot_token_name);
      o.command = doctor;
    }
    if (app.got_subcommand("serve")) {
      serve.token = from_environment(bot_token_name);
      o.command = serve;
    }
    return o;
  }

  template <class Options>
  static Options with_client(Options o) {
    read_client_environment(o.client);
    return o;
  }
};

bool is_typed(std::string_view flag, int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc, [flag](std::string_view word) { return word.substr(0, word.find('=')) == flag; });
}

// Whoever types --url means that, whatever the environment says of a local guild.
void read_no_local_guild(CLI::App& app) {
  for (auto* command : app.get_subcommands({})) {
    if (command->get_option_no_throw("--url")) command->get_option("--local")->envname({});
  }
}

void add_environment_names(const CLI::App& app, std::vector<std::string>& names) {
  for (const auto* option : app.get_options()) {
    if (!option->get_envname().empty()) names.push_back(option->get_envname());
  }
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) add_environment_names(*sub, names);
}

}  // namespace

std::vector<std::string> environment_names() {
  parser p;
  std::vector<std::string> names{bot_token_name, user_token_name, application_name};
  add_environment_names(p.app, names);
  return names;
}

std::variant<options, nothing_to_run> parse_options(int argc, const char* const* argv) {
  parser p;
  if (is_typed("--url", argc, argv)) read_no_local_guild(p.app);
  try {
    p.app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::ostringstream out;
    int status = p.app.exit(e, out, out);
    auto unknown = status == 0 ? std::string() : unknown_word(p.app);
    if (!unknown.empty()) return nothing_to_run{2, unknown + "\n"};
    return nothing_to_run{status == 0 ? 0 : 2, out.str()};
  }
  if (p.serve.take_over && !p.serve.local.empty()) {
    return nothing_to_run{2, "--take-over is for a guild that other processes share; a local one (--local, or DBCORD_LOCAL) has only the process that keeps it\n"};
  }
  return p.chosen();
}

}  // namespace dbcord::app
