#include "guild/component_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <string>

#include "guild/component_types.hpp"
#include "guild/json_read.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

struct length_range {
  std::size_t least, most;
};

// Walks one form; remembers the custom_ids that it met.
class component_checker {
 public:
  explicit component_checker(form_errors& errors) : errors_(errors) {}

  void message_row(const json::value& value, const std::string& place) {
    auto* row = value.if_object();
    auto* inner = row && integer_field(*row, "type") == component_type::action_row
                      ? array_field(*row, "components")
                      : nullptr;
    if (!inner) return choice(place + ".type", "(1,)");
    if (inner->empty() || inner->size() > 5) return errors_.too_long(place + ".components", 1, 5);
    for (std::size_t i = 0; i < inner->size(); ++i) {
      row_member((*inner)[i], fmt::format("{}.components.{}", place, i), inner->size());
    }
  }

  void modal_entry(const json::value& value, const std::string& place) {
    auto* o = value.if_object();
    auto type = o ? integer_field(*o, "type") : std::nullopt;
    if (type == component_type::text_display) return text(*o, "content", place, {1, 4000}, true);
    if (type == component_type::label) return label(*o, place);
    auto* inner = type == component_type::action_row ? array_field(*o, "components") : nullptr;
    if (!inner) return choice(place + ".type", "(1, 10, 18)");
    auto* field = inner->size() == 1 ? (*inner)[0].if_object() : nullptr;
    if (!field || integer_field(*field, "type") != component_type::text_input)
      return choice(place + ".components.0.type", "(4,)");
    text(*field, "label", place + ".components.0", {1, 45}, true);
    text_input(*field, place + ".components.0");
  }

  void text(const json::object& o, const char* key, const std::string& place, length_range range,
            bool required) {
    auto where = place.empty() ? std::string(key) : place + "." + key;
    auto* value = find_value(o, key);
    if (!value) return required ? errors_.required(where) : void();
    auto found = as_text(*value);
    if (!found) return errors_.add(where, "BASE_TYPE_BAD_TYPE", "Must be a string.");
    auto length = count_code_points(*found);
    if (length < range.least || length > range.most) errors_.too_long(where, range.least, range.most);
  }

 private:
  void choice(const std::string& place, std::string_view values) {
    errors_.add(place, "BASE_TYPE_CHOICES", fmt::format("Value must be one of {}.", values));
  }

  std::int64_t number(const json::object& o, const char* key, const std::string& place, std::int64_t least,
                      std::int64_t most, std::int64_t otherwise) {
    auto* value = find_value(o, key);
    if (!value) return otherwise;
    auto n = as_integer(*value);
    if (n && *n >= least && *n <= most) return *n;
    errors_.add(place + "." + key, "NUMBER_TYPE_MAX",
                fmt::format("int value should be between {} and {}.", least, most));
    return otherwise;
  }

  void custom_id(const json::object& o, const std::string& place) {
    text(o, "custom_id", place, {1, 100}, true);
    auto id = text_field(o, "custom_id");
    if (id && !ids_.emplace(*id).second)
      errors_.add(place + ".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED",
                  "Component custom id cannot be duplicated");
  }

