#include "protocol/column_change.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/field_path.hpp"
#include "protocol/schema_contradiction.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::protocol {
namespace {

base::error wrong_change(std::string sentence) { return {base::errc::invalid_argument, std::move(sentence)}; }

std::optional<base::error> unusable(std::string_view field) {
  bool parts = is_usable_path(field) && !has_empty_part(field);
  if (parts && !field.starts_with('$') && field.size() <= 256) return std::nullopt;
  return wrong_change(fmt::format("{} is not usable as a field; use a name, or a path like address.city", shown_value(json_node::make_string(std::string(field)))));
}

bool lies_at(std::string_view path, std::string_view field) {
  return path == field || (path.starts_with(field) && path[field.size()] == '.');
}

json_node object() {
  json_node made;
  made.type = json_node::kind::object;
  return made;
}

// The object that holds the path's last part, and that part; null: there is none. A member whose own name has dots comes first, as in queries.
std::pair<json_node*, std::string_view> holder(json_node& root, std::string_view path) {
  auto* node = &root;
  for (;;) {
    if (!node->is_object()) return {nullptr, path};
    auto dot = path.find('.');
    if (node->find(path) || dot == path.npos) return {node, path};
    auto* inner = node->find(path.substr(0, dot));
    if (!inner) return {nullptr, path};
    node = inner;
    path.remove_prefix(dot + 1);
  }
}

const json_node* at(const json_node& root, std::string_view path) {
  auto [object, name] = holder(const_cast<json_node&>(root), path);
  return object ? std::as_const(*object).find(name) : nullptr;
}

// True if it could be put there: what is on the way must be objects, and is made where it is missing.
bool can_put(const json_node& root, std::string_view path) {
  const auto* node = &root;
  for (auto dot = path.find('.'); dot != path.npos; dot = path.find('.')) {
    node = node->find(path.substr(0, dot));
    if (!node) return true;
    if (!node->is_object()) return false;
    path.remove_prefix(dot + 1);
  }
  return true;
}

void put(json_node& root, std::string_view path, json_node value) {
  auto* node = &root;
  for (auto dot = path.find('.'); dot != path.npos; dot = path.find('.')) {
    auto name = path.substr(0, dot);
    if (!node->find(name)) node->set(std::string(name), object());
    node = node->find(name);
    path.remove_prefix(dot + 1);
  }
  node->set(std::string(path), std::move(value));
}

bool has_default(const json_node& rule) {
  if (rule.find("default")) return true;
  auto below = [](const json_node::member& m) { return has_default(m.second); };
  return std::any_of(rule.members.begin(), rule.members.end(), below);
}

bool erase(json_node& root, std::string_view path) {
  auto [object, name] = holder(root, path);
  if (!object || !object->find(name)) return false;
  object->erase(name);
  return true;
}

std::optional<std::string> unwritable_form(const json_node& changed, std::size_t row_cap) {
  auto json = to_json(changed);
  if (json.size() > row_cap) return fmt::format("it would have {} bytes, and at most {} are allowed", json.size(), row_cap);
  if (!parse_json(json)) return "it would be nested too deeply";
  return std::nullopt;
}

}  // namespace

base::result<column_change> column_change::add(std::string field, std::string_view rule_json) {
  if (auto bad = unusable(field)) return *bad;
  auto rule = parse_json(rule_json);
  if (!rule) return wrong_change("not valid JSON: " + rule.error().message);
  auto schema = object(), properties = object();
  properties.set(field, *rule);
  schema.set("properties", std::move(properties));
  auto rules = row_schema::parse(to_json(schema));
  if (!rules) return rules.error();
  column_change change;
  change.what_ = kind::add;
  change.field_ = std::move(field);
  change.rule_ = std::move(*rule);
  change.rules_ = std::move(*rules);
  return change;
}

base::result<column_change> column_change::drop(std::string field) {
  if (auto bad = unusable(field)) return *bad;
  column_change change;
  change.what_ = kind::drop;
  change.field_ = std::move(field);
  return change;
}

base::result<column_change> column_change::rename(std::string field, std::string to) {
  if (auto bad = unusable(field)) return *bad;
  if (auto bad = unusable(to)) return *bad;
  if (field == to) return wrong_change(fmt::format("the field is called {} already; give another name", field));
  if (lies_at(to, field) || lies_at(field, to)) return wrong_change(fmt::format("{} and {} lie in each other; rename in two steps", field, to));
  column_change change;
  change.what_ = kind::rename;
  change.field_ = std::move(field);
  change.to_ = std::move(to);
  return change;
}

base::result<column_change> column_change::parse(std::string_view json) {
  auto node = parse_json(json, max_wrapped_depth);
  if (!node || !node->is_object()) return wrong_change("not a change of columns");
  auto text = [&](std::string_view name) {
    const auto* value = node->find(name);
    return value && value->type == json_node::kind::string ? std::optional(value->text) : std::nullopt;
  };
  if (auto field = text("drop")) return drop(std::move(*field));
  auto to = text("to");
  if (auto field = text("rename"); field && to) return rename(std::move(*field), std::move(*to));
  const auto* rule = node->find("rule");
  if (auto field = text("add"); field && rule) return add(std::move(*field), to_json(*rule));
  return wrong_change("not a change of columns");
}

