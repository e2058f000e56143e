#include "guild/json_read.hpp"

#include <boost/json.hpp>
#include <cmath>

namespace dbcord::guild {

namespace json = boost::json;

const json::value* find_value(const json::object& object, std::string_view key) {
  auto* value = object.if_contains(key);
  return value && !value->is_null() ? value : nullptr;
}

std::optional<std::string_view> as_text(const json::value& value) {
  auto* text = value.if_string();
  if (!text) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

std::optional<std::int64_t> as_integer(const json::value& value) {
  if (auto* i = value.if_int64()) return *i;
  if (auto* d = value.if_double(); d && std::trunc(*d) == *d && std::abs(*d) <= 9007199254740992.0) {
    return static_cast<std::int64_t>(*d);
  }
  return std::nullopt;  // a uint64 here is beyond every limit that we have
}

std::optional<double> as_number(const json::value& value) {
  if (auto* d = value.if_double()) return *d;
  if (auto* i = value.if_int64()) return static_cast<double>(*i);
  if (auto* u = value.if_uint64()) return static_cast<double>(*u);
  return std::nullopt;
}

std::optional<std::uint64_t> as_snowflake(const json::value& value) {
  if (auto text = as_text(value)) {
    auto id = base::parse_id<base::user_id>(*text);
    if (!id) return std::nullopt;
    return id->value;
  }
  if (auto* u = value.if_uint64()) return *u;
  if (auto* i = value.if_int64(); i && *i >= 0) return static_cast<std::uint64_t>(*i);
  return std::nullopt;
}

std::optional<std::string_view> text_field(const json::object& object, std::string_view key) {
  auto* value = find_value(object, key);
  return value ? as_text(*value) : std::nullopt;
}

std::optional<std::int64_t> integer_field(const json::object& object, std::string_view key) {
  auto* value = find_value(object, key);
  return value ? as_integer(*value) : std::nullopt;
}

std::optional<std::uint64_t> snowflake_field(const json::object& object, std::string_view key) {
  auto* value = find_value(object, key);
  return value ? as_snowflake(*value) : std::nullopt;
}

bool bool_field(const json::object& object, std::string_view key, bool otherwise) {
  auto* value = find_value(object, key);
  auto* yes = value ? value->if_bool() : nullptr;
  return yes ? *yes : otherwise;
}

const json::array* array_field(const json::object& object, std::string_view key) {
  auto* value = find_value(object, key);
  return value ? value->if_array() : nullptr;
}

const json::object* object_field(const json::object& object, std::string_view key) {
  auto* value = find_value(object, key);
  return value ? value->if_object() : nullptr;
}

std::optional<json::value> parse_json(std::string_view text) {
  boost::system::error_code ec;
  auto value = json::parse(text, ec);
  if (ec) return std::nullopt;
  return value;
}

}  // namespace dbcord::guild
