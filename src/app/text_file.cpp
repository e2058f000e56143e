#include "app/text_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace dbcord::app {
namespace {

base::error cannot_read(const std::filesystem::path& file, std::string_view why) {
  return {base::errc::invalid_argument, fmt::format("cannot read {}: {}", file.string(), why)};
}

}  // namespace

base::result<std::string> read_text_file(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return cannot_read(file, "it is a directory");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return cannot_read(file, std::strerror(errno));
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return cannot_read(file, std::strerror(errno));
  return text;
}

}  // namespace dbcord::app
