#pragma once
// What a search asks for (facts 8.1), validated. One caller at a time.

#include <string>
#include <vector>

#include "guild/call.hpp"
#include "guild/guild_search.hpp"

namespace dbcord::guild {

struct search_query {
  static constexpr std::size_t window = 10'000;  // offset + limit at most

  search_filter filter;  // without its channels
  std::size_t slop = 2;
  std::size_t limit = 25;
  std::size_t offset = 0;
  bool by_relevance = false;
  bool ascending = false;
  bool include_nsfw = false;
  std::vector<base::channel_id> channels;  // none: all
  std::vector<std::uint64_t> authors, mentions, mention_roles, replied_users, replied_messages;
  std::vector<std::string> link_hosts, extensions, filenames;

  // True if only the message itself tells whether it is meant.
  bool needs_messages() const;
};

outcome<search_query> read_search_query(const call& c);
// Whether a message that the index found is meant; in channel `where`.
bool matches_query(const search_query& query, const guild_state& state, base::channel_id where,
                   const stored_message& m);

}  // namespace dbcord::guild
