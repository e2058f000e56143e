#pragma once
// What the entries of a checkpoint's image are; a decoder passes over those that it does not know.

#include <cstdint>

namespace dbcord::protocol {

enum class image_tag : std::uint64_t {
  database = 1, table = 2, rows = 3, garbage = 4, commands = 5, history = 6, log = 7, places = 8, paged_history = 9, pages = 10, seen_in_search = 11, deletions = 12,
  unfinished_indexes = 13, alteration = 14, standing = 16, row_threads = 17, move = 18, index_channels = 19, garbage_kind = 20, unadopted = 21,
  forgotten_deletions = 22, fingerprints = 23
};

// What an older version of a row is; programs before `lost` take it for a deletion.
enum class past_kind : std::uint64_t { value = 0, deletion = 1, lost = 2 };

// Of a database (image_tag::standing).
inline constexpr std::uint64_t dropped_flag = 1, restored_flag = 2;

}  // namespace dbcord::protocol