bool column_change::fills() const { return what_ == kind::add && has_default(rule_); }

std::string column_change::json() const {
  auto node = object();
  if (what_ == kind::add) {
    node.set("add", json_node::make_string(field_));
    node.set("rule", rule_);
  } else if (what_ == kind::drop) {
    node.set("drop", json_node::make_string(field_));
  } else {
    node.set("rename", json_node::make_string(field_));
    node.set("to", json_node::make_string(to_));
  }
  return to_json(node);
}

std::string column_change::arguments() const {
  if (what_ == kind::rename) return "rename:" + field_ + " to:" + to_;
  return (what_ == kind::add ? "add:" : "drop:") + field_;
}

bool column_change::takes_back(const column_change& other) const {
  if (what_ == kind::rename) return other.what_ == kind::rename && field_ == other.to_ && to_ == other.field_;
  return what_ == (other.what_ == kind::add ? kind::drop : kind::add) && other.what_ != kind::rename && field_ == other.field_;
}

std::string column_change::arguments_back() const {
  if (what_ == kind::rename) return "rename:" + to_ + " to:" + field_;
  return (what_ == kind::add ? "drop:" : "add:") + field_;
}

bool column_change::apply(json_node& row) const {
  if (what_ == kind::drop) return erase(row, field_);
  if (what_ == kind::add) {
    if (!rules_.has_defaults()) return false;
    auto before = to_json(row);
    rules_.fill_defaults(row);
    return to_json(row) != before;
  }
  const auto* value = at(row, field_);
  if (!value) return false;
  if (!at(row, to_) && !can_put(row, to_)) return false;  // obstacle() tells
  auto moved = *value;
  erase(row, field_);
  if (!at(row, to_)) put(row, to_, std::move(moved));  // who writes both means the new one
  return true;
}

// A null in a patch removes a field: it is moved like any value.
void column_change::apply_to_patch(json_node& patch) const {
  if (what_ == kind::drop) erase(patch, field_);
  if (what_ == kind::rename) apply(patch);
}

std::optional<std::string> column_change::unwritable(const json_node& row, std::size_t row_cap) const {
  auto changed = row;
  apply(changed);
  return unwritable_form(changed, row_cap);
}

std::optional<std::string> column_change::obstacle(const json_node& row, std::size_t row_cap, bool taking_back) const {
  if (what_ != kind::add && !at(row, field_) && first_at_path(row, field_)) return fmt::format("the field {} lies in a list", field_);
  if (what_ == kind::drop) return std::nullopt;
  if (what_ == kind::rename) {
    bool is_back = taking_back && !at(row, field_);
    if (!is_back && first_at_path(row, to_)) return fmt::format("it has a field {} already", to_);
    if (at(row, field_) && !can_put(row, to_)) return fmt::format("there is no room for {}: something on the way is no object", to_);
  }
  auto changed = row;
  apply(changed);
  auto why = unwritable_form(changed, row_cap);
  return why ? why : rules_.check(changed);
}

bool column_change::concerns(std::string_view path) const { return what_ != kind::add && lies_at(path, field_); }

std::string column_change::renamed(std::string_view path) const {
  if (what_ != kind::rename || !lies_at(path, field_)) return std::string(path);
  return to_ + std::string(path.substr(field_.size()));
}

base::result<row_schema> column_change::apply_to(const row_schema& schema) const {
  auto named = [&](const std::string& field) {
    return std::any_of(schema.rules().begin(), schema.rules().end(), [&](const field_rule& r) { return lies_at(r.path, field); });
  };
  if (what_ == kind::add && named(field_)) return wrong_change(fmt::format("the schema has a field {} already", field_));
  if (what_ == kind::rename && named(to_)) return wrong_change(fmt::format("the schema has a field {} already", to_));
  auto before = parse_json(schema.json(), max_wrapped_depth);
  if (!before) return before.error();
  auto after = object();
  // Names of nested properties are written as paths, which means the same and lets a field move.
  auto properties = object();
  auto collect = [&](const auto& self, const std::string& prefix, const json_node& from) -> void {
    for (const auto& [name, given] : from.members) {
      auto rule = given;
      auto path = prefix + name;
      const auto* nested = rule.is_object() ? rule.find("properties") : nullptr;
      auto inner = nested ? std::optional(*nested) : std::nullopt;
      if (inner) rule.erase("properties");
      if (what_ != kind::drop || !concerns(path)) properties.set(renamed(path), std::move(rule));
      if (inner) self(self, path + ".", *inner);
    }
  };
  if (const auto* given = before->find("properties")) collect(collect, "", *given);
  if (what_ == kind::add) properties.set(field_, rule_);
  if (const auto* required = before->find("required")) {
    json_node kept = *required;
    if (what_ == kind::drop) std::erase_if(kept.items, [&](const json_node& f) { return concerns(f.text); });
    for (auto& f : kept.items) f.text = renamed(f.text);
    if (!kept.items.empty()) after.set("required", std::move(kept));
  }
  if (!properties.members.empty()) after.set("properties", std::move(properties));
  auto made = row_schema::parse(to_json(after));
  if (!made) return made;
  if (auto bad = contradiction_in(*made)) return wrong_change(std::move(*bad));
  return made;
}

}  // namespace dbcord::protocol
