#include "guild/component_use.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "guild/component_form.hpp"
#include "guild/component_types.hpp"
#include "guild/json_read.hpp"
#include "guild/json_writer.hpp"
#include "guild/resolved_objects.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::int64_t file_upload = 19, radio_group = 21, checkbox_group = 22, checkbox = 23;

api_error invalid(std::string_view place, std::string_view message) {
  return form_error(place, "COMPONENT_VALIDATION_FAILED", message);
}

// Takes one field's values; what they name goes to `resolved`.
class value_checker {
 public:
  value_checker(world& w, base::channel_id where, const std::vector<uploaded_file>& files)
      : resolved_(w, where), files_(files) {}

  // An array as JSON text.
  outcome<std::string> values(const json::object& component, const json::object& given,
                              const std::string& place) {
    auto* list = array_field(given, "values");
    static const json::array none;
    auto& chosen = list ? *list : none;
    auto type = integer_field(component, "type").value_or(0);
    auto least = static_cast<std::size_t>(integer_field(component, "min_values").value_or(1));
    auto most = static_cast<std::size_t>(
        integer_field(component, "max_values").value_or(type == checkbox_group ? 10 : 1));
    bool optional = !bool_field(component, "required", true);
    bool fits = chosen.size() <= most && (chosen.size() >= least || (optional && chosen.empty()));
    if (!fits) return invalid(place + ".values", fmt::format("Choose {} to {} values.", least, most));
    json::array taken;
    for (auto& item : chosen) {
      auto value = one(component, type, item);
      bool twice = value && std::find(taken.begin(), taken.end(), *value) != taken.end();
      if (!value || twice) return invalid(place + ".values", "A value that the component does not offer.");
      taken.push_back(std::move(*value));
    }
    return json::serialize(taken);
  }

  resolved_objects& resolved() { return resolved_; }

 private:
  std::optional<json::value> one(const json::object& component, std::int64_t type, const json::value& item) {
    if (type == component_type::string_select || type == checkbox_group) return offered(component, item);
    auto id = as_snowflake(item);
    if (!id) return std::nullopt;
    if (type == file_upload) return upload(*id);
    if (!names(type, *id)) return std::nullopt;
    return json::value(std::to_string(*id));
  }

  static std::optional<json::value> offered(const json::object& component, const json::value& item) {
    auto* options = array_field(component, "options");
    auto value = as_text(item);
    if (!options || !value) return std::nullopt;
    for (auto& option : *options) {
      auto* o = option.if_object();
      if (o && text_field(*o, "value") == *value) return json::value(*value);
    }
    return std::nullopt;
  }

  bool names(std::int64_t type, std::uint64_t id) {
    if (type == component_type::user_select) return resolved_.add_user({id});
    if (type == component_type::role_select) return resolved_.add_role({id});
    if (type == component_type::channel_select) return resolved_.add_channel({id});
    return resolved_.add_user({id}) || resolved_.add_role({id});
  }

  std::optional<json::value> upload(std::uint64_t index) {
    for (auto& file : files_) {
      if (static_cast<std::uint64_t>(file.index) == index)
        return json::value(resolved_.add_upload(file).str());
    }
    return std::nullopt;
  }

  resolved_objects resolved_;
  const std::vector<uploaded_file>& files_;
};

outcome<std::string> filled_text(const json::object& component, const json::object& given,
                                 const std::string& place) {
  auto text = text_field(given, "value").value_or(std::string_view());
  auto length = static_cast<std::int64_t>(count_code_points(text));
  bool required = bool_field(component, "required", true);
  if (length == 0 && !required) return std::string();
  auto least = std::max<std::int64_t>(integer_field(component, "min_length").value_or(0), required ? 1 : 0);
  auto most = integer_field(component, "max_length").value_or(4000);
  if (length >= least && length <= most) return std::string(text);
  return form_error(place + ".value", "BASE_TYPE_BAD_LENGTH",
                    fmt::format("Must be between {} and {} in length.", least, most));
}

// Goes through a modal in its order, writing the answer beside.
class modal_answer {
 public:
  modal_answer(value_checker& values, const json::value& given, json_writer& j)
      : values_(values), given_(given), j_(j) {}

