#include "guild/rate_table.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <limits>

#include "guild/json_read.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::int64_t longest_window_ms = 7 * 24 * 60 * 60 * 1000;  // the longest window known is 48 hours

base::error wrong(std::string_view name, std::string_view what) {
  return {base::errc::invalid_argument, fmt::format("Rate limits: {} {}.", name, what)};
}

base::result<std::int64_t> read_number(std::string_view name, const json::value& value, std::int64_t most) {
  auto number = as_integer(value);
  if (!number || *number < 1 || *number > most)
    return wrong(name, fmt::format("must be a whole number from 1 to {}", most));
  return *number;
}

base::result<void> read_figure(rate_table::figure& figure, std::string_view group, const json::value& value) {
  auto* object = value.if_object();
  if (!object) return wrong(group, "must be an object with limit and window_ms");
  for (auto& [name, entry] : *object) {
    if (name != "limit" && name != "window_ms") return wrong(group, fmt::format("has no {}", std::string_view(name)));
    auto number = read_number(group, entry, name == "limit" ? std::numeric_limits<int>::max() : longest_window_ms);
    if (!number) return number.error();
    if (name == "limit") {
      figure.limit = static_cast<int>(*number);
    } else {
      figure.window = std::chrono::milliseconds(*number);
    }
  }
  return {};
}

base::result<void> read_rules(rate_table& table, const json::value& value) {
  auto* object = value.if_object();
  if (!object) return wrong("rules", "must be an object");
  for (auto& [group, entry] : *object) {
    auto* rule = find_rate_rule(group);
    if (!rule) return wrong(group, "is no group of routes");
    auto ok = read_figure(table.figures[static_cast<std::size_t>(rule - rate_rules.data())], group, entry);
    if (!ok) return ok;
  }
  return {};
}

base::result<void> read_entry(rate_table& table, std::string_view name, const json::value& value) {
  if (name == "rules") return read_rules(table, value);
  bool interval = name == "identify_interval_ms";
  if (!interval && name != "global_a_second" && name != "identifies_a_day") return wrong(name, "is not known");
  auto number = read_number(name, value, interval ? longest_window_ms : std::numeric_limits<int>::max());
  if (!number) return number.error();
  if (interval) {
    table.identify_interval = std::chrono::milliseconds(*number);
  } else {
    (name == "global_a_second" ? table.global_a_second : table.identifies_a_day) = static_cast<int>(*number);
  }
  return {};
}

}  // namespace

base::result<rate_table> parse_rate_table(std::string_view text) {
  auto value = parse_json(text);
  auto* object = value ? value->if_object() : nullptr;
  if (!object) return base::error(base::errc::invalid_argument, "Rate limits: this is no JSON object.");
  rate_table table;
  for (auto& [name, entry] : *object) {
    auto ok = read_entry(table, name, entry);
    if (!ok) return ok.error();
  }
  return table;
}

json::object to_json(const rate_table& table) {
  json::object rules;
  for (auto& rule : rate_rules) {
    auto& figure = table.of(rule);
    rules[rule.group] = json::object{{"limit", figure.limit}, {"window_ms", figure.window.count()}};
  }
  return {{"global_a_second", table.global_a_second},
          {"identifies_a_day", table.identifies_a_day},
          {"identify_interval_ms", table.identify_interval.count()},
          {"rules", std::move(rules)}};
}

}  // namespace dbcord::guild
