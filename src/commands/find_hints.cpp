#include "commands/find_hints.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/enumeration.hpp"
#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/nearest_name.hpp"
#include "commands/reply_text.hpp"
#include "protocol/field_path.hpp"
#include "protocol/json_node.hpp"
#include "protocol/projection.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::commands {
namespace {

constexpr std::size_t most_rows = 1'000;  // that are looked through; of more nothing is said
constexpr std::size_t most_named = 500;
constexpr std::size_t longest_name_shown = 80;
constexpr std::size_t most_rows_asked_for = 64;

// The lists were parsed by the engine, too, which has found rows by them.
std::vector<std::string> names_shown(const database::find_request& request) {
  auto fields = protocol::projection::parse(request.fields);
  return fields ? fields->paths() : std::vector<std::string>();
}

std::vector<std::string> names_sorted_by(const database::find_request& request) {
  std::vector<std::string> names;
  auto order = protocol::sort_order::parse(request.sort);
  if (!order) return names;
  for (const auto& term : order->terms()) names.push_back(term.path);
  return names;
}

// Rows are parsed until every name was seen, which mostly is in the first one.
void erase_seen(std::vector<std::string>& names, const std::vector<std::string>& rows) {
  for (std::size_t i = 0; i < rows.size() && !names.empty(); ++i) {
    auto row = protocol::parse_json(rows[i]);
    std::erase_if(names, [&](const std::string& name) { return row && protocol::first_at_path(*row, name); });
  }
}

std::vector<std::string> quoted(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const auto& name : names) all.push_back(quote_key(name, longest_name_shown));
  return all;
}

bool reads_like_an_integer(std::string_view key) {
  if (key.starts_with('-')) key.remove_prefix(1);
  return !key.empty() && key.find_first_not_of("0123456789") == key.npos;
}

// Integers, and nothing else, of which one follows a larger one.
bool are_integers_out_of_order(const std::vector<database::row>& rows) {
  if (!std::all_of(rows.begin(), rows.end(), [](const auto& row) { return reads_like_an_integer(row.key); })) return false;
  auto falls = [](const auto& a, const auto& b) { return protocol::compare_numbers(b.key, a.key) < 0; };
  return std::adjacent_find(rows.begin(), rows.end(), falls) != rows.end();
}

// A text that reads like a number would be sorted as a text, too.
bool has_number(const database::row& row, const std::string& field) {
  auto node = protocol::parse_json(row.json);
  const auto* value = node ? node->find(field) : nullptr;
  return value && value->type == protocol::json_node::kind::number;
}

// "id:desc", as arguments are written; empty: it is no such thing.
std::string sort_term_meant(const std::string& name, const std::vector<std::string>& known) {
  auto colon = name.rfind(':');
  if (colon == name.npos) return {};
  auto field = name.substr(0, colon), direction = name.substr(colon + 1);
  bool is_known = std::find(known.begin(), known.end(), field) != known.end();
  return is_known && (direction == "desc" || direction == "asc") ? field + " " + direction : std::string();
}

actor::task<std::vector<std::string>> known_fields(services s, const invocation& call) {
  return s.engine.suggest(text_argument(call, "database"), text_argument(call, "table"), database::suggestion::fields, "", most_named, call.deadline);
}

std::string unseen_text(std::string_view nobody, const std::vector<std::string>& names, const std::vector<std::string>& known) {
  std::vector<std::string> near;
  for (const auto& name : names) {
    auto meant = sort_term_meant(name, known);
    if (meant.empty()) meant = nearest_name(name, known);
    if (!meant.empty() && meant != name) near.push_back(std::move(meant));
  }
  auto text = fmt::format("{} the field{} {}", nobody, names.size() == 1 ? "" : "s", base::enumeration(quoted(names)));
  return near.empty() ? text + "." : text + fmt::format("; did you mean {}?", base::enumeration(quoted(near)));
}

}  // namespace

std::vector<std::string> unseen_fields(const database::find_request& request, const std::vector<std::string>& rows) {
  if (rows.empty() || rows.size() > most_rows) return {};
  auto names = names_shown(request);
  if (names.empty()) names = names_sorted_by(request);
  erase_seen(names, rows);
  return names;
}

actor::task<std::string> hint_of_unseen_fields(services s, invocation call, std::vector<std::string> names, std::string_view nobody) {
  auto known = co_await known_fields(s, call);
  co_return unseen_text(nobody, names, known);
}

std::vector<std::string> hidden_sort_fields(const database::find_request& request, const std::vector<std::string>& rows) {
  bool shown_whole = request.fields.empty() && !request.explain_only;
  bool too_many = rows.size() > most_rows || (rows.empty() && !request.explain_only);
  if (shown_whole || too_many || request.count_only || request.as_of) return {};
  auto names = names_sorted_by(request);
  erase_seen(names, rows);
  return names;
}

actor::task<std::string> hint_of_hidden_sort(services s, invocation call, std::vector<std::string> names) {
  auto database = text_argument(call, "database"), table = text_argument(call, "table");
  auto rows = co_await s.engine.suggest(database, table, database::suggestion::rows, "", most_rows_asked_for, call.deadline);
  erase_seen(names, rows);
  bool all_known = rows.empty() || names.empty();
  if (all_known) co_return std::string();
  auto known = co_await known_fields(s, call);
  std::erase_if(names, [&](const std::string& name) { return std::find(known.begin(), known.end(), name) != known.end(); });
  if (names.empty()) co_return std::string();
  std::string nobody = rows.size() == 1 ? "The one row looked at has not" : fmt::format("None of {} looked at has", count(rows.size(), "row"));
  co_return unseen_text(nobody, names, known);
}

actor::task<std::string> hint_of_text_order(services s, invocation call, const std::vector<database::row>& rows) {
  if (rows.size() > most_rows || !are_integers_out_of_order(rows)) co_return std::string();
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect_table(text_argument(call, "database"), text_argument(call, "table"), context);
  if (!summary || !has_number(rows.front(), summary->primary_key)) co_return std::string();
  co_return fmt::format(" Keys are in the order of texts (10 before 9); `sort:{}` orders them as numbers.", summary->primary_key);
}

}  // namespace dbcord::commands
