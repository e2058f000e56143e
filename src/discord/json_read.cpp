#include "discord/json_read.hpp"

#include <boost/json/parse.hpp>

namespace dbcord::discord {

std::optional<boost::json::value> parse_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 128;
  boost::system::error_code ec;
  auto value = boost::json::parse(text, ec, {}, options);
  if (ec) return std::nullopt;
  return value;
}

std::optional<boost::json::object> parse_object(std::string_view text) {
  auto value = parse_json(text);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

std::optional<boost::json::array> parse_array(std::string_view text) {
  auto value = parse_json(text);
  if (!value || !value->is_array()) return std::nullopt;
  return std::move(value->get_array());
}

std::string string_at(const boost::json::object& o, std::string_view key) {
  auto* v = o.if_contains(key);
  return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

std::optional<std::int64_t> integer_at(const boost::json::object& o, std::string_view key) {
  auto* v = o.if_contains(key);
  if (!v) return std::nullopt;
  boost::system::error_code ec;
  auto number = v->to_number<std::int64_t>(ec);
  if (ec) return std::nullopt;
  return number;
}

bool bool_at(const boost::json::object& o, std::string_view key) {
  auto* v = o.if_contains(key);
  return v && v->is_bool() && v->get_bool();
}

const boost::json::object* object_at(const boost::json::object& o, std::string_view key) {
  auto* v = o.if_contains(key);
  return v ? v->if_object() : nullptr;
}

const boost::json::array* array_at(const boost::json::object& o, std::string_view key) {
  auto* v = o.if_contains(key);
  return v ? v->if_array() : nullptr;
}

std::optional<std::uint64_t> bits_at(const boost::json::object& o, std::string_view key) {
  auto id = base::parse_id<base::role_id>(string_at(o, key));
  if (!id) return std::nullopt;
  return id->value;
}

}  // namespace dbcord::discord