  outcome<void> entry(const json::object& shown) {
    auto type = integer_field(shown, "type").value_or(0);
    begin(shown, type);
    outcome<void> result;
    if (type == component_type::label) {
      j_.key("component");
      result = field(*object_field(shown, "component"));
    } else if (type == component_type::action_row) {
      j_.key("components");
      j_.begin_array();
      result = field(array_field(shown, "components")->at(0).as_object());
      j_.end_array();
    }
    j_.end_object();
    return result;
  }

 private:
  void begin(const json::object& shown, std::int64_t type) {
    j_.begin_object();
    j_.field("type", type);
    if (auto id = integer_field(shown, "id")) j_.field("id", *id);
  }

  outcome<void> field(const json::object& shown) {
    auto type = integer_field(shown, "type").value_or(0);
    auto custom_id = text_field(shown, "custom_id").value_or(std::string_view());
    auto* found = find_component(given_, custom_id);
    static const json::object nothing;
    begin(shown, type);
    j_.field("custom_id", custom_id);
    auto result = value(shown, found ? *found : nothing, type, fmt::format("data.components.{}", custom_id));
    j_.end_object();
    return result;
  }

  outcome<void> value(const json::object& shown, const json::object& given, std::int64_t type,
                      const std::string& place) {
    if (type == component_type::text_input) {
      auto text = filled_text(shown, given, place);
      if (!text) return text.error();
      j_.field("value", *text);
    } else if (type == checkbox) {
      j_.field("value", bool_field(given, "value"));
    } else if (type == radio_group) {
      return radio(shown, given, place);
    } else {
      auto list = values_.values(shown, given, place);
      if (!list) return list.error();
      j_.raw_field("values", *list);
    }
    return {};
  }

  outcome<void> radio(const json::object& shown, const json::object& given, const std::string& place) {
    auto text = text_field(given, "value");
    bool optional = !bool_field(shown, "required", true);
    auto* options = array_field(shown, "options");
    bool offered = text && options && std::any_of(options->begin(), options->end(), [&](auto& item) {
                     auto* o = item.if_object();
                     return o && text_field(*o, "value") == text;
                   });
    if (!offered && !(optional && !text)) return invalid(place + ".value", "Choose one of the options.");
    j_.field("value", text);
    return {};
  }

  value_checker& values_;
  const json::value& given_;
  json_writer& j_;
};

}  // namespace

outcome<checked_use> check_component_use(world& w, const json::object& component, const json::object& data,
                                         base::channel_id where) {
  static const std::vector<uploaded_file> no_files;
  value_checker values(w, where, no_files);
  checked_use use;
  json_writer j(use.data);
  j.begin_object();
  auto type = integer_field(component, "type").value_or(component_type::button);
  j.field("custom_id", text_field(component, "custom_id").value_or(std::string_view()));
  j.field("component_type", type);
  if (auto id = integer_field(component, "id")) j.field("id", *id);
  if (component_type::is_select(type)) {
    auto list = values.values(component, data, "data");
    if (!list) return list.error();
    j.raw_field("values", *list);
  }
  auto resolved = values.resolved().json();
  if (!resolved.empty()) j.raw_field("resolved", resolved);
  j.end_object();
  return use;
}

outcome<checked_use> check_modal_submit(world& w, const json::object& modal, const json::object& data,
                                        const std::vector<uploaded_file>& files, base::channel_id where) {
  auto custom_id = text_field(modal, "custom_id");
  if (text_field(data, "custom_id") != custom_id) return invalid("data.custom_id", "No such modal is open.");
  auto* given = data.if_contains("components");
  if (!given || !given->is_array())
    return form_error("data.components", "BASE_TYPE_REQUIRED", "This field is required");
  value_checker values(w, where, files);
  checked_use use;
  json_writer j(use.data);
  j.begin_object();
  j.field("custom_id", *custom_id);
  j.key("components");
  j.begin_array();
  modal_answer answer(values, *given, j);
  for (auto& shown : *array_field(modal, "components")) {
    if (auto ok = answer.entry(shown.as_object()); !ok) return ok.error();
  }
  j.end_array();
  auto resolved = values.resolved().json();
  if (!resolved.empty()) j.raw_field("resolved", resolved);
  j.end_object();
  use.uploads = values.resolved().store_uploads();
  return use;
}

}  // namespace dbcord::guild
