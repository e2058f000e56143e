#include "app/interaction_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <filesystem>

#include "app/text_file.hpp"
#include "base/code_points.hpp"
#include "commands/json_scan.hpp"

namespace dbcord::app {
namespace {

namespace json = boost::json;

// Discord docs: Application Command Option Type, Interaction Type.
constexpr int option_string = 3;
constexpr int option_integer = 4;
constexpr int option_boolean = 5;
constexpr int option_attachment = 11;
constexpr int application_command = 2;
constexpr int autocomplete = 4;
constexpr int chat_input = 1;
constexpr std::size_t longest_text = 6'000;  // code points; the same table, max_length

int option_type(commands::argument_kind kind) {
  switch (kind) {
    case commands::argument_kind::integer: return option_integer;
    case commands::argument_kind::boolean: return option_boolean;
    case commands::argument_kind::attachment: return option_attachment;
    default: return option_string;
  }
}

struct value_to_json {
  json::value operator()(const std::string& text) const { return json::value(text); }
  json::value operator()(bool flag) const { return json::value(flag); }
  json::value operator()(std::int64_t number) const { return json::value(number); }
};

// Adds the file to the request; the option's value is its number among the attachments.
base::result<json::value> attach(base::result<discord::file_part> file, interaction_request& request,
                                 json::array& attachments) {
  if (!file) return file.error();
  auto id = std::to_string(attachments.size());
  attachments.push_back(json::object{{"id", id}, {"filename", file->filename}, {"file_size", file->bytes.size()}});
  request.files.push_back(std::move(*file));
  return json::value(id);
}

bool takes_file(const json::object& command) {
  const auto* options = command.if_contains("options");
  const auto* list = options ? options->if_array() : nullptr;
  if (!list) return false;
  return std::any_of(list->begin(), list->end(), [](const json::value& option) {
    const auto* type = option.is_object() ? option.get_object().if_contains("type") : nullptr;
    return type && *type == option_attachment;
  });
}

// Discord would refuse the whole interaction, in words that name no argument.
std::optional<base::error> too_long(const commands::parsed_argument& argument, const json::object& command) {
  const auto* text = std::get_if<std::string>(&argument.value);
  if (!text || argument.kind == commands::argument_kind::attachment) return std::nullopt;
  auto length = base::count_code_points(*text);
  if (length <= longest_text) return std::nullopt;
  return base::error(base::errc::invalid_argument, fmt::format("{}: it has {} characters, and Discord takes at most {} in an argument; {}", argument.name, length, longest_text,
                                                               takes_file(command) ? "put it into a file, and give file: with its path instead" : "make it shorter"));
}

json::object data_of(const std::string& name, const json::object& command, json::array options) {
  json::object data{{"type", chat_input}, {"name", name}};
  for (auto member : {"id", "version"})
    if (auto* value = command.if_contains(member)) data[member] = *value;
  data["options"] = std::move(options);
  return data;
}

json::object payload_of(int type, const interaction_place& place, std::string_view nonce, json::object data) {
  json::object payload{{"type", type},
                       {"application_id", place.application.str()},
                       {"guild_id", place.guild.str()},
                       {"channel_id", place.channel.str()},
                       {"session_id", place.session_id},
                       {"nonce", nonce}};
  payload["data"] = std::move(data);
  return payload;
}

}  // namespace

base::result<discord::file_part> read_file_part(const std::string& path) {
  auto bytes = read_text_file(path);
  if (!bytes) return bytes.error();
  discord::file_part part;
  part.filename = std::filesystem::path(path).filename().string();
  part.bytes = std::move(*bytes);
  return part;
}

base::result<interaction_request> make_interaction(const commands::parsed_line& line, const json::object& command,
                                                   const interaction_place& place, std::string_view nonce,
                                                   const file_source& files) {
  interaction_request request;
  json::array attachments;
  json::array options;
  for (const auto& argument : line.arguments) {
    if (auto refused = too_long(argument, command)) return *refused;
    base::result<json::value> value = std::visit(value_to_json{}, argument.value);
    if (argument.kind == commands::argument_kind::attachment)
      value = attach(files(std::get<std::string>(argument.value)), request, attachments);
    if (!value)
      return base::error(value.error().code, fmt::format("{}: {}", argument.name, value.error().message));
    options.push_back(json::object{{"type", option_type(argument.kind)}, {"name", argument.name}, {"value", *value}});
  }
  auto data = data_of(line.command, command, std::move(options));
  data["attachments"] = std::move(attachments);
  request.payload = payload_of(application_command, place, nonce, std::move(data));
  return request;
}

json::object make_autocomplete(const commands::parsed_line& others, std::string_view focused, std::string_view typed,
                               const json::object& command, const interaction_place& place, std::string_view nonce) {
  json::array options;
  for (const auto& argument : others.arguments) {
    if (argument.name == focused || argument.kind == commands::argument_kind::attachment) continue;
    options.push_back(json::object{{"type", option_type(argument.kind)},
                                   {"name", argument.name},
                                   {"value", std::visit(value_to_json{}, argument.value)}});
  }
  options.push_back(json::object{{"type", option_string}, {"name", focused}, {"value", typed}, {"focused", true}});
  return payload_of(autocomplete, place, nonce, data_of(others.command, command, std::move(options)));
}

}  // namespace dbcord::app
