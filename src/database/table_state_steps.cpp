// The part of table_state that decides about steps of transactions.

#include <fmt/format.h>

#include <algorithm>

#include "database/table_state.hpp"
#include "protocol/decimal_sum.hpp"
#include "protocol/merge_patch.hpp"

namespace dbcord::database {
namespace {

using protocol::json_node;

json_node make_number(std::string text) {
  json_node node;
  node.type = json_node::kind::number;
  node.text = std::move(text);
  return node;
}

// The object that holds the last part of the path, and that part's name; null if something on the way is not an object.
json_node* holder_of(json_node& row, std::string_view& path) {
  auto* at = &row;
  while (at && at->is_object()) {
    auto dot = path.find('.');
    if (at->find(path) || dot == path.npos) return at;
    auto* inner = at->find(path.substr(0, dot));
    if (!inner) {
      at->set(std::string(path.substr(0, dot)), json_node{});
      inner = at->find(path.substr(0, dot));
      inner->type = json_node::kind::object;
    }
    at = inner;
    path.remove_prefix(dot + 1);
  }
  return nullptr;
}

// A sentence when it cannot be done. A missing field counts as 0.
std::optional<std::string> add_to(json_node& row, const increment& by) {
  std::string_view name = by.field;
  auto* holder = holder_of(row, name);
  const auto* present = holder ? holder->find(name) : nullptr;
  if (!holder || (present && present->type != json_node::kind::number)) return fmt::format("the field {} is not a number", by.field);
  auto sum = protocol::sum_of_numbers(present ? present->text : "0", by.amount);
  if (!sum) return fmt::format("the field {} would need more than {} digits", by.field, protocol::max_sum_digits);
  holder->set(std::string(name), make_number(std::move(*sum)));
  return std::nullopt;
}

// Itself, something in it, or what it stands in as a whole.
bool patch_touches(const json_node& patch, std::string_view path) {
  if (patch.find(path)) return true;
  auto dot = path.find('.');
  if (dot == path.npos) return false;
  const auto* inner = patch.find(path.substr(0, dot));
  return inner && (!inner->is_object() || patch_touches(*inner, path.substr(dot + 1)));
}

}  // namespace

std::optional<table_state::seen_row> table_state::look(std::string_view key) const {
  auto now = effective_row(key);
  if (!now.exists) return std::nullopt;
  return seen_row{std::string(now.json), now.version, now.pending};
}

std::optional<ticket> table_state::pending_beside(std::string_view key, ticket own) const {
  auto it = pending_.find(key);
  if (it == pending_.end()) return std::nullopt;
  auto other = std::find_if(it->second.rbegin(), it->second.rend(), [&](const pending_version& p) { return p.owner != own; });
  return other == it->second.rend() ? std::nullopt : std::optional(other->owner);
}

std::optional<decision> table_state::failed_precondition(const row_operation& step, const effective& now) const {
  auto refuse = [&](errc code, std::string sentence) { return decision{std::nullopt, base::error(code, std::move(sentence)), now.pending}; };
  auto version = now.exists ? now.version : 0;
  if (step.expected_version && *step.expected_version != version) {
    return refuse(errc::conflict, now.exists ? fmt::format("row \"{}\" of table {} has version {}, not {}", step.key, definition_.name, version, *step.expected_version)
                                             : fmt::format("table {} has no row with key \"{}\", so not version {} of it", definition_.name, step.key, *step.expected_version));
  }
  if (step.exists && *step.exists && !now.exists) return decision{std::nullopt, unknown_key(step.key), now.pending};
  if (step.exists && !*step.exists && now.exists) {
    return refuse(errc::conflict, fmt::format("table {} has a row with key \"{}\" already", definition_.name, step.key));
  }
  if (!step.where) return std::nullopt;
  if (!now.exists) return decision{std::nullopt, unknown_key(step.key), now.pending};
  if (now.evicted) return needs_value(step.key);
  if (step.where->matches(now.json)) return std::nullopt;
  return refuse(errc::conflict, fmt::format("row \"{}\" of table {} does not fulfil the condition in where", step.key, definition_.name));
}

decision table_state::decide_step(const row_operation& step, std::size_t row_cap) const {
  if (auto gone = refusal_as_dropped()) return std::move(*gone);
  auto now = effective_row(step.key);
  if (auto failed = failed_precondition(step, now)) return std::move(*failed);
  switch (step.action) {
    case row_action::insert: return decide_insert(step.key, step.json, nullptr, row_cap);
    case row_action::put: return decide_row(now, step.key, step.json, nullptr, row_cap);
    case row_action::update: return decide_change(step, row_cap);
    case row_action::remove: return decide_delete(step.key);
    case row_action::get:
      if (!now.exists) return {std::nullopt, unknown_key(step.key), now.pending};
      if (now.evicted) return needs_value(step.key);
      break;
    case row_action::check: break;
  }
  return {};
}

decision table_state::decide_change(const row_operation& step, std::size_t row_cap) const {
  auto now = effective_row(step.key);
  if (!now.exists) return {std::nullopt, unknown_key(step.key), now.pending};
  if (now.evicted) return needs_value(step.key);
  auto row = parsed(now.json);
  if (alteration_) return in_new_form(decide_altered_change(step, now, std::move(row), row_cap), row_cap);
  return decide_sums_and_patch(step, now, std::move(row), row_cap);
}

decision table_state::decide_altered_change(const row_operation& step, const effective& now, protocol::json_node row, std::size_t row_cap) const {
  auto changed = step;
  alteration_->apply(row);
  if (changed.patch.is_object()) alteration_->apply_to_patch(changed.patch);
  for (auto& by : changed.add) by.field = alteration_->renamed(by.field);
  return decide_sums_and_patch(changed, now, std::move(row), row_cap);
}

decision table_state::decide_sums_and_patch(const row_operation& step, const effective& now, protocol::json_node row, std::size_t row_cap) const {
  for (const auto& by : step.add) {
    if (by.field == definition_.primary_key) {
      return {std::nullopt, base::error(errc::invalid_json, fmt::format("add: {} is the primary key, which cannot change", by.field)), now.pending};
    }
    if (step.patch.is_object() && patch_touches(step.patch, by.field)) {
      auto both = fmt::format("both patch and add change the field {}; let one of them do it", by.field);
      return {std::nullopt, base::error(errc::invalid_json, std::move(both)), now.pending};
    }
    if (auto bad = add_to(row, by)) {
      return {std::nullopt, base::error(errc::conflict, fmt::format("row \"{}\" of table {}: {}", step.key, definition_.name, *bad)), now.pending};
    }
  }
  if (auto bad = protocol::misplaced_path(row, step.patch)) return {std::nullopt, base::error(errc::invalid_json, "patch: " + *bad), now.pending};
  if (step.patch.is_object()) apply_patch(row, step.patch);
  if (alteration_) alteration_->apply(row);
  return decide_patched(now, step.key, row, row_cap);
}

}  // namespace dbcord::database
