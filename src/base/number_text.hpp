#pragma once
// Numbers as people read and write them. Pure, any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbcord::base {

// 1234567: "1,234,567"
std::string with_separators(std::uint64_t number);
// The number that a text begins with, written with separators or without; empty: it begins with none.
std::optional<std::uint64_t> leading_number(std::string_view text);
// The one behind the first `mark`.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view mark);

}  // namespace dbcord::base