  void row_member(const json::value& value, const std::string& place, std::size_t together) {
    auto* o = value.if_object();
    auto type = o ? integer_field(*o, "type") : std::nullopt;
    if (type == component_type::button) return button(*o, place);
    if (!type || !component_type::is_select(*type)) return choice(place + ".type", "(2, 3, 5, 6, 7, 8)");
    if (together > 1)
      errors_.add(place, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select needs a row of its own");
    select(*o, place);
  }

  void button(const json::object& o, const std::string& place) {
    auto style = number(o, "style", place, 1, 6, 0);
    if (!find_value(o, "style")) return errors_.required(place + ".style");
    text(o, "label", place, {0, 80}, false);
    bool bare = text_field(o, "label").value_or("").empty() && !object_field(o, "emoji");
    if (bare && style != 6)
      errors_.add(place, "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL", "A button needs a label or an emoji");
    if (style >= 1 && style <= 4) custom_id(o, place);
    if (style == 5) link(o, place);
    if (style == 6 && !find_value(o, "sku_id")) errors_.required(place + ".sku_id");
    bool both = style >= 5 && find_value(o, "custom_id");
    if (both)
      errors_.add(place + ".custom_id", "BUTTON_COMPONENT_CUSTOM_ID_NOT_ALLOWED",
                  "A custom id does not go with this style");
  }

  void link(const json::object& o, const std::string& place) {
    text(o, "url", place, {1, 512}, true);
    auto url = text_field(o, "url").value_or("https://");
    bool known = url.starts_with("http://") || url.starts_with("https://") || url.starts_with("discord://");
    if (!known)
      errors_.add(place + ".url", "URL_TYPE_INVALID_SCHEME",
                  "Scheme must be one of ('http', 'https', 'discord').");
  }

  void select(const json::object& o, const std::string& place) {
    custom_id(o, place);
    text(o, "placeholder", place, {0, 150}, false);
    auto least = number(o, "min_values", place, 0, 25, 1);
    auto most = number(o, "max_values", place, 1, 25, 1);
    if (least > most)
      errors_.add(place + ".max_values", "SELECT_COMPONENT_INVALID_RANGE", "Less than min_values");
    if (integer_field(o, "type") == component_type::string_select) options(o, place, most);
  }

  void options(const json::object& o, const std::string& place, std::int64_t most) {
    auto* list = array_field(o, "options");
    if (!list) return errors_.required(place + ".options");
    if (list->empty() || list->size() > 25) return errors_.too_long(place + ".options", 1, 25);
    if (static_cast<std::size_t>(most) > list->size())
      errors_.add(place + ".max_values", "SELECT_COMPONENT_INVALID_RANGE", "More than there are options");
    std::set<std::string, std::less<>> values;
    for (std::size_t i = 0; i < list->size(); ++i) {
      auto at = fmt::format("{}.options.{}", place, i);
      auto* option = (*list)[i].if_object();
      if (!option) {
        errors_.required(at + ".label");
        continue;
      }
      text(*option, "label", at, {1, 100}, true);
      text(*option, "value", at, {1, 100}, true);
      text(*option, "description", at, {0, 100}, false);
      auto value = text_field(*option, "value");
      if (value && !values.emplace(*value).second)
        errors_.add(at + ".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                    "The specified option value is already used");
    }
  }

  void label(const json::object& o, const std::string& place) {
    text(o, "label", place, {1, 45}, true);
    text(o, "description", place, {0, 100}, false);
    auto* field = object_field(o, "component");
    if (!field) return errors_.required(place + ".component");
    auto inside = place + ".component";
    auto type = integer_field(*field, "type").value_or(0);
    if (type == component_type::text_input) return text_input(*field, inside);
    if (component_type::is_select(type)) return select(*field, inside);
    bool known = type == 19 || (type >= 21 && type <= 23);
    if (!known) return choice(inside + ".type", "(3, 4, 5, 6, 7, 8, 19, 21, 22, 23)");
    custom_id(*field, inside);
  }

  void text_input(const json::object& o, const std::string& place) {
    custom_id(o, place);
    number(o, "style", place, 1, 2, 1);
    if (!find_value(o, "style")) errors_.required(place + ".style");
    auto least = number(o, "min_length", place, 0, 4000, 0);
    auto most = number(o, "max_length", place, 1, 4000, 4000);
    if (least > most) errors_.add(place + ".max_length", "NUMBER_TYPE_MIN", "Less than min_length");
    text(o, "value", place, {0, 4000}, false);
    text(o, "placeholder", place, {0, 100}, false);
  }

  form_errors& errors_;
  std::set<std::string, std::less<>> ids_;
};

}  // namespace

void check_component_rows(const json::array& rows, form_errors& errors) {
  if (rows.size() > 5) return errors.too_long("components", 0, 5);
  component_checker checker(errors);
  for (std::size_t i = 0; i < rows.size(); ++i) checker.message_row(rows[i], fmt::format("components.{}", i));
}

void check_modal(const json::object& modal, form_errors& errors) {
  component_checker checker(errors);
  checker.text(modal, "custom_id", "data", {1, 100}, true);
  checker.text(modal, "title", "data", {1, 45}, true);
  auto* list = array_field(modal, "components");
  if (!list) return errors.required("data.components");
  if (list->empty() || list->size() > 5) return errors.too_long("data.components", 1, 5);
  for (std::size_t i = 0; i < list->size(); ++i)
    checker.modal_entry((*list)[i], fmt::format("data.components.{}", i));
}

const json::object* find_component(const json::value& components, std::string_view custom_id) {
  if (auto* array = components.if_array()) {
    for (auto& item : *array) {
      if (auto* found = find_component(item, custom_id)) return found;
    }
    return nullptr;
  }
  auto* object = components.if_object();
  if (!object) return nullptr;
  if (text_field(*object, "custom_id") == custom_id) return object;
  for (auto key : {"components", "component"}) {
    auto* inner = object->if_contains(key);
    auto* found = inner ? find_component(*inner, custom_id) : nullptr;
    if (found) return found;
  }
  return nullptr;
}

}  // namespace dbcord::guild
