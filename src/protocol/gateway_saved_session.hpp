#pragma once
// What of a gateway session outlives the process, so that a restart resumes instead of identifying and a
// crash loop cannot use up the day's IDENTIFYs. A value; the app keeps it in a file. Any thread.

#include <cstdint>
#include <optional>
#include <string>

#include "dbcord/base/clock.hpp"

namespace dbcord::protocol {

struct gateway_saved_session {
  std::string session_id;  // empty: nothing to resume
  std::string resume_url;
  std::uint64_t sequence = 0;

  // IDENTIFYs sent since `budget_since`, at most 24 hours ago (Discord docs, Gateway, Session Start Limit).
  int identifies = 0;
  base::system_time budget_since{};
  base::system_time last_identify{};
};

// One line of JSON, and back; nullopt for anything that is not such a line.
std::string to_json(const gateway_saved_session& saved);
std::optional<gateway_saved_session> parse_saved_session(std::string_view json);

}  // namespace dbcord::protocol
