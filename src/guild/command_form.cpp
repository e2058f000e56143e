#include "guild/command_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "guild/json_read.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t command_name_max = 32, description_max = 100, options_max = 25, choices_max = 25,
                      choice_max = 100, command_max = 8000;
constexpr int string_type = 3, integer_type = 4, number_type = 10, last_type = 11;

// Lower case, no white space or punctuation but '-', '_', '\''; letters of other scripts are let through.
bool is_command_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '\'';
    return plain || static_cast<unsigned char>(c) >= 0x80;
  });
}

class command_reader {
 public:
  explicit command_reader(form_errors& errors) : errors_(errors) {}

  app_command read(const json::object& form, const std::string& prefix) {
    app_command command;
    command.type = static_cast<int>(integer_field(form, "type").value_or(1));
    if (command.type < 1 || command.type > 3) {
      errors_.add(prefix + "type", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).");
    }
    auto& d = command.definition;
    d["type"] = command.type;
    command.name = read_name(form, prefix, command.type == 1);
    d["name"] = command.name;
    d["description"] = command.type == 1 ? read_description(form, prefix) : std::string();
    copy(form, d, "name_localizations");
    copy(form, d, "description_localizations");
    auto permissions = snowflake_field(form, "default_member_permissions");
    d["default_member_permissions"] = permissions ? json::value(std::to_string(*permissions)) : json::value();
    d["dm_permission"] = bool_field(form, "dm_permission", true);
    d["nsfw"] = bool_field(form, "nsfw");
    copy_array(form, d, "integration_types", json::array{0});  // the application's own default
    copy_array(form, d, "contexts", nullptr);
    if (command.type == 1) d["options"] = read_options(form, prefix, 0);
    if (size_ > command_max) {
      errors_.add(prefix + "name", "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)");
    }
    return command;
  }

 private:
  static void copy(const json::object& from, json::object& to, const char* key) {
    auto* value = from.if_contains(key);
    to[key] = value ? *value : json::value();
  }

  static void copy_array(const json::object& from, json::object& to, const char* key, json::value missing) {
    auto* list = array_field(from, key);
    to[key] = list ? json::value(*list) : std::move(missing);
  }

