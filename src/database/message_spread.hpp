#pragma once
// message_spread: where the messages of a table's channel lie, as far as memory knows, and how far a listing reaches that begins at one of them. Plain value, any thread.
//
// Of a large table only the messages that somebody has met are known: each stands for as many as there are more.

#include <cstdint>
#include <vector>

#include "database/table_state.hpp"

namespace dbcord::database {

class message_spread {
 public:
  static constexpr std::size_t messages_known = 50'000;  // a few milliseconds

  message_spread() = default;
  // Those, of a channel that holds about so many.
  message_spread(std::vector<std::uint64_t> ids, std::uint64_t messages);
  // `met`: some of the table's messages, of about so many; for a table that is too large to look at each.
  static message_spread of(const table_state& table, std::vector<std::uint64_t> met, std::uint64_t messages);

  // The newest message that a listing from `first` on shows; at least `first`.
  std::uint64_t end_of_listing(std::uint64_t first) const;
  // What shows all of these; the last one, if no listing of others shows it, is fetched.
  struct needed_looks {
    std::uint64_t listings = 0;
    std::uint64_t fetches = 0;
  };
  needed_looks looks(std::vector<std::uint64_t> ids) const;

 private:
  std::vector<std::uint64_t> ids_;  // sorted, each once
  std::size_t shown_ = 1;           // of those, by one listing
};

}  // namespace dbcord::database
