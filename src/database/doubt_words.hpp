#pragma once
// What is said of a write whose outcome is not known (errc::outcome_unknown). Plain functions, any thread.

#include <string>
#include <string_view>

#include "dbcord/base/error.hpp"
#include "dbcord/errors.hpp"

namespace dbcord::database {

inline constexpr std::string_view not_known_since = "whether this was done is not known yet, since ";

inline base::error not_known(std::string_view reason) { return {errc::outcome_unknown, std::string(not_known_since).append(reason)}; }

// Of such an error; where it names none it is that which is left.
inline std::string_view reason_of_doubt(const base::error& e) {
  std::string_view sentence = e.message;
  return sentence.starts_with(not_known_since) ? sentence.substr(not_known_since.size()) : std::string_view("Discord's answer did not come");
}

}  // namespace dbcord::database
