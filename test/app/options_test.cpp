#include "app/options.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "support/contains.hpp"

using namespace dbcord::app;
using dbcord::test::contains;

namespace {

std::variant<options, nothing_to_run> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "dbcord");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

template <class Command>
Command parsed(std::vector<const char*> arguments) {
  auto answer = parse(std::move(arguments));
  if (auto* wrong = std::get_if<nothing_to_run>(&answer)) BOOST_FAIL(wrong->text);
  return std::get<Command>(std::get<options>(answer).command);
}

std::string refused(std::vector<const char*> arguments) {
  auto answer = parse(std::move(arguments));
  BOOST_REQUIRE(std::holds_alternative<nothing_to_run>(answer));
  BOOST_TEST(std::get<nothing_to_run>(answer).status != 0);
  return std::get<nothing_to_run>(answer).text;
}

struct clean_environment {
  clean_environment() {
    for (auto name : {"DBCORD_LOCAL", "DBCORD_LISTEN", "DBCORD_LIMITS", "DBCORD_FSYNC", "DISCORD_API_URL", "DISCORD_BOT_TOKEN",
                      "DBCORD_GUILD_ID", "DBCORD_LOG_LEVEL", "DBCORD_USER_TOKEN", "DBCORD_MEMORY", "DBCORD_LEASE", "DBCORD_STALENESS", "DBCORD_DESCRIPTOR"})
      ::unsetenv(name);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(options_of_the_command_line, clean_environment)

BOOST_AUTO_TEST_CASE(serve_reads_flags_before_the_environment) {
  ::setenv("DISCORD_API_URL", "http://environment/api/v10", 1);
  ::setenv("DBCORD_GUILD_ID", "1400000000000000001", 1);
  ::setenv("DISCORD_BOT_TOKEN", "a.b.c", 1);
  auto from_environment = parsed<serve_options>({"serve"});
  BOOST_TEST(from_environment.api_url == "http://environment/api/v10");
  BOOST_TEST(from_environment.guild == "1400000000000000001");
  BOOST_TEST(from_environment.token == "a.b.c");
  auto from_flags = parsed<serve_options>({"serve", "--api-url", "http://flag/api/v10", "--guild", "7"});
  BOOST_TEST(from_flags.api_url == "http://flag/api/v10");
  BOOST_TEST(from_flags.guild == "7");
  BOOST_TEST(!from_flags.take_over);
  BOOST_TEST(parsed<serve_options>({"serve", "--take-over"}).take_over);
  BOOST_TEST(contains(refused({"serve", "--local", "d", "--take-over"}), "--take-over is for a guild that other processes share"));
}

BOOST_AUTO_TEST_CASE(a_word_that_there_is_not_is_answered_with_the_one_that_was_meant) {
  BOOST_TEST(refused({"exce"}) == "dbcord has no command exce; did you mean dbcord exec?\n");
  BOOST_TEST(refused({"foo", "--local", "d"}) == "dbcord has no command foo; it has serve, guild, exec, shell, import, export, doctor, backup and restore\n");
  BOOST_TEST(refused({"serve", "--locl", "d"}) == "dbcord serve has no option --locl; did you mean --local?\n");
  BOOST_TEST(refused({"serve", "--locl=d"}) == "dbcord serve has no option --locl; did you mean --local?\n");
  BOOST_TEST(refused({"guild", "--dat", "d"}) == "dbcord guild has no option --dat; did you mean --data?\n");
  BOOST_TEST(refused({"import", "--databse", "d", "f"}) == "dbcord import has no option --databse; did you mean --database?\n");
  BOOST_TEST(refused({"serve", "--zzzzzzzz"}) == "dbcord serve has no option --zzzzzzzz; dbcord serve --help lists them\n");
  BOOST_TEST(refused({"--log-levl", "off", "serve"}) == "dbcord serve has no option --log-levl; did you mean --log-level?\n");
  BOOST_TEST(refused({"serve", "more"}).find("not expected") != std::string::npos);
  BOOST_TEST(refused({}).find("subcommand is required") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(serve_takes_a_descriptor_and_makes_what_is_missing_only_with_one) {
  auto serve = parsed<serve_options>({"serve", "--local", "d", "--descriptor", "f.json", "--create-missing"});
  BOOST_TEST(serve.descriptor == "f.json");
  BOOST_TEST(serve.create_missing);
  BOOST_TEST(!parsed<serve_options>({"serve", "--local", "d", "--descriptor", "f.json"}).create_missing);
  BOOST_TEST(refused({"serve", "--local", "d", "--create-missing"}).find("--descriptor") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(backup_and_restore_name_a_file) {
  auto backup = parsed<backup_options>({"backup", "--local", "d", "--database", "shop", "f.backup"});
  BOOST_TEST(backup.client.local.string() == "d");
  BOOST_TEST(backup.database == "shop");
  BOOST_TEST(backup.file.string() == "f.backup");
  BOOST_TEST(!backup.keep_snapshot);
  BOOST_TEST(refused({"backup", "f.backup"}).find("--database") != std::string::npos);
  auto restore = parsed<restore_options>({"restore", "--local", "d", "f.backup"});
  BOOST_TEST(restore.database == "");
  BOOST_TEST(restore.file.string() == "f.backup");
  BOOST_TEST(refused({"restore"}).find("file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(serve_local_takes_address_limits_and_memory) {
  auto serve = parsed<serve_options>({"serve", "--local", "d", "--listen", "127.0.0.1:0", "--limits", "none", "--memory", "64MiB", "--database-memory", "32MiB"});
  BOOST_TEST(serve.local.string() == "d");
  BOOST_TEST(serve.listen == "127.0.0.1:0");
  BOOST_TEST(!serve.rate_limits);
  BOOST_TEST(serve.memory_cap == 64u * 1024 * 1024);
  BOOST_TEST(serve.database_memory_cap == 32u * 1024 * 1024);
  BOOST_TEST(parsed<serve_options>({"serve", "--local", "d"}).database_memory_cap == 0u);
}

BOOST_AUTO_TEST_CASE(too_little_memory_is_refused_with_the_least) {
  auto sentence = refused({"serve", "--local", "d", "--memory", "10"});
  BOOST_TEST(sentence.find("--memory: at least 16MiB, not 10 bytes\n") != std::string::npos, sentence);
  BOOST_TEST(refused({"serve", "--local", "d", "--memory", "15MiB"}).find("--memory: at least 16MiB, not 15MiB\n") != std::string::npos);
  BOOST_TEST(refused({"serve", "--local", "d", "--database-memory", "1MiB"}).find("--database-memory: at least 16MiB") != std::string::npos);
  BOOST_TEST(parsed<serve_options>({"serve", "--local", "d", "--memory", "16MiB"}).memory_cap == 16u * 1024 * 1024);
}

BOOST_AUTO_TEST_CASE(limits_are_on_unless_told_otherwise) {
  BOOST_TEST(parsed<serve_options>({"serve", "--local", "d"}).rate_limits);
  BOOST_TEST(parsed<guild_options>({"guild", "--data", "d"}).rate_limits);
  BOOST_TEST(!parsed<guild_options>({"guild", "--data", "d", "--limits", "none"}).rate_limits);
}

BOOST_AUTO_TEST_CASE(limits_and_faults_come_from_files_that_exist) {
  auto with = parsed<guild_options>({"guild", "--data", "d", "--limits", "/dev/null", "--faults", "/dev/null"});
  BOOST_TEST(with.rate_limits);
  BOOST_TEST(with.files.limits.string() == "/dev/null");
  BOOST_TEST(with.files.faults.string() == "/dev/null");
  BOOST_TEST(parsed<guild_options>({"guild", "--data", "d", "--limits", "discord"}).files.limits.empty());
  BOOST_TEST(refused({"guild", "--data", "d", "--faults", "/nowhere"}).find("--faults") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_local_guild_waits_for_the_disk_unless_told_otherwise) {
  BOOST_TEST((parsed<guild_options>({"guild", "--data", "d"}).fsync == fsync_option::always));
  BOOST_TEST((parsed<guild_options>({"guild", "--data", "d", "--fsync", "never"}).fsync == fsync_option::never));
  BOOST_TEST((parsed<serve_options>({"serve", "--local", "d", "--fsync", "interval"}).fsync == fsync_option::interval));
  BOOST_TEST(refused({"guild", "--data", "d", "--fsync", "sometimes"}).find("--fsync") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(guild_runs_or_checks_a_directory) {
  BOOST_TEST(parsed<guild_options>({"guild", "--check", "d"}).check.string() == "d");
  BOOST_TEST(parsed<guild_options>({"guild", "--data", "d"}).check.empty());
  BOOST_TEST(!refused({"guild"}).empty());
  BOOST_TEST(!refused({"guild", "--data", "d", "--check", "d"}).empty());
}

BOOST_AUTO_TEST_CASE(exec_takes_commands_as_they_are_typed) {
  auto exec = parsed<exec_options>({"exec", "--local", "d", "--json", "/dbc_init database:shop", "dbc_inspect database:shop"});
  BOOST_TEST(exec.json);
  BOOST_TEST(exec.client.local.string() == "d");
  BOOST_TEST(exec.commands.size() == 2u);
  BOOST_TEST(exec.commands.at(0) == "/dbc_init database:shop");
  BOOST_TEST(parsed<exec_options>({"exec", "-"}).commands.at(0) == "-");
}

BOOST_AUTO_TEST_CASE(import_takes_table_key_path_and_chunks) {
  auto import = parsed<import_options>({"import", "--database", "geo", "--table", "countries", "--key", "alpha_3", "--at",
                                        "3166-1", "--chunk-rows", "50", "--local", "d", "iso.json"});
  BOOST_TEST(import.database == "geo");
  BOOST_TEST(import.key == "alpha_3");
  BOOST_TEST(import.at == "3166-1");
  BOOST_TEST(import.chunk_rows == 50u);
  BOOST_TEST(import.file.string() == "iso.json");
  BOOST_TEST(import.format == "");
  BOOST_TEST(parsed<import_options>({"import", "--database", "d", "--table", "t", "--key", "k", "--format", "csv", "--local", "d", "f"}).format == "csv");
}

BOOST_AUTO_TEST_CASE(the_log_level_may_stand_behind_the_command) {
  auto answer = parse({"serve", "--local", "d", "--log-level", "debug"});
  BOOST_REQUIRE(std::holds_alternative<options>(answer));
  BOOST_TEST(std::get<options>(answer).log_level == "debug");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_meant_is_refused_by_name) {
  BOOST_TEST(refused({}).find("subcommand") != std::string::npos);
  BOOST_TEST(refused({"serve", "--limits", "some"}).find("--limits") != std::string::npos);
  BOOST_TEST(refused({"guild"}).find("--data") != std::string::npos);
  BOOST_TEST(refused({"exec"}).find("commands") != std::string::npos);
  BOOST_TEST(refused({"exec", "--local", "d", "--url", "u", "x"}).find("--url") != std::string::npos);
  BOOST_TEST(refused({"serve", "--log-level", "loud"}).find("loud") != std::string::npos);
  BOOST_TEST(refused({"import", "--database", "d", "--table", "t", "--key", "k", "--chunk-bytes", "5", "f"}).find("--chunk-bytes") !=
             std::string::npos);
  BOOST_TEST(refused({"import", "--database", "d", "--table", "t", "--key", "k", "--format", "xls", "f"}).find("--format") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(help_is_no_failure) {
  auto answer = parse({"--help"});
  BOOST_REQUIRE(std::holds_alternative<nothing_to_run>(answer));
  BOOST_TEST(std::get<nothing_to_run>(answer).status == 0);
  BOOST_TEST(std::get<nothing_to_run>(answer).text.find("serve") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
