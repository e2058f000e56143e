#pragma once
// Reading and writing whole files, with errors that name the file. Any thread; blocks.

#include <filesystem>
#include <string>
#include <string_view>

#include "dbcord/base/result.hpp"

namespace dbcord::app {

base::result<std::string> read_text_file(const std::filesystem::path& file);

}  // namespace dbcord::app
