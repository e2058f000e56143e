#pragma once
// garbage_kind: why a message of a table's channel is of no use any more. Verification counts by these kinds what vacuum removes. Plain data.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

enum class garbage_kind : std::uint8_t {
  superseded,  // a version of a row that is kept no more
  duplicate,   // a second message of a version that lies elsewhere; of a page: one of its versions
  orphan,      // no published record of the log has written that
  stale_page   // everything that lay in the page has left it
};
inline constexpr std::size_t garbage_kinds = 4;
inline constexpr std::array<garbage_kind, garbage_kinds> all_garbage_kinds{garbage_kind::superseded, garbage_kind::duplicate, garbage_kind::orphan,
                                                                           garbage_kind::stale_page};
std::string_view to_string(garbage_kind kind);  // "stale page"

// Of a message of our own that is no row and no page of the table in whose channel it lies: it is no answer to a command that may still be written (Discord docs,
// Receiving and Responding: the token of an interaction is valid for 15 minutes).
inline bool is_stray(base::message_id message, base::system_time now) { return base::created_at(message) + std::chrono::minutes(20) < now; }

// Messages by kind.
struct garbage_counts {
  std::array<std::uint64_t, garbage_kinds> of{};

  std::uint64_t& operator[](garbage_kind kind) { return of[static_cast<std::size_t>(kind)]; }
  std::uint64_t operator[](garbage_kind kind) const { return of[static_cast<std::size_t>(kind)]; }
  std::uint64_t all() const;
  void add(const garbage_counts& other);
};

}  // namespace dbcord::database
