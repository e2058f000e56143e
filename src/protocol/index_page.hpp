#pragma once
// What lies in the channel of a secondary index (design.md sections 1 and 4): messages with pages of its entries, value and key, which a person can read. A
// generation is a base, the whole index sorted by value, in one page or several, and behind it pages of changes. A page's entries are JSON lines, in its
// content if they fit there, else in attachments. Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"
#include "protocol/json_node.hpp"
#include "protocol/page_parts.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::protocol {

inline constexpr std::size_t index_value_bytes_max = 2'000;                // of a value's JSON; of a longer one its hash is shown
inline constexpr std::size_t index_part_bytes = 512 * 1024;                // of an attachment
inline constexpr std::size_t index_parts_max = 10;                         // Discord docs, Create Message: files
inline constexpr std::size_t index_page_bytes = 9 * index_part_bytes;      // of a page's lines: so that they fit into the parts, whatever their lengths

// What a set of entries comes to, in whatever order they were added and removed: two sets are taken for equal if their digests are. Sums modulo 2^64.
struct index_digest {
  std::uint64_t entries = 0;
  std::uint64_t sum = 0;  // of their hashes

  void add(std::uint64_t hash) { ++entries, sum += hash; }
  void remove(std::uint64_t hash) { --entries, sum -= hash; }
  void add(const index_digest& change) { entries += change.entries, sum += change.sum; }
  void remove(const index_digest& change) { entries -= change.entries, sum -= change.sum; }
  friend bool operator==(const index_digest&, const index_digest&) = default;
};

// A line, without its end: {"value":"blue","key":"u_1"}, ASCII.
std::string index_entry(const json_node& value, std::string_view key);
// The same for values that compare equal (1 and 1.0).
std::uint64_t index_entry_hash(const json_node& value, std::string_view key);
// {"op":"add",…} or {"op":"remove",…}
std::string index_change(bool added, std::string_view entry);

enum class index_page_kind { base, changes };

struct index_page_header {
  table_id table = 0;
  index_id index = 0;
  index_page_kind kind = index_page_kind::base;
  std::uint64_t generation = 0;
  std::uint64_t sequence = 0;         // within its generation, from 0
  std::uint64_t lsn = 0;              // everything up to that record is shown
  bool last = false;                  // of the base
  std::optional<index_digest> shown;  // what the generation shows up to this page; not in the middle of a base
  bool attached = false;
  std::vector<page_part> parts;       // one, if not attached
  std::uint64_t lines() const;
};

struct index_page {
  index_page_header of;  // but for attached and parts
  std::string table_name;
  std::string field;
  bool unique = false;
  std::uint64_t before = 0;         // entries of the base in the pages before
  std::vector<std::string> lines;   // index_entry(), or index_change(); at most index_page_bytes
};
struct encoded_index_page {
  std::string content;
  std::vector<std::string> parts;  // the bytes of each attachment
};
// `attach`: also if the lines fit into the content.
encoded_index_page encode_index_page(const index_page& page, bool attach = false);

// Empty for any message that is not a well-formed page of an index.
std::optional<index_page_header> decode_index_page(std::string_view content);
// The lines in the content of a page that is not attached.
std::string_view inline_lines(std::string_view content);
// What a part, from 1 on, adds and removes. An error: these bytes are not that part.
base::result<index_digest> read_index_part(const index_page_header& header, std::size_t part, std::string_view bytes);

}  // namespace dbcord::protocol
