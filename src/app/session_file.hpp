#pragma once
// The gateway session in a file, so that a restart resumes instead of identifying. Small, written by rename; any thread, one at a time.
// What cannot be read is as good as absent: a new session costs one IDENTIFY.

#include <filesystem>

#include "dbcord/base/result.hpp"
#include "protocol/gateway_saved_session.hpp"

namespace dbcord::app {

protocol::gateway_saved_session read_session_file(const std::filesystem::path& file);
base::result<void> write_session_file(const std::filesystem::path& file, const protocol::gateway_saved_session& session);

// ~/.local/state/dbcord/session-<guild>.json (XDG base directories); empty if there is no home.
std::filesystem::path default_session_file(std::string_view guild);

}  // namespace dbcord::app
