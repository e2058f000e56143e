#include "commands/where_hints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/enumeration.hpp"
#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/nearest_name.hpp"
#include "commands/reply_text.hpp"
#include "protocol/field_path.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::commands {
namespace {

using protocol::comparison;
using protocol::field_condition;
using protocol::json_node;
using protocol::predicate;
using kind = json_node::kind;

constexpr std::size_t most_rows_sketched = 64;
constexpr std::size_t most_paths = 1'000;  // that a mistyped one is compared with

struct seen_kinds {
  std::set<kind> values;
  std::set<kind> items;  // of lists
  bool holds(kind k) const { return values.contains(k) || items.contains(k); }
};

std::optional<kind> kind_of(protocol::field_type type) {
  using protocol::field_type;
  switch (type) {
    case field_type::text: return kind::string;
    case field_type::integer:
    case field_type::number: return kind::number;
    case field_type::boolean: return kind::boolean;
    case field_type::list: return kind::array;
    case field_type::object: return kind::object;
    case field_type::any: break;
  }
  return std::nullopt;
}

bool lies_at_or_below(std::string_view path, std::string_view field) {
  return path == field || (path.starts_with(field) && path[field.size()] == '.');
}

// Conditions that a matching row fulfils, or one of which it does; what stands in a negation holds for rows without the field as well.
void collect_demands(const predicate& p, std::vector<const field_condition*>& out) {
  if (p.kind() == predicate::junction::condition) out.push_back(&p.condition());
  if (p.kind() == predicate::junction::none_of) return;
  for (const auto& part : p.parts()) collect_demands(part, out);
}

bool is_met_by_missing(const field_condition& c) {
  auto is_null = [](const json_node& n) { return n.type == kind::null; };
  if (c.how == comparison::eq) return is_null(c.operand);
  if (c.how == comparison::in) return std::any_of(c.operand.items.begin(), c.operand.items.end(), is_null);
  return c.how == comparison::exists && c.operand.text == "false";
}

class sketched_table {
 public:
  explicit sketched_table(const table_sketch& sketch) : sketch_(sketch) {
    for (const auto& row : sketch.rows) add_paths(row, "");
    for (const auto& rule : sketch.schema.rules()) paths_.insert(rule.path);
    paths_.insert(sketch.indexed.begin(), sketch.indexed.end());
  }

  bool knows(const std::string& path) const {
    auto is_there = [&](const std::string& other) { return lies_at_or_below(other, path); };
    if (std::any_of(paths_.begin(), paths_.end(), is_there)) return true;
    return std::any_of(sketch_.rows.begin(), sketch_.rows.end(), [&](const json_node& row) { return protocol::first_at_path(row, path) != nullptr; });
  }

  seen_kinds kinds_at(const std::string& path) const {
    seen_kinds seen;
    for (const auto& rule : sketch_.schema.rules()) {
      auto declared = rule.path == path ? kind_of(rule.type) : std::nullopt;
      if (declared) seen.values.insert(*declared);
    }
    for (const auto& row : sketch_.rows) {
      protocol::any_at_path(row, path, [&](const json_node& value) {
        seen.values.insert(value.type);
        for (const auto& item : value.items) seen.items.insert(item.type);
        return false;
      });
    }
    return seen;
  }

  // "city" may mean "address.city".
  std::string nearest(const std::string& path) const {
    std::vector<std::string> all(paths_.begin(), paths_.end());
    auto near = nearest_name(path, all);
    if (!near.empty()) return near;
    auto within = std::find_if(all.begin(), all.end(), [&](const std::string& other) { return other.ends_with("." + path); });
    return within == all.end() ? std::string() : *within;
  }

  bool is_sure() const { return sketch_.rows.empty() || sketch_.rows.size() == sketch_.rows_there; }
  std::string whose_rows() const { return is_sure() ? "No row has" : fmt::format("None of {} looked at has", count(sketch_.rows.size(), "row")); }

 private:
  void add_paths(const json_node& object, const std::string& above) {
    for (const auto& [name, value] : object.members) {
      if (paths_.size() >= most_paths) return;
      paths_.insert(above + name);
      if (value.is_object()) add_paths(value, above + name + ".");
    }
  }