  std::string read_name(const json::object& form, const std::string& prefix, bool strict) {
    auto text = text_field(form, "name");
    if (!text) {
      errors_.required(prefix + "name");
      return {};
    }
    auto length = count_code_points(*text);
    if (length < 1 || length > command_name_max) errors_.too_long(prefix + "name", 1, command_name_max);
    if (strict && !is_command_name(*text)) {
      errors_.add(prefix + "name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
    size_ += length;
    return std::string(*text);
  }

  std::string read_description(const json::object& form, const std::string& prefix) {
    auto text = text_field(form, "description");
    if (!text) {
      errors_.required(prefix + "description");
      return {};
    }
    auto length = count_code_points(*text);
    if (length < 1 || length > description_max) errors_.too_long(prefix + "description", 1, description_max);
    size_ += length;
    return std::string(*text);
  }

  json::array read_options(const json::object& form, const std::string& prefix, int depth) {
    json::array made;
    auto* list = array_field(form, "options");
    if (!list) return made;
    if (list->size() > options_max) errors_.too_long(prefix + "options", 0, options_max);
    bool optional_seen = false;
    for (std::size_t i = 0; i < list->size() && i < options_max; ++i) {
      auto place = fmt::format("{}options.{}.", prefix, i);
      auto* o = (*list)[i].if_object();
      if (!o) {
        errors_.required(place + "name");
        continue;
      }
      auto option = read_option(*o, place, depth);
      bool required = bool_field(option, "required");
      if (required && optional_seen) {
        errors_.add(place + "required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                    "Required options must be placed before non-required options");
      }
      optional_seen |= !required;
      check_unique(made, option, place);
      made.push_back(std::move(option));
    }
    check_kinds(made, prefix);
    return made;
  }

  void check_unique(const json::array& made, const json::object& option, const std::string& place) {
    for (auto& other : made) {
      if (other.at("name") == option.at("name")) {
        errors_.add(place + "name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                    "Option name already exists");
      }
    }
  }

  void check_kinds(const json::array& made, const std::string& prefix) {
    auto is_sub = [](const json::value& o) { return o.at("type").as_int64() <= 2; };
    auto subs = std::count_if(made.begin(), made.end(), is_sub);
    if (subs != 0 && static_cast<std::size_t>(subs) != made.size()) {
      errors_.add(prefix + "options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                  "Sub-commands and other options cannot stand in one list.");
    }
  }

  json::object read_option(const json::object& form, const std::string& place, int depth) {
    json::object option;
    auto type = integer_field(form, "type").value_or(0);
    if (type < 1 || type > last_type || (type == 2 && depth > 0) || (type == 1 && depth > 1)) {
      errors_.add(place + "type", "BASE_TYPE_CHOICES", "This type of option cannot stand here.");
      type = string_type;
    }
    option["type"] = type;
    option["name"] = read_name(form, place, true);
    option["description"] = read_description(form, place);
    for (auto key : {"name_localizations", "description_localizations"}) {
      if (form.contains(key)) copy(form, option, key);
    }
    if (type <= 2) {
      option["options"] = read_options(form, place, depth + 1);
      return option;
    }
    if (bool_field(form, "required")) option["required"] = true;
    read_bounds(form, option, place, type);
    read_choices(form, option, place, type);
    return option;
  }

  void read_bounds(const json::object& form, json::object& option, const std::string& place,
                   std::int64_t type) {
    auto keep = [&](const char* key, bool allowed, bool valid) {
      if (!find_value(form, key)) return;
      if (!allowed || !valid) {
        errors_.add(place + key, "NUMBER_TYPE_COERCE", "Not a valid bound of this type of option.");
      } else {
        copy(form, option, key);
      }
    };
    bool numeric = type == integer_type || type == number_type;
    for (auto key : {"min_value", "max_value"}) {
      auto* value = find_value(form, key);
      keep(key, numeric, value && as_number(*value));
    }
    for (auto key : {"min_length", "max_length"}) {
      auto n = integer_field(form, key);
      keep(key, type == string_type, n && *n >= 0 && *n <= 6000);
    }
    if (array_field(form, "channel_types")) copy(form, option, "channel_types");
    if (array_field(form, "file_types")) copy(form, option, "file_types");
    if (find_value(form, "autocomplete")) option["autocomplete"] = bool_field(form, "autocomplete");
  }

  void read_choices(const json::object& form, json::object& option, const std::string& place,
                    std::int64_t type) {
    auto* list = array_field(form, "choices");
    if (!list || list->empty()) return;
    if (list->size() > choices_max) errors_.too_long(place + "choices", 0, choices_max);
    bool possible = type == string_type || type == integer_type || type == number_type;
    if (!possible || bool_field(form, "autocomplete")) {
      return errors_.add(place + "choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
                         "Choices need a string or number option without autocomplete.");
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      auto* o = (*list)[i].if_object();
      auto name = o ? text_field(*o, "name") : std::nullopt;
      auto* value = o ? find_value(*o, "value") : nullptr;
      bool right = value && (type == string_type ? value->is_string() : as_number(*value).has_value());
      bool short_name = name && !name->empty() && count_code_points(*name) <= choice_max;
      bool short_value = right && (type != string_type || count_code_points(*as_text(*value)) <= choice_max);
      if (!short_name || !short_value) {
        errors_.add(fmt::format("{}choices.{}", place, i), "BASE_TYPE_BAD_LENGTH",
                    "A choice has a name and a value of the option's type, up to 100 characters each.");
        continue;
      }
      size_ += count_code_points(*name) + (type == string_type ? count_code_points(*as_text(*value)) : 0);
    }
    option["choices"] = *list;
  }

  form_errors& errors_;
  std::size_t size_ = 0;
};

}  // namespace

app_command read_command_form(const json::object& form, const std::string& path, form_errors& errors) {
  command_reader reader(errors);
  return reader.read(form, path.empty() ? path : path + ".");
}

}  // namespace dbcord::guild
