#pragma once
// Reading Discord's JSON without exceptions: what is absent, null or of another type is nothing.
// Pure, any thread.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/ids.hpp"

namespace dbcord::discord {

std::optional<boost::json::value> parse_json(std::string_view text);
std::optional<boost::json::object> parse_object(std::string_view text);
std::optional<boost::json::array> parse_array(std::string_view text);

std::string string_at(const boost::json::object& o, std::string_view key);
std::optional<std::int64_t> integer_at(const boost::json::object& o, std::string_view key);
bool bool_at(const boost::json::object& o, std::string_view key);
const boost::json::object* object_at(const boost::json::object& o, std::string_view key);
const boost::json::array* array_at(const boost::json::object& o, std::string_view key);

// Ids and permission sets come as decimal strings.
template <class Id>
std::optional<Id> id_at(const boost::json::object& o, std::string_view key) {
  return base::parse_id<Id>(string_at(o, key));
}
std::optional<std::uint64_t> bits_at(const boost::json::object& o, std::string_view key);

}  // namespace dbcord::discord
