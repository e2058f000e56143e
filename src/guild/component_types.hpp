#pragma once
// The numbers of components (facts 3.14). Constant data.

#include <cstdint>

namespace dbcord::guild::component_type {

inline constexpr std::int64_t action_row = 1;
inline constexpr std::int64_t button = 2;
inline constexpr std::int64_t string_select = 3;
inline constexpr std::int64_t text_input = 4;
inline constexpr std::int64_t user_select = 5;
inline constexpr std::int64_t role_select = 6;
inline constexpr std::int64_t mentionable_select = 7;
inline constexpr std::int64_t channel_select = 8;
inline constexpr std::int64_t text_display = 10;
inline constexpr std::int64_t label = 18;

constexpr bool is_select(std::int64_t type) {
  return type == string_select || (type >= user_select && type <= channel_select);
}

}  // namespace dbcord::guild::component_type
