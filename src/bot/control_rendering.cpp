#include "bot/control_rendering.hpp"

#include "base/code_points.hpp"

namespace dbcord::bot {
namespace {

namespace json = boost::json;

// Discord docs, Component Types, Text Input Styles.
constexpr int action_row = 1;
constexpr int button_type = 2;
constexpr int text_input = 4;
constexpr int label_type = 18;
constexpr int paragraph = 2;
constexpr std::size_t row_width = 5;
constexpr std::size_t longest_label = 80;  // code points

}  // namespace

json::array components_of(const std::vector<commands::button>& buttons, prepared_commands& prepared) {
  json::array row;
  for (const auto& b : buttons) {
    if (row.size() == row_width) break;
    json::object button;
    button["type"] = button_type;
    button["style"] = static_cast<int>(b.style);
    button["label"] = base::first_code_points(b.label, longest_label);
    button["custom_id"] = prepared.custom_id(b.command);
    row.push_back(std::move(button));
  }
  json::array components;
  if (row.empty()) return components;
  json::object line;
  line["type"] = action_row;
  line["components"] = std::move(row);
  components.push_back(std::move(line));
  return components;
}

json::object modal_of(const commands::form& form, prepared_commands& prepared) {
  json::array fields;
  for (const auto& f : form.fields) {
    json::object input;
    input["type"] = text_input;
    input["custom_id"] = f.argument;
    input["style"] = paragraph;
    input["value"] = f.value;
    input["max_length"] = commands::form_text_max;
    input["required"] = true;
    json::object label;
    label["type"] = label_type;
    label["label"] = f.label;
    label["component"] = std::move(input);
    fields.push_back(std::move(label));
  }
  json::object modal;
  modal["custom_id"] = prepared.custom_id(form.command);
  modal["title"] = form.title;
  modal["components"] = std::move(fields);
  return modal;
}

}  // namespace dbcord::bot
