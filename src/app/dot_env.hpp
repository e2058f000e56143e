#pragma once
// `.env` files: NAME=value lines, `#` comments, optional `export`, single or double quotes (\n \" \\ in double ones).
// Pure but for load_dot_env(), which is called once, before any thread exists.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dbcord/base/result.hpp"

namespace dbcord::app {

using env_pairs = std::vector<std::pair<std::string, std::string>>;

// An error names the line.
base::result<env_pairs> parse_dot_env(std::string_view text);

// Puts what the file says into the process's environment unless it is set there already, and answers it. A missing file is no error.
base::result<env_pairs> load_dot_env(const std::filesystem::path& file);

// One sentence for each name that begins as dbcord's do and is not `known`: it is ignored.
std::vector<std::string> unknown_names(const env_pairs& pairs, const std::vector<std::string>& known);

}  // namespace dbcord::app
