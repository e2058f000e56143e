#pragma once
// Runs `dbcord exec` and `dbcord import` as a person would, and makes the rows to import.

#include <filesystem>
#include <string>

namespace dbcord::bench {

// std::runtime_error unless the command exits with 0.
void exec(const std::filesystem::path& dbcord, const std::filesystem::path& guild, const std::string& command);
// Seconds that `dbcord import` took from start to exit.
double import(const std::filesystem::path& dbcord, const std::filesystem::path& guild, const std::filesystem::path& rows,
              const std::string& table);
// JSON lines of about 200 bytes with the key field "id".
void write_rows(const std::filesystem::path& file, int count);

}  // namespace dbcord::bench
