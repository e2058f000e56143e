// What a person typed, checked against the command's options (facts 3.12, 3.13).

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "guild/interactions.hpp"
#include "guild/json_read.hpp"
#include "guild/resolved_objects.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

enum option_type {
  sub_command = 1,
  sub_command_group,
  string,
  integer,
  boolean,
  user_option,
  channel_option,
  role_option,
  mentionable,
  number,
  attachment_option
};

constexpr std::size_t string_max = 6000;
constexpr double integer_max = 9007199254740991.0;  // 2^53-1

class option_checker {
 public:
  option_checker(world& w, const json::object& data, const std::vector<uploaded_file>& files,
                 base::channel_id where, bool autocomplete)
      : w_(w),
        data_(data),
        files_(files),
        autocomplete_(autocomplete),
        resolved_(w, where),
        j_(found_.options) {}

  outcome<checked_options> check(const app_command& command) {
    static const json::array none;
    auto* defined = array_field(command.definition, "options");
    auto* given = array_field(data_, "options");
    check_list(defined ? *defined : none, given ? *given : none, "data.options");
    if (too_large_) return errors::too_large();
    if (!errors_.empty()) return errors_.take();
    found_.uploads = resolved_.store_uploads();
    found_.resolved = resolved_.json();
    return std::move(found_);
  }

 private:
  static const json::object* find_named(const json::array& list, std::string_view name) {
    for (auto& item : list) {
      auto* o = item.if_object();
      if (o && text_field(*o, "name") == name) return o;
    }
    return nullptr;
  }

  void check_list(const json::array& defined, const json::array& given, const std::string& path) {
    j_.begin_array();
    std::vector<std::string_view> seen;
    for (std::size_t i = 0; i < given.size(); ++i) {
      auto place = fmt::format("{}.{}", path, i);
      auto* o = given[i].if_object();
      auto name = o ? text_field(*o, "name") : std::nullopt;
      auto* definition = name ? find_named(defined, *name) : nullptr;
      if (!definition) {
        errors_.add(place + ".name", "APPLICATION_COMMAND_OPTION_UNKNOWN",
                    fmt::format("The command has no option \"{}\".", name.value_or("?")));
      } else if (std::find(seen.begin(), seen.end(), *name) != seen.end()) {
        errors_.add(place + ".name", "APPLICATION_COMMAND_OPTION_DUPLICATE",
                    fmt::format("Option \"{}\" is given twice.", *name));
      } else {
        seen.push_back(*name);
        check_option(*definition, *o, place);
      }
    }
    j_.end_array();
    if (!autocomplete_) check_required(defined, seen, path);
  }

  void check_required(const json::array& defined, const std::vector<std::string_view>& seen,
                      const std::string& path) {
    bool subs = false, sub_given = false;
    for (auto& item : defined) {
      auto* defined_option = item.if_object();
      if (!defined_option) continue;
      auto& o = *defined_option;
      auto type = integer_field(o, "type").value_or(0);
      auto name = text_field(o, "name").value_or("");
      bool given = std::find(seen.begin(), seen.end(), name) != seen.end();
      bool sub = type == sub_command || type == sub_command_group;
      subs |= sub, sub_given |= sub && given;
      if (bool_field(o, "required") && !given) {
        errors_.add(path, "APPLICATION_COMMAND_OPTION_REQUIRED",
                    fmt::format("Option \"{}\" is required.", name));
      }
    }
    if (subs && (!sub_given || seen.size() != 1)) {
      errors_.add(path, "APPLICATION_COMMAND_SUB_COMMAND_REQUIRED", "Exactly one sub-command is required.");
    }
  }

  void check_option(const json::object& definition, const json::object& given, const std::string& place) {
    auto type = integer_field(definition, "type").value_or(0);
    if (auto stated = integer_field(given, "type"); stated && *stated != type) {
      return errors_.add(place + ".type", "APPLICATION_COMMAND_OPTION_TYPE",
                         fmt::format("This option's type is {}.", type));
    }
    j_.begin_object();
    j_.field("name", text_field(definition, "name").value_or(""));
    j_.field("type", type);
    if (type == sub_command || type == sub_command_group) {
      static const json::array none;
      auto* inner_defined = array_field(definition, "options");
      auto* inner_given = array_field(given, "options");
      j_.key("options");
      check_list(inner_defined ? *inner_defined : none, inner_given ? *inner_given : none,
                 place + ".options");
    } else {
      write_value(definition, given, type, place + ".value");
    }
    if (autocomplete_ && bool_field(given, "focused")) j_.field("focused", true);
    j_.end_object();
  }