  const table_sketch& sketch_;
  std::set<std::string> paths_;
};

// ---- an operator without $ ----

std::optional<std::string> operator_meant(std::string_view name) {
  static constexpr std::array<std::string_view, 12> words{"eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "exists", "contains", "prefix", "not"};
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> signs{
      {{">", "$gt"}, {">=", "$gte"}, {"<", "$lt"}, {"<=", "$lte"}, {"=", "$eq"}, {"==", "$eq"}, {"!=", "$ne"}}};
  if (std::find(words.begin(), words.end(), name) != words.end()) return "$" + std::string(name);
  auto sign = std::find_if(signs.begin(), signs.end(), [&](const auto& s) { return s.first == name; });
  if (sign == signs.end()) return std::nullopt;
  return std::string(sign->second);
}

// The operand as it was meant; empty: it is an object to compare with.
std::optional<json_node> meant_operators(const field_condition& c) {
  if (c.how != comparison::eq || !c.operand.is_object() || c.operand.members.empty()) return std::nullopt;
  auto meant = c.operand;
  for (auto& [name, value] : meant.members) {
    auto known = operator_meant(name);
    if (!known) return std::nullopt;
    name = std::move(*known);
  }
  return meant;
}

// {"or": […]} around conditions.
bool is_junction_without_dollar(const field_condition& c) {
  bool list = c.operand.type == kind::array && std::all_of(c.operand.items.begin(), c.operand.items.end(), [](const json_node& item) { return item.is_object(); });
  bool around_list = c.path == "and" || c.path == "or" || c.path == "nor";
  return c.how == comparison::eq && ((around_list && list) || (c.path == "not" && c.operand.is_object()));
}

std::string hint_of_operator(const field_condition& c, const sketched_table& table) {
  if (is_junction_without_dollar(c) && !table.knows(c.path)) return fmt::format("{} is looked for as a field; the operator is {}.", quote(c.path), quote("$" + c.path));
  auto meant = meant_operators(c);
  auto is_field = [&](const auto& member) { return table.knows(c.path + "." + member.first); };
  if (!meant || std::any_of(c.operand.members.begin(), c.operand.members.end(), is_field)) return {};
  return fmt::format("{} is compared with {} as a whole; an operator begins with $: {}.", quote(c.path), quote(protocol::shown_value(c.operand)),
                     quote(fmt::format("{}: {}", protocol::to_json(json_node::make_string(c.path)), protocol::shown_value(*meant))));
}

// ---- a field that nobody has ----

std::string hint_of_unknown(const std::vector<std::string>& paths, const sketched_table& table) {
  if (paths.empty()) return {};
  std::vector<std::string> named, near;
  for (const auto& path : paths) {
    named.push_back(quote(path));
    auto meant = table.nearest(path);
    if (!meant.empty()) near.push_back(quote(meant));
  }
  auto text = fmt::format("{} the field{} {}", table.whose_rows(), paths.size() == 1 ? "" : "s", base::enumeration(named));
  return near.empty() ? text + "." : text + fmt::format("; did you mean {}?", base::enumeration(near));
}

// ---- a value of another type ----

std::string_view one_of_kind(kind k) {
  switch (k) {
    case kind::null: return "null";
    case kind::boolean: return "the truth value";
    case kind::number: return "the number";
    case kind::string: return "the text";
    case kind::array: return "the list";
    case kind::object: return "the object";
  }
  return "the value";
}

std::string many_of_kinds(const std::set<kind>& kinds) {
  std::vector<std::string> words;
  for (auto k : kinds) {
    if (k == kind::boolean) words.emplace_back("true or false");
    if (k == kind::number) words.emplace_back("numbers");
    if (k == kind::string) words.emplace_back("texts");
    if (k == kind::array) words.emplace_back("lists");
    if (k == kind::object) words.emplace_back("objects");
  }
  return base::enumeration(words);
}

std::string described(const seen_kinds& seen) {
  bool lists = seen.values == std::set<kind>{kind::array};
  auto items = many_of_kinds(seen.items);
  return lists && !items.empty() ? "lists of " + items : many_of_kinds(seen.values);
}

bool can_meet(comparison how, kind operand, const seen_kinds& seen) {
  if (how == comparison::contains && seen.holds(kind::array)) return true;
  if (how == comparison::contains && operand == kind::string) return seen.holds(kind::string) || seen.holds(kind::object);
  if (how == comparison::contains) return false;
  return seen.holds(operand);
}

// The first value that the condition compares with and that no row can have.
const json_node* misfit(const field_condition& c, const seen_kinds& seen) {
  if (c.how == comparison::exists) return nullptr;
  if (c.how != comparison::in) return can_meet(c.how, c.operand.type, seen) ? nullptr : &c.operand;
  bool one_fits = std::any_of(c.operand.items.begin(), c.operand.items.end(), [&](const json_node& item) { return seen.holds(item.type); });
  return one_fits || c.operand.items.empty() ? nullptr : &c.operand.items.front();
}

// "18" as 18, 18 as "18"; empty: it is no other one's text.
std::string as_other_kind(const json_node& value, const seen_kinds& seen) {
  if (value.type == kind::number && seen.holds(kind::string)) return protocol::to_json(json_node::make_string(value.text));
  auto inner = value.type == kind::string ? protocol::parse_json(value.text) : base::result<json_node>(base::error(base::errc::invalid_argument));
  bool simple = inner && (inner->type == kind::number || inner->type == kind::boolean) && seen.holds(inner->type);
  return simple ? protocol::to_json(*inner) : std::string();
}

std::string hint_of_type(const field_condition& c, const sketched_table& table) {
  auto seen = table.kinds_at(c.path);
  auto there = described(seen);
  const auto* value = there.empty() ? nullptr : misfit(c, seen);
  if (!value) return {};
  auto instead = as_other_kind(*value, seen);
  return fmt::format("{} holds {}{}, but the condition has {} {}{}.", quote(c.path), there, table.is_sure() ? "" : " in the rows looked at", one_of_kind(value->type),
                     quote(protocol::shown_value(*value)), instead.empty() ? "" : fmt::format("; write {}", quote(instead)));
}

}  // namespace

std::string where_hints(const predicate& where, const table_sketch& sketch) {
  if (sketch.rows_there == 0) return {};
  sketched_table table(sketch);
  std::vector<const field_condition*> demands;
  collect_demands(where, demands);
  std::string about_operator, about_type;
  std::vector<std::string> unknown;
  for (const auto* c : demands) {
    auto slip = hint_of_operator(*c, table);
    if (!slip.empty()) {
      if (about_operator.empty()) about_operator = std::move(slip);
      continue;
    }
    if (is_met_by_missing(*c)) continue;
    bool known = table.knows(c->path);
    if (!known && std::find(unknown.begin(), unknown.end(), c->path) == unknown.end()) unknown.push_back(c->path);
    if (known && about_type.empty()) about_type = hint_of_type(*c, table);
  }
  if (sketch.rows.empty()) unknown.clear();  // no row's value is in memory
  std::string text;
  for (const auto& hint : {about_operator, hint_of_unknown(unknown, table), about_type}) {
    if (!hint.empty()) text += (text.empty() ? "" : " ") + hint;
  }
  return text;
}

actor::task<std::string> hint_of_nothing_found(services s, invocation call, std::string where_json) {
  auto where = predicate::parse(where_json);
  if (!where || where->matches_everything()) co_return std::string();
  auto database = text_argument(call, "database"), table = text_argument(call, "table");
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect_table(database, table, context);
  if (!summary) co_return std::string();
  table_sketch sketch;
  sketch.rows_there = summary->rows;
  if (auto schema = protocol::row_schema::parse(summary->schema_json)) sketch.schema = std::move(*schema);
  for (const auto& index : summary->indexes) {
    if (index.entries > 0) sketch.indexed.push_back(index.field);
  }
  auto rows = co_await s.engine.suggest(database, table, database::suggestion::rows, "", most_rows_sketched, call.deadline);
  for (const auto& json : rows) {
    if (auto row = protocol::parse_json(json)) sketch.rows.push_back(std::move(*row));
  }
  auto hints = where_hints(*where, sketch);
  co_return hints.empty() ? hints : " " + hints;
}

}  // namespace dbcord::commands
