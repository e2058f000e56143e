#include "bot/prepared_commands.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace dbcord::bot {
namespace {

namespace json = boost::json;

constexpr char in_place = '=';
constexpr char of_its_own = '+';
constexpr std::string_view token_mark = "#";
constexpr std::size_t token_length = 24;

// =dbc_find{"database":"prod"}
std::string to_text(const commands::prepared_command& command) {
  json::object arguments;
  for (const auto& [name, value] : command.arguments)
    std::visit([&, n = name](const auto& v) { arguments[n] = v; }, value);
  return (command.in_place ? in_place : of_its_own) + command.name + json::serialize(arguments);
}

std::optional<commands::argument_value> value_of(const json::value& v) {
  if (auto text = v.if_string()) return commands::argument_value(std::string(*text));
  if (auto flag = v.if_bool()) return commands::argument_value(*flag);
  if (auto number = v.if_int64()) return commands::argument_value(*number);
  return std::nullopt;
}

std::optional<commands::prepared_command> from_text(std::string_view text) {
  auto brace = text.find('{');
  if (brace == text.npos || brace < 2 || (text.front() != in_place && text.front() != of_its_own)) return std::nullopt;
  boost::system::error_code ec;
  auto value = json::parse(json::string_view(text.data() + brace, text.size() - brace), ec);
  auto arguments = ec ? nullptr : value.if_object();
  if (!arguments) return std::nullopt;
  commands::prepared_command command{std::string(text.substr(1, brace - 1)), {}, text.front() == in_place};
  for (const auto& member : *arguments) {
    auto read = value_of(member.value());
    if (!read) return std::nullopt;
    command.arguments.emplace(std::string(member.key()), std::move(*read));
  }
  return command;
}

}  // namespace

std::string prepared_commands::custom_id(const commands::prepared_command& command) {
  auto text = to_text(command);
  if (text.size() <= custom_id_max) return text;
  std::lock_guard lock(mutex_);
  auto token = std::string(token_mark) + random_.token(token_length);
  bytes_ += text.size();
  kept_[token] = std::move(text);
  order_.push_back(token);
  while (order_.size() > most || (bytes_ > most_bytes && order_.size() > 1)) {
    auto oldest = kept_.find(order_.front());
    bytes_ -= oldest->second.size();
    kept_.erase(oldest);
    order_.pop_front();
  }
  return token;
}

std::optional<commands::prepared_command> prepared_commands::find(std::string_view custom_id) const {
  if (!custom_id.starts_with(token_mark)) return from_text(custom_id);
  std::lock_guard lock(mutex_);
  auto found = kept_.find(custom_id);
  return found == kept_.end() ? std::nullopt : from_text(found->second);
}

}  // namespace dbcord::bot