  void write_value(const json::object& definition, const json::object& given, std::int64_t type,
                   const std::string& place) {
    auto* value = find_value(given, "value");
    if (!value) return errors_.required(place);
    if (autocomplete_) return j_.raw_field("value", json::serialize(*value));  // unfinished input is fine
    switch (type) {
      case string:
        return check_string(definition, *value, place);
      case integer:
        return check_number(definition, *value, place, true);
      case number:
        return check_number(definition, *value, place, false);
      case boolean:
        if (!value->is_bool()) return bad_type(place, "a boolean");
        return j_.field("value", value->get_bool());
      case attachment_option:
        return check_attachment(*value, place);
      default:
        return check_reference(type, *value, place);
    }
  }

  void bad_type(const std::string& place, std::string_view wanted) {
    errors_.add(place, "BASE_TYPE_BAD_TYPE", fmt::format("The value must be {}.", wanted));
  }

  bool is_choice(const json::object& definition, const json::value& value, const std::string& place) {
    auto* choices = array_field(definition, "choices");
    if (!choices || choices->empty()) return true;
    for (auto& choice : *choices) {
      auto* o = choice.if_object();
      auto* offered = o ? find_value(*o, "value") : nullptr;
      if (offered && *offered == value) return true;
    }
    errors_.add(place, "BASE_TYPE_CHOICES", "The value is none of the choices.");
    return false;
  }

  void check_string(const json::object& definition, const json::value& value, const std::string& place) {
    auto text = as_text(value);
    if (!text) return bad_type(place, "a string");
    auto length = static_cast<std::int64_t>(count_code_points(*text));
    auto least = integer_field(definition, "min_length").value_or(0);
    auto most = integer_field(definition, "max_length").value_or(string_max);
    if (length < least || length > most) {
      return errors_.too_long(place, static_cast<std::size_t>(least), static_cast<std::size_t>(most));
    }
    if (is_choice(definition, value, place)) j_.field("value", *text);
  }

  void check_number(const json::object& definition, const json::value& value, const std::string& place,
                    bool whole) {
    auto n = as_number(value);
    if (!n || (whole && !as_integer(value)) || *n < -integer_max || *n > integer_max) {
      return bad_type(place, whole ? "an integer within 2^53" : "a number within 2^53");
    }
    auto bound = [&](const char* key, double otherwise) {
      auto* v = find_value(definition, key);
      return v ? as_number(*v).value_or(otherwise) : otherwise;
    };
    double least = bound("min_value", -integer_max), most = bound("max_value", integer_max);
    if (*n < least || *n > most) {
      return errors_.add(place, "NUMBER_TYPE_MAX",
                         fmt::format("Value should be between {} and {}.", least, most));
    }
    if (!is_choice(definition, value, place)) return;
    if (whole) {
      j_.field("value", *as_integer(value));
    } else {
      j_.raw_field("value", json::serialize(value));
    }
  }

  // The client says attachments:[{id, filename}] and sends the bytes as files[id].
  void check_attachment(const json::value& value, const std::string& place) {
    auto id = as_snowflake(value);
    if (!id) return bad_type(place, "the id of an uploaded file");
    auto same = [&](const uploaded_file& f) { return static_cast<std::uint64_t>(f.index) == *id; };
    auto file = std::find_if(files_.begin(), files_.end(), same);
    if (file == files_.end()) {
      return errors_.add(place, "ATTACHMENT_NOT_FOUND", "No file of this request has this id.");
    }
    if (file->bytes.size() > w_.options.upload_limit) too_large_ = true;
    j_.field("value", resolved_.add_upload(*file));
  }

  void check_reference(std::int64_t type, const json::value& value, const std::string& place) {
    auto id = as_snowflake(value);
    if (!id) return bad_type(place, "an id");
    bool is_user = type == user_option || type == mentionable;
    bool is_role = type == role_option || type == mentionable;
    bool found = (is_user && resolved_.add_user({*id})) || (is_role && resolved_.add_role({*id})) ||
                 (type == channel_option && resolved_.add_channel({*id}));
    if (!found)
      return errors_.add(place, "BASE_TYPE_CHOICES", "The guild has nothing of that type with this id.");
    j_.key("value");
    j_.quoted_number(*id);
  }

  world& w_;
  const json::object& data_;
  const std::vector<uploaded_file>& files_;
  bool autocomplete_;
  bool too_large_ = false;
  form_errors errors_;
  checked_options found_;
  resolved_objects resolved_;
  json_writer j_;
};

}  // namespace

outcome<checked_options> check_options(world& w, const app_command& command, const json::object& data,
                                       const std::vector<uploaded_file>& files, base::channel_id where,
                                       bool autocomplete) {
  option_checker checker(w, data, files, where, autocomplete);
  return checker.check(command);
}

}  // namespace dbcord::guild
