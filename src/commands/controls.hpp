#pragma once
// What a reply can offer beside its text: buttons and a form. Pressing or submitting gives a prepared command, with the rights of the
// person who does it; whatever a button does can be typed as well. Plain values.

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace dbcord::commands {

using argument_value = std::variant<std::string, bool, std::int64_t>;

struct prepared_command {
  std::string name;
  std::map<std::string, argument_value, std::less<>> arguments;
  bool in_place = true;  // its reply takes the place of the message with the button; else it is a message of its own
};

enum class button_style { primary = 1, plain = 2, danger = 4 };  // Discord docs, Button Styles

struct button {
  std::string label;  // up to 80 code points
  prepared_command command;
  button_style style = button_style::plain;
};

struct form_field {
  std::string argument;  // what is typed becomes this argument
  std::string label;     // up to 45 code points
  std::string value;     // up to form_text_max code points
};

inline constexpr std::size_t form_text_max = 4'000;  // code points (Discord docs, Text Input)

struct form {
  std::string title;  // up to 45 code points
  prepared_command command;
  std::vector<form_field> fields;
};

}  // namespace dbcord::commands
