#pragma once
// check_directory: reads all that a guild's directory holds, changes nothing, and says what is there and what is damaged.
//
// Plain function, any thread; blocks on the disk. No lock is held while it reads: whoever starts a guild meanwhile makes it see
// half a write. Limits: memory as for the guild itself, and one segment.

#include <filesystem>
#include <string>
#include <vector>

#include "dbcord/base/result.hpp"

namespace dbcord::guild {

struct directory_report {
  std::vector<std::string> contents;  // a line each
  std::vector<std::string> warnings;  // what a start would mend or pass over: an unfinished write, a stray file
  std::vector<std::string> damage;    // file, offset, what
};

// An error when there is no guild in the directory, or a process uses it.
base::result<directory_report> check_directory(const std::filesystem::path& directory);

}  // namespace dbcord::guild
