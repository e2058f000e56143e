#pragma once
// Numbers and ids of a query string, with Discord's errors. Pure, any thread.

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "guild/api_error.hpp"
#include "guild/call.hpp"

namespace dbcord::guild {

struct number_range {
  std::size_t least, most;
};

// The number of that name within its range, or `otherwise` if there is none.
inline outcome<std::size_t> query_number(const query_string& query, const char* name, number_range range,
                                         std::size_t otherwise) {
  auto text = query.find(name);
  if (!text) return otherwise;
  std::size_t n = 0;
  auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), n);
  bool whole = ec == std::errc{} && end == text->data() + text->size();
  if (whole && n >= range.least && n <= range.most) return n;
  return form_error(name, "NUMBER_TYPE_MAX",
                    fmt::format("int value should be between {} and {}.", range.least, range.most));
}

// The id of that name, if there is one.
template <class Id>
outcome<std::optional<Id>> query_id(const query_string& query, const char* name) {
  auto text = query.find(name);
  if (!text) return std::optional<Id>();
  auto id = base::parse_id<Id>(*text);
  if (!id) return call::bad_snowflake(name, *text);
  return std::optional<Id>(*id);
}

}  // namespace dbcord::guild
