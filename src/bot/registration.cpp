#include "bot/registration.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <string>
#include <string_view>

namespace dbcord::bot {
namespace {

namespace json = boost::json;

constexpr std::string_view compared[] = {"type", "name", "description", "required", "autocomplete",
                                         "min_value", "max_value", "default_member_permissions"};

// Discord leaves out what has its default: false, null, an empty list, type 1 of a command.
bool is_default(const json::value& v) {
  return v.is_null() || (v.is_string() && v.get_string().empty()) || (v.is_bool() && !v.get_bool()) || (v.is_array() && v.get_array().empty());
}

// 25 may come back as 25.0.
json::value plain(const json::value& v) {
  if (v.is_double() && v.get_double() == static_cast<double>(static_cast<std::int64_t>(v.get_double())))
    return static_cast<std::int64_t>(v.get_double());
  if (v.is_uint64()) return static_cast<std::int64_t>(v.get_uint64());
  return v;
}

json::object essence(const json::object& from) {
  json::object out;
  for (auto name : compared) {
    auto value = from.if_contains(name);
    if (value && !is_default(*value)) out[name] = plain(*value);
  }
  auto options = from.if_contains("options");
  auto list = options ? options->if_array() : nullptr;
  if (!list || list->empty()) return out;
  json::array inner;
  for (const auto& option : *list)
    if (auto object = option.if_object()) inner.push_back(essence(*object));
  out["options"] = std::move(inner);
  return out;
}

std::map<std::string, std::string> by_name(const json::array& commands) {
  std::map<std::string, std::string> out;
  for (const auto& value : commands) {
    auto command = value.if_object();
    if (!command) continue;
    auto e = essence(*command);
    if (!e.contains("type")) e["type"] = 1;
    json::object ordered;  // the same fields in the same order
    for (auto name : compared)
      if (e.contains(name)) ordered[name] = e[name];
    if (e.contains("options")) ordered["options"] = e["options"];
    out[json::serialize(ordered["name"])] = json::serialize(ordered);
  }
  return out;
}

}  // namespace

bool same_commands(const json::array& ours, const json::array& shown) {
  return ours.size() == shown.size() && by_name(ours) == by_name(shown);
}

}  // namespace dbcord::bot
