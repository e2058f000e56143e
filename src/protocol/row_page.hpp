#pragma once
// A page: one message that holds many rows of a table in attachments of JSON lines, sorted by key (design.md section 4: bulk loads). A line is
// ["key",version,lsn,{row}]. Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::protocol {

inline constexpr std::size_t page_parts_max = 10;              // Discord docs, Create Message: files
inline constexpr std::size_t page_part_bytes = 512 * 1024;     // so that reading one row costs one small download
inline constexpr std::size_t page_row_bytes_max = 64 * 1024;   // of a row's JSON; larger ones are messages of their own

// Bytes that a row takes in a part, at most.
std::size_t page_line_bound(const row_version& row);

struct row_page {
  std::string content;
  std::vector<std::string> parts;        // the bytes of each attachment
  std::vector<unsigned> part_of_row;     // of each row, in their order: from 1 on
};

// `rows`: of one table, sorted by key, each key once, not empty; as many as fit are taken: part_of_row says how many.
row_page encode_page(std::span<const row_version> rows);

struct page_header {
  struct part {
    std::uint64_t rows = 0;
    std::string hash;  // record_hash of its bytes
  };
  table_id table = 0;
  std::uint64_t newest_lsn = 0;
  std::uint64_t rows = 0;
  std::vector<part> parts;
};
// Empty for any message that is not a well-formed page.
std::optional<page_header> decode_page(std::string_view content);

struct page_slot {
  std::string key;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  std::string_view json;  // of the part's bytes
};
// Whether these are the bytes of that part, from 1 on.
base::result<void> check_page_part(const page_header& header, unsigned part, std::string_view bytes);
// The rows of a part, numbered from 1, which is checked against the header.
base::result<std::vector<page_slot>> decode_page_part(const page_header& header, unsigned part, std::string_view bytes);
// The row of that key in a part whose bytes were checked; empty: it is not there.
std::optional<page_slot> find_in_page_part(std::string_view bytes, std::string_view key);

}  // namespace dbcord::protocol
