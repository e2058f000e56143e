#pragma once
// find_cost: what a find takes of Discord, or has taken. Requests of the API are limited by Discord, a channel at a time; files come from its CDN, which those limits do
// not count, one after another at the pace of the line. Plain value, any thread.

#include <cstdint>
#include <string>

#include "dbcord/base/clock.hpp"

namespace dbcord::database {

struct find_cost {
  // So many files are charged as one request: what a find may take is about the time that it takes, and the load; a file of half a megabyte takes about a fifth of a
  // second, a request behind the first few a second.
  static constexpr std::uint64_t files_a_request = 5;

  std::uint64_t listings = 0;      // of the table's channel, a hundred messages each
  std::uint64_t log_listings = 0;  // of a channel of the log, which has a limit of its own
  std::uint64_t fetches = 0;       // of single messages, which no limit is known of
  std::uint64_t searches = 0;
  std::uint64_t downloads = 0;     // files

  std::uint64_t requests() const { return listings + log_listings + fetches + searches; }
  bool is_none() const { return requests() + downloads == 0; }
  // What counts against a find's budget of requests.
  std::uint64_t charged() const { return requests() + (downloads + files_a_request - 1) / files_a_request; }
  // `pace`: what one takes that waits for no limit.
  double seconds(base::duration pace) const;
  std::string text() const;                            // "12 requests and 3 downloads"
  std::string estimated_text(base::duration pace) const;  // "about 12 requests and 3 downloads, 7 s"

  find_cost& operator+=(const find_cost& other);
};

}  // namespace dbcord::database
