#include "app/backup_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/number_text.hpp"

namespace dbcord::app {
namespace {

constexpr std::size_t piece = 64 * 1024;

base::error unusable(const std::filesystem::path& file, const std::string& why) {
  return {base::errc::invalid_argument, fmt::format("{} is no usable backup: {}", file.string(), why)};
}

// As zstd's frames begin (RFC 8878, section 3.1.1).
bool is_compressed(const std::filesystem::path& file) {
  constexpr std::string_view magic = "\x28\xB5\x2F\xFD";
  std::string first(magic.size(), '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(first.data(), static_cast<std::streamsize>(first.size()));
  return first == magic;
}

}  // namespace

base::result<backup_file> backup_file::open(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return base::error(base::errc::invalid_argument, fmt::format("cannot read {}: {}", file.string(), std::strerror(errno)));
  return backup_file(std::move(in));
}

base::result<std::optional<protocol::dump_item>> backup_file::next() {
  for (;;) {
    auto item = stream_.next();
    if (!item || *item) return item;
    std::string bytes(piece, '\0');
    in_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in_.gcount()));
    if (in_.bad()) return base::error(base::errc::invalid_argument, "it cannot be read to its end");
    if (bytes.empty()) break;
    stream_.feed(std::move(bytes));
  }
  auto complete = stream_.finish();
  if (!complete) return complete.error();
  return std::optional<protocol::dump_item>();
}

std::string size_text(const protocol::dump_end& end) {
  return fmt::format("{} row{} of {} table{}", base::with_separators(end.rows), end.rows == 1 ? "" : "s", base::with_separators(end.tables), end.tables == 1 ? "" : "s");
}

base::result<backup_content> check_backup(const std::filesystem::path& file) {
  auto opened = backup_file::open(file);
  if (!opened) return opened.error();
  if (!is_compressed(file)) return unusable(file, "dbcord backup has not made this file, or its beginning is gone");
  backup_content content;
  for (;;) {
    auto item = opened->next();
    if (!item) return unusable(file, item.error().message);
    if (!*item) return content;
    if (auto* head = std::get_if<protocol::dump_head>(&**item)) content.head = std::move(*head);
    if (auto* end = std::get_if<protocol::dump_end>(&**item)) content.end = *end;
  }
}

}  // namespace dbcord::app
