#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "commands/command_line.hpp"
#include "commands/command_table.hpp"

namespace dbcord::commands {
namespace {

namespace json = boost::json;

// Discord docs, Application Commands, Application Command Option Type.
enum option_type { type_string = 3, type_integer = 4, type_boolean = 5, type_attachment = 11 };
constexpr int chat_input = 1;
constexpr int sub_command_group = 2;  // and 1, sub-command

int option_type_of(argument_kind kind) {
  switch (kind) {
    case argument_kind::integer: return type_integer;
    case argument_kind::boolean: return type_boolean;
    case argument_kind::attachment: return type_attachment;
    default: return type_string;
  }
}

argument_kind kind_of(std::int64_t option_type) {
  switch (option_type) {
    case type_integer: return argument_kind::integer;
    case type_boolean: return argument_kind::boolean;
    case type_attachment: return argument_kind::attachment;
    default: return argument_kind::text;
  }
}

json::object option_of(const argument& a) {
  json::object option;
  option["type"] = option_type_of(a.kind);
  option["name"] = a.name;
  option["description"] = a.description;
  option["required"] = a.required;
  if (a.complete != completion::none) option["autocomplete"] = true;
  if (a.kind == argument_kind::integer) {
    option["min_value"] = a.min;
    option["max_value"] = a.max;
  }
  return option;
}

json::object definition_of(const command& c) {
  json::object definition;
  definition["type"] = static_cast<int>(c.kind);
  definition["name"] = c.name;
  definition["description"] = c.kind == command_kind::slash ? c.help : std::string_view();
  if (c.needed == permission::everyone)
    definition["default_member_permissions"] = nullptr;
  else
    definition["default_member_permissions"] = std::to_string(static_cast<std::uint64_t>(c.needed));
  json::array options;
  for (const auto& a : c.arguments) options.push_back(option_of(a));
  if (c.kind == command_kind::slash) definition["options"] = std::move(options);
  return definition;
}

std::string string_at(const json::object& o, std::string_view name) {
  auto value = o.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t integer_at(const json::object& o, std::string_view name, std::int64_t otherwise) {
  auto value = o.if_contains(name);
  return value && value->is_int64() ? value->get_int64() : otherwise;
}

// Whole numbers may come as 25 or 25.0; a bound beyond what a double counts exactly is none.
std::optional<std::int64_t> bound_at(const json::object& o, std::string_view name) {
  auto value = o.if_contains(name);
  if (!value) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (value->is_double() && std::abs(value->get_double()) <= 9'007'199'254'740'992.0)
    return static_cast<std::int64_t>(value->get_double());
  return std::nullopt;
}

bool flag_at(const json::object& o, std::string_view name) {
  auto value = o.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

const json::array* options_of(const json::object& definition) {
  auto value = definition.if_contains("options");
  return value ? value->if_array() : nullptr;
}

// False for commands that cannot be typed as a plain line.
bool read_definition(const json::object& from, command_definition& into) {
  into.name = string_at(from, "name");
  if (into.name.empty() || integer_at(from, "type", chat_input) != chat_input) return false;
  auto options = options_of(from);
  if (!options) return true;
  for (const auto& value : *options) {
    auto option = value.if_object();
    if (!option || integer_at(*option, "type", type_string) <= sub_command_group) return false;
    argument_definition a;
    a.name = string_at(*option, "name");
    a.kind = kind_of(integer_at(*option, "type", type_string));
    a.required = flag_at(*option, "required");
    a.min = bound_at(*option, "min_value");
    a.max = bound_at(*option, "max_value");
    into.arguments.push_back(std::move(a));
  }
  return true;
}

}  // namespace

std::string command_definitions_json() {
  json::array definitions;
  for (const auto& c : table()) definitions.push_back(definition_of(c));
  return json::serialize(definitions);
}

std::vector<command_definition> command_definitions() {
  std::vector<command_definition> definitions;
  for (const auto& c : table()) {
    if (c.kind != command_kind::slash) continue;
    command_definition d;
    d.name = c.name;
    for (const auto& a : c.arguments) {
      argument_definition argument{std::string(a.name), a.kind, a.required, {}, {}};
      if (a.kind == argument_kind::integer) {
        argument.min = a.min;
        argument.max = a.max;
      }
      d.arguments.push_back(std::move(argument));
    }
    definitions.push_back(std::move(d));
  }
  return definitions;
}

base::result<std::vector<command_definition>> command_definitions_from_json(std::string_view text) {
  boost::system::error_code ec;
  auto value = json::parse(json::string_view(text.data(), text.size()), ec);
  auto list = ec ? nullptr : value.if_array();
  if (!list) return base::error(base::errc::invalid_argument, "The guild's list of commands is not a JSON array.");
  std::vector<command_definition> definitions;
  for (const auto& entry : *list) {
    command_definition d;
    if (auto object = entry.if_object(); object && read_definition(*object, d)) definitions.push_back(std::move(d));
  }
  return definitions;
}

}  // namespace dbcord::commands
