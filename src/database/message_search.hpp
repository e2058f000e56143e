#pragma once
// What message_store::search() asks and answers: Discord's guild search, which is late, may never know of a message, and may lose everything it knew
// (discord-facts.md section 8). Plain values.

#include <cstdint>
#include <string>
#include <vector>

#include "dbcord/base/clock.hpp"
#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct stored_message;

struct search_request {
  // Discord docs, Search Guild Messages.
  static constexpr std::size_t page_size = 25;
  static constexpr std::size_t offset_max = 9'975;

  base::channel_id channel;
  std::string word;          // of letters only
  base::message_id below;    // only messages with lower ids; zero: all
  std::size_t offset = 0;    // of what was found, the newest first
};

struct search_page {
  bool ready = true;                // false: there is no index (yet), and nothing else here counts
  bool still_indexing = false;      // old messages are still being added: what is not found may be there
  std::uint64_t total = 0;          // that match; an estimate
  std::vector<stored_message> hits; // newest first; maybe fewer than page_size though there are more
};

}  // namespace dbcord::database
