#pragma once
// Reading of JSON that a stranger sent: every function says "not there" or "not that type" instead of
// throwing. Pure, any thread.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/ids.hpp"

namespace dbcord::guild {

// nullptr if the key is absent or its value is null: Discord treats both alike nearly everywhere.
const boost::json::value* find_value(const boost::json::object& object, std::string_view key);

std::optional<std::string_view> as_text(const boost::json::value& value);
std::optional<std::int64_t> as_integer(const boost::json::value& value);  // 5 and 5.0, not "5"
std::optional<double> as_number(const boost::json::value& value);
// Ids and bit sets: a decimal string or a non-negative integer (facts 1.4).
std::optional<std::uint64_t> as_snowflake(const boost::json::value& value);

std::optional<std::string_view> text_field(const boost::json::object& object, std::string_view key);
std::optional<std::int64_t> integer_field(const boost::json::object& object, std::string_view key);
std::optional<std::uint64_t> snowflake_field(const boost::json::object& object, std::string_view key);
bool bool_field(const boost::json::object& object, std::string_view key, bool otherwise = false);
const boost::json::array* array_field(const boost::json::object& object, std::string_view key);
const boost::json::object* object_field(const boost::json::object& object, std::string_view key);

template <class Id>
std::optional<Id> id_field(const boost::json::object& object, std::string_view key) {
  auto id = snowflake_field(object, key);
  if (!id) return std::nullopt;
  return Id{*id};
}

// Empty if `text` is not one JSON document (depth at most 32, valid UTF-8).
std::optional<boost::json::value> parse_json(std::string_view text);

}  // namespace dbcord::guild
