#pragma once
// The error that every fallible function of dbcord returns. Value type, no owner, any thread.
//
// `code` is for programs (one enum per room, see style.md rule 5). `message` is one sentence for the person at
// the other end: what was wrong with which argument and what to do. `detail` keeps Discord's own text apart.

#include <boost/system/error_code.hpp>
#include <string>
#include <utility>

namespace dbcord::base {

struct error {
  boost::system::error_code code;
  std::string message;
  std::string detail;

  error() = default;
  error(boost::system::error_code c) : code(c), message(c.message()) {}
  error(boost::system::error_code c, std::string text, std::string discord_text = {})
      : code(c), message(std::move(text)), detail(std::move(discord_text)) {}
};

// Errors that any room may give. Rooms with outcomes of their own have an enum of their own.
enum class errc {
  timeout = 1,      // the deadline passed; the work may still be done later
  stopping,         // the process is shutting down and takes no new work
  overloaded,       // a bounded queue is full; try again later
  invalid_argument  // input that no retry can make right
};

const boost::system::error_category& base_category() noexcept;

inline boost::system::error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), base_category()};
}

}  // namespace dbcord::base

template <>
struct boost::system::is_error_code_enum<dbcord::base::errc> : std::true_type {};
