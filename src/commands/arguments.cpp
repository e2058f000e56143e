#include "commands/arguments.hpp"

#include <fmt/format.h>

#include "base/code_points.hpp"
#include "commands/json_scan.hpp"
#include "commands/nearest_name.hpp"
#include "commands/repeated_name.hpp"
#include "commands/reply_text.hpp"
#include "database/errors.hpp"
#include "database/row_input.hpp"
#include "protocol/names.hpp"

namespace dbcord::commands {
namespace {

constexpr std::size_t longest_name = 32;
constexpr std::size_t longest_field = 64;  // code points

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_usable_name(std::string_view name) {
  if (name.empty() || name.size() > longest_name || !is_word(name.front()) || !is_word(name.back())) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    bool joint = name[i] == '-' || name[i] == '_';
    if (!is_word(name[i]) && !(joint && is_word(name[i + 1]))) return false;
  }
  return true;
}

// The nearest usable name: "My Shop" → "my-shop".
std::string usable_form(std::string_view name) {
  std::string form;
  for (char c : name) {
    char l = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (is_word(l)) form += l;
    else if (!form.empty() && is_word(form.back())) form += l == '_' ? '_' : '-';
    if (form.size() == longest_name) break;
  }
  while (!form.empty() && !is_word(form.back())) form.pop_back();
  return form;
}

std::string_view kind_name(argument_kind kind) {
  switch (kind) {
    case argument_kind::integer: return "a whole number";
    case argument_kind::boolean: return "true or false";
    default: return "text";
  }
}

bool has_type(argument_kind kind, const argument_value& value) {
  switch (kind) {
    case argument_kind::integer: return std::holds_alternative<std::int64_t>(value);
    case argument_kind::boolean: return std::holds_alternative<bool>(value);
    default: return std::holds_alternative<std::string>(value);
  }
}

complaint check_present(const argument& a, const invocation& call) {
  if (a.kind == argument_kind::attachment) {
    if (a.required && !call.attachments.contains(a.name)) return fmt::format("{}: attach a file.", a.name);
    return std::nullopt;
  }
  auto it = call.arguments.find(a.name);
  if (it == call.arguments.end()) {
    if (a.required) return fmt::format("{}: this argument is missing; it is {}.", a.name, a.description);
    return std::nullopt;
  }
  if (!has_type(a.kind, it->second)) return fmt::format("{}: must be {}.", a.name, kind_name(a.kind));
  if (a.kind == argument_kind::integer) {
    auto n = std::get<std::int64_t>(it->second);
    if (n < a.min || n > a.max) return fmt::format("{}: must be from {} to {}, not {}.", a.name, a.min, a.max, n);
  } else if (a.kind == argument_kind::json) {
    return check_json_object(a.name, std::get<std::string>(it->second));
  } else if (a.kind == argument_kind::text) {
    const auto& given = std::get<std::string>(it->second);
    if (given.empty()) return fmt::format("{}: must not be empty.", a.name);
    if (find_invalid_utf8(given)) return fmt::format("{}: must be text in UTF-8.", a.name);
    auto usable = a.name == "key" ? database::check_key(given) : base::result<void>();
    if (!usable && usable.error().code == database::errc::too_large) return usable.error().message + ".";
  }
  return std::nullopt;
}

// Discord takes 6,000 characters of a typed argument; a longer one comes as a file.
complaint check_one_of_two(const command& definition, const argument& a, const invocation& call) {
  if (a.or_file.empty()) return std::nullopt;
  bool typed = has_argument(call, a.name), attached = call.attachments.contains(a.or_file);
  if (typed && attached) return fmt::format("{}: {} is given as well; give one of the two.", a.name, a.or_file);
  if (typed || attached || definition.form_unless == a.name) return std::nullopt;
  return fmt::format("{}: this argument is missing; it is {}, or attach a {} that holds it.", a.name, a.description, a.or_file);
}

complaint check_known(const command& definition, std::string_view given) {
  std::vector<std::string> names;
  for (const auto& a : definition.arguments) {
    if (a.name == given) return std::nullopt;
    names.emplace_back(a.name);
  }
  auto near = nearest_name(given, names);
  auto hint = near.empty() ? "its arguments are " + list_names(names) : fmt::format("did you mean `{}`?", near);
  return fmt::format("/{} has no argument {}; {}{}", definition.name, quote(given), hint, near.empty() ? "." : "");
}

}  // namespace

bool has_argument(const invocation& call, std::string_view name) { return call.arguments.contains(name); }

std::string text_argument(const invocation& call, std::string_view name) {
  auto it = call.arguments.find(name);
  if (it == call.arguments.end()) return {};
  auto text = std::get_if<std::string>(&it->second);
  return text ? *text : std::string();
}

std::int64_t integer_argument(const invocation& call, std::string_view name, std::int64_t otherwise) {
  auto it = call.arguments.find(name);
  if (it == call.arguments.end()) return otherwise;
  auto number = std::get_if<std::int64_t>(&it->second);
  return number ? *number : otherwise;
}

bool boolean_argument(const invocation& call, std::string_view name, bool otherwise) {
  auto it = call.arguments.find(name);
  if (it == call.arguments.end()) return otherwise;
  const auto* value = std::get_if<bool>(&it->second);
  return value ? *value : otherwise;
}

complaint check_arguments(const command& definition, const invocation& call) {
  for (const auto& [name, value] : call.arguments)
    if (auto bad = check_known(definition, name)) return bad;
  for (const auto& [name, value] : call.attachments)
    if (auto bad = check_known(definition, name)) return bad;
  for (const auto& a : definition.arguments)
    if (auto bad = check_present(a, call)) return bad;
  for (const auto& a : definition.arguments)
    if (auto bad = check_one_of_two(definition, a, call)) return bad;
  return std::nullopt;
}

complaint check_new_name(std::string_view argument, std::string_view value) {
  if (is_usable_name(value)) return std::nullopt;
  auto form = usable_form(value);
  auto hint = is_usable_name(form) && form != value ? fmt::format(" Try `{}`.", form) : std::string();
  return fmt::format(
      "{}: {} is not usable as a name; use up to 32 of a-z and 0-9, with single - or _ between them.{}", argument,
      quote(value), hint);
}

complaint check_field_name(std::string_view argument, std::string_view value) {
  bool legible = !protocol::has_control_character(value) && !protocol::has_invisible_mark(value) && value.find('`') == std::string_view::npos;
  bool bare = value.front() != ' ' && value.back() != ' ';
  if (value.front() != '$' && value.find('.') == std::string_view::npos && legible && bare && base::count_code_points(value) <= longest_field) return std::nullopt;
  return fmt::format("{}: {} is not usable as a field; use up to 64 visible characters, no dots, no back-ticks, no blanks at its ends, and no $ in front.", argument,
                     quote(value));
}

complaint check_json_object(std::string_view argument, std::string_view value) {
  auto scan = scan_document(value);
  if (!scan.good()) return fmt::format("{}: not valid JSON {}.", argument, describe(value, scan));
  if (auto twice = repeated_name(value)) return fmt::format("{}: {}.", argument, named_twice(*twice));
  if (value[skip_space(value, 0)] == '{') return std::nullopt;
  return fmt::format("{}: must be a JSON object like {{\"name\": \"value\"}}, not {}.", argument, quote(value, 30));
}

}  // namespace dbcord::commands
