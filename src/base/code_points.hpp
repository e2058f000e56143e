#pragma once
// UTF-8, code point by code point. Pure, any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace dbcord::base {

// Whether a byte goes on with the code point that has begun before it.
constexpr bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
std::size_t count_code_points(std::string_view text);
// Of valid UTF-8: decodes at `at` and moves behind it.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_code_point(std::string& text, char32_t c);

}  // namespace dbcord::base
