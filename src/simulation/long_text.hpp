#pragma once
// long_text: how a number is told by a field that takes texts: by one that no other number has, shorter or longer than a message, so that rows are attachments; with what
// JSON escapes, what Discord marks up or takes out, and what is not ASCII. What is not exactly such a text was not written by anybody. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbcord::simulation {

inline constexpr std::string_view long_field = "t";

std::string long_text(std::int64_t number);
// Empty: it is no number's text.
std::optional<std::int64_t> number_of_text(std::string_view text);

}  // namespace dbcord::simulation
