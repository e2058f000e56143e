#pragma once
// Valid UTF-8, code point by code point. Pure, any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace dbcord::base {

// Decodes at `at` and moves behind it.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_code_point(std::string& text, char32_t c);

}  // namespace dbcord::base
