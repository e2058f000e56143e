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

// Puts what the file says into the process's environment unless it is set there already. A missing file is no error.
base::result<void> load_dot_env(const std::filesystem::path& file);

}  // namespace dbcord::app
