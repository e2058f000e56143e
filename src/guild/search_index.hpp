#pragma once
// An inverted index over messages: which contain all of these words. Owned by guild_search; one caller at a
// time. Knows ids, traits and words only, never the messages, so it does not matter where their text is kept.
// In memory and lost with it; the same calls give the same answers in the same order.
//
// Compact: a word costs 12 bytes and a little slack (its 64-bit hash, and the only document or a list), each
// further use 1 to 3 bytes; a document 24 bytes. Two words of equal hash would be taken for one (XXH3: with a
// million words the odds are one in 10^7). Limit: 2^31 documents.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dbcord/base/ids.hpp"

namespace dbcord::guild {

struct search_document {
  base::message_id id;
  base::channel_id where;
  std::uint32_t traits = 0;  // what the caller filters by, see search_filter
  std::string_view content;
};

struct search_filter {
  std::vector<std::string> words = {};          // all of them, in any order; none: every document
  base::message_id above = {};                  // only higher ids
  base::message_id below = {};                  // only lower ids; 0: no bound
  std::uint32_t all_of = 0;                     // traits: has all of these …
  std::uint32_t none_of = 0;                    // … and none of these …
  std::vector<std::uint32_t> any_of = {};       // … and one of each of these sets
  std::vector<base::channel_id> channels = {};  // only there: an empty list finds nothing
};

struct search_hit {
  base::message_id id;
  base::channel_id where;
};

// The first `hits_max` of those that are meant, and how many there are.
struct search_page {
  std::vector<search_hit> hits;
  std::size_t total = 0;
};

class search_index {
 public:
  static constexpr std::size_t hits_max = 10'000;

  // Adds a message, or replaces what was known of it.
  void put(const search_document& document);
  void remove(base::message_id id);
  // Newest (or oldest) first. A word of a million documents takes some milliseconds: they are counted, not collected.
  search_page find(const search_filter& filter, bool oldest_first = false) const;

  std::size_t size() const { return alive_; }
  std::size_t bytes() const;  // approximate
  void clear() { *this = search_index(); }

 private:
  using document_number = std::uint32_t;

  // The documents of one word, in rising order, as differences in a variable number of bytes.
  struct posting_list {
    std::string bytes;
    document_number last = 0;
    std::uint32_t count = 0;
    void add(document_number document);
  };
  // Open addressing; never more than two thirds full.
  struct word_table {
    std::vector<std::uint64_t> hashes;  // 0: free
    std::vector<std::uint32_t> values;  // `single` and a document, or the number of a list
    std::size_t used = 0;
    std::size_t place_of(std::uint64_t hash) const;
    void grow();
  };
  static constexpr std::uint32_t single = 1u << 31;
  static constexpr document_number nowhere = ~document_number(0);

  void add_word(std::uint64_t hash, document_number document);
  void add_words(std::string_view content, document_number document);
  std::size_t count_of(std::uint64_t hash) const;
  std::vector<document_number> documents_of(std::uint64_t hash) const;
  std::vector<document_number> candidates(std::span<const std::string> words) const;
  std::vector<bool> wanted_channels(const search_filter& filter) const;
  void bind(base::message_id id, document_number document);
  std::uint32_t channel_number(base::channel_id where);
  void drop(document_number document);
  void compact();

  word_table words_;
  std::vector<posting_list> lists_;

  // One entry a document; id 0: dead.
  std::vector<std::uint64_t> ids_;
  std::vector<std::uint32_t> where_;
  std::vector<std::uint32_t> traits_;
  std::size_t alive_ = 0;

  // From an id to its document, sorted by id: nearly every message is newer than all before it.
  std::vector<std::uint64_t> sorted_ids_;
  std::vector<document_number> sorted_documents_;

  std::vector<base::channel_id> channels_;
  std::unordered_map<base::channel_id, std::uint32_t> channel_numbers_;  // never iterated
};

}  // namespace dbcord::guild
