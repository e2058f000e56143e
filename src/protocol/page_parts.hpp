#pragma once
// What the machine line of a page says of its parts: how many lines each has, and the hash of its bytes ("n=3.2 d=<hash>.<hash>"). Of pages of rows and pages of
// index entries. Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"
#include "protocol/machine_line.hpp"

namespace dbcord::protocol {

struct page_part {
  std::uint64_t lines = 0;
  std::string hash;  // record_hash of its bytes
};

void set_parts(machine_line& line, const std::vector<page_part>& parts);
// Empty: they are not well-formed, or more than `most`, or one has more than `most_lines`.
std::optional<std::vector<page_part>> parts_of(const machine_line& line, std::size_t most, std::uint64_t most_lines);

// `part`: from 1 on.
base::error damaged_part(std::size_t part, std::string_view why);
// Whether these bytes have the hash that is stated of that part.
base::result<void> check_part(const std::string& stated_hash, std::size_t part, std::string_view bytes);

}  // namespace dbcord::protocol
