#include "guild/thread_form.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "guild/json_read.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t thread_name_max = 100;
constexpr std::int64_t thread_slow_mode_max = 21600;  // seconds
constexpr std::array<std::int64_t, 4> durations{60, 1440, 4320, 10080};

void read_name(const json::object& form, channel_settings& c, form_errors& errors, bool required) {
  if (!form.contains("name") && !required) return;
  auto text = text_field(form, "name");
  if (!text) return errors.required("name");
  auto name = clean_content(*text);
  auto length = count_code_points(name);
  if (length < 1 || length > thread_name_max) return errors.too_long("name", 1, thread_name_max);
  c.name = std::move(name);
}

void read_duration(const json::object& form, thread_settings& t, form_errors& errors) {
  auto* value = find_value(form, "auto_archive_duration");
  if (!value) return;
  auto minutes = as_integer(*value);
  if (minutes && std::find(durations.begin(), durations.end(), *minutes) != durations.end()) {
    t.auto_archive_minutes = static_cast<int>(*minutes);
  } else {
    errors.add("auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of (60, 1440, 4320, 10080).");
  }
}

void read_slow_mode(const json::object& form, channel_settings& c, form_errors& errors) {
  auto* value = find_value(form, "rate_limit_per_user");
  if (!value) return;
  auto pause = as_integer(*value);
  if (pause && *pause >= 0 && *pause <= thread_slow_mode_max) {
    c.rate_limit_per_user = static_cast<int>(*pause);
  } else {
    errors.add("rate_limit_per_user", "NUMBER_TYPE_MAX", "int value should be between 0 and 21600.");
  }
}

void read_bool(const json::object& form, const char* key, bool& place, form_errors& errors) {
  auto* value = find_value(form, key);
  if (!value) return;
  if (value->is_bool()) {
    place = value->get_bool();
  } else {
    errors.add(key, "BASE_TYPE_BAD_TYPE", "Must be a boolean.");
  }
}

}  // namespace

outcome<channel_settings> read_thread_form(const json::object& form, channel_settings settings,
                                           bool creating) {
  form_errors errors;
  auto& t = *settings.thread;
  read_name(form, settings, errors, creating);
  read_duration(form, t, errors);
  read_slow_mode(form, settings, errors);
  if (settings.type == channel_types::private_thread) read_bool(form, "invitable", t.invitable, errors);
  if (!creating) {
    read_bool(form, "archived", t.archived, errors);
    read_bool(form, "locked", t.locked, errors);
  }
  if (!errors.empty()) return errors.take();
  return settings;
}

outcome<int> read_thread_type(const json::object& form) {
  auto* value = find_value(form, "type");
  if (!value) return channel_types::private_thread;
  auto type = as_integer(*value);
  if (type && channel_types::is_thread(static_cast<int>(*type))) return static_cast<int>(*type);
  return form_error("type", "BASE_TYPE_CHOICES", "Value must be one of (11, 12).");
}

}  // namespace dbcord::guild
