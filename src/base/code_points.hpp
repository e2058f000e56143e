#pragma once
// UTF-8, code point by code point. Pure, any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace dbcord::base {

// Whether a byte goes on with the code point that has begun before it.
constexpr bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
// As Discord counts length; every byte that does not continue one counts.
std::size_t count_code_points(std::string_view text);
// The beginning of `text` with so many of them, or with so many bytes at most, none cut through.
std::string_view first_code_points(std::string_view text, std::size_t most);
std::string_view first_bytes(std::string_view text, std::size_t most);
// Of valid UTF-8: decodes at `at` and moves behind it.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_code_point(std::string& text, char32_t c);

}  // namespace dbcord::base
