#include "guild/role_form.hpp"

#include <boost/json.hpp>

#include "guild/json_read.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t role_name_max = 100;
constexpr std::int64_t color_max = 0xFFFFFF;

void read_color(const json::value* value, const char* place, role& r, form_errors& errors) {
  if (!value) return;
  auto color = as_integer(*value);
  if (color && *color >= 0 && *color <= color_max) {
    r.color = static_cast<int>(*color);
  } else {
    errors.add(place, "NUMBER_TYPE_MAX", "int value should be between 0 and 16777215.");
  }
}

}  // namespace

outcome<role> read_role_form(const json::object& form, role r) {
  form_errors errors;
  if (auto* value = find_value(form, "name")) {
    auto text = as_text(*value);
    auto name = text ? clean_content(*text) : std::string();
    auto length = count_code_points(name);
    if (length < 1 || length > role_name_max) errors.too_long("name", 1, role_name_max);
    r.name = std::move(name);
  }
  if (auto* value = find_value(form, "permissions")) {
    auto bits = as_snowflake(*value);
    if (!bits) errors.add("permissions", "NUMBER_TYPE_COERCE", "Value is not a set of bits.");
    r.permissions = bits.value_or(0);
  }
  read_color(find_value(form, "color"), "color", r, errors);
  auto* colors = object_field(form, "colors");
  if (colors) read_color(find_value(*colors, "primary_color"), "colors.primary_color", r, errors);
  r.hoist = bool_field(form, "hoist", r.hoist);
  r.mentionable = bool_field(form, "mentionable", r.mentionable);
  if (!errors.empty()) return errors.take();
  return r;
}

}  // namespace dbcord::guild
