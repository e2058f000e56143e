#include "commands/find_hints.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/enumeration.hpp"
#include "commands/arguments.hpp"
#include "commands/nearest_name.hpp"
#include "commands/reply_text.hpp"
#include "protocol/field_path.hpp"
#include "protocol/json_node.hpp"
#include "protocol/projection.hpp"

namespace dbcord::commands {
namespace {

constexpr std::size_t most_rows = 1'000;  // that are looked through; of more nothing is said
constexpr std::size_t most_named = 500;

// The lists were parsed by the engine, too, which has found rows by them.
std::vector<std::string> names_in(const database::find_request& request) {
  std::vector<std::string> names;
  if (auto fields = protocol::projection::parse(request.fields)) names = fields->paths();
  auto order = protocol::sort_order::parse(request.sort);
  if (!names.empty() || !order) return names;
  for (const auto& term : order->terms()) names.push_back(term.path);
  return names;
}

std::vector<std::string> quoted(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const auto& name : names) all.push_back(quote(name));
  return all;
}

}  // namespace

// Rows are parsed until every name was seen, which mostly is in the first one.
std::vector<std::string> unseen_fields(const database::find_request& request, const std::vector<std::string>& rows) {
  if (rows.empty() || rows.size() > most_rows) return {};
  auto names = names_in(request);
  for (std::size_t i = 0; i < rows.size() && !names.empty(); ++i) {
    auto row = protocol::parse_json(rows[i]);
    std::erase_if(names, [&](const std::string& name) { return row && protocol::first_at_path(*row, name); });
  }
  return names;
}

actor::task<std::string> hint_of_unseen_fields(services s, invocation call, std::vector<std::string> names, std::string_view nobody) {
  auto known = co_await s.engine.suggest(text_argument(call, "database"), text_argument(call, "table"), database::suggestion::fields, "", most_named, call.deadline);
  std::vector<std::string> near;
  for (const auto& name : names) {
    auto meant = nearest_name(name, known);
    if (!meant.empty() && meant != name) near.push_back(std::move(meant));
  }
  auto text = fmt::format("{} the field{} {}", nobody, names.size() == 1 ? "" : "s", base::enumeration(quoted(names)));
  co_return near.empty() ? text + "." : text + fmt::format("; did you mean {}?", base::enumeration(quoted(near)));
}

}  // namespace dbcord::commands
