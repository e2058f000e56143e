#include "app/session_file.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "app/text_file.hpp"

namespace dbcord::app {
namespace {

namespace fs = std::filesystem;

base::error cannot_write(const fs::path& file) {
  return {base::errc::invalid_argument, fmt::format("cannot write {}", file.string())};
}

fs::path state_directory() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state) return state;
  if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".local" / "state";
  return {};
}

}  // namespace

protocol::gateway_saved_session read_session_file(const fs::path& file) {
  std::error_code ignored;
  if (file.empty() || !fs::exists(file, ignored)) return {};
  auto text = read_text_file(file);
  if (!text) return {};
  return protocol::parse_saved_session(*text).value_or(protocol::gateway_saved_session{});
}

base::result<void> write_session_file(const fs::path& file, const protocol::gateway_saved_session& session) {
  if (file.empty()) return {};
  std::error_code ec;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), ec);
  auto fresh = file;
  fresh += ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << protocol::to_json(session) << '\n';
  out.close();
  if (!out) return cannot_write(fresh);
  fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, ec);
  fs::rename(fresh, file, ec);
  if (ec) return cannot_write(file);
  return {};
}

fs::path default_session_file(std::string_view guild) {
  auto directory = state_directory();
  return directory.empty() ? fs::path() : directory / "dbcord" / fmt::format("session-{}.json", guild);
}

}  // namespace dbcord::app
