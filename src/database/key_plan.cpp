#include "database/key_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/canonical_value.hpp"

namespace dbcord::database {
namespace {

using protocol::comparison;
using kind = protocol::json_node::kind;

// The keys of rows whose primary key field equals the value. A value that can be no key has none.
void add_key(std::vector<std::string>& keys, const protocol::json_node& value) {
  if (auto key = protocol::key_text(value)) keys.push_back(std::move(*key));
}

std::optional<std::vector<std::string>> keys_of(const protocol::field_condition& c) {
  std::vector<std::string> keys;
  if (c.how == comparison::eq) {
    add_key(keys, c.operand);
  } else if (c.how == comparison::in) {
    for (const auto& item : c.operand.items) add_key(keys, item);
  } else {
    return std::nullopt;
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// The first text after all that begin with `prefix`; empty: none.
std::optional<std::string> end_of_prefix(std::string prefix) {
  while (!prefix.empty()) {
    auto last = static_cast<unsigned char>(prefix.back());
    if (last != 0xFF) {
      prefix.back() = static_cast<char>(last + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return std::nullopt;
}

// Only texts are in the order of their keys: "10" stands before "9".
void narrow(key_range& range, const protocol::field_condition& c) {
  const auto& text = c.operand.text;
  auto raise = [&](const std::string& from) { range.from = std::max(range.from, from); };
  auto lower = [&](std::optional<std::string> past) {
    if (past && (!range.past || *past < *range.past)) range.past = std::move(past);
  };
  switch (c.how) {
    case comparison::gt:
    case comparison::gte: raise(text); break;
    case comparison::lt: lower(text); break;
    case comparison::lte: lower(text + '\0'); break;
    case comparison::prefix:
      raise(text);
      lower(end_of_prefix(text));
      break;
    default: break;
  }
}

}  // namespace

bool may_be_number(std::string_view key) {
  if (key.starts_with('-')) key.remove_prefix(1);
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_range(comparison how) {
  return how == comparison::gt || how == comparison::gte || how == comparison::lt || how == comparison::lte || how == comparison::prefix;
}

std::string key_plan::text() const {
  if (keys) return keys->size() == 1 ? std::string("primary key") : fmt::format("{} primary keys", keys->size());
  return is_range() ? "range of primary keys" : "";
}

bool key_plan::is_within_numbers(std::string_view key) const {
  if (numbers.empty()) return true;
  if (!may_be_number(key)) return false;
  protocol::json_node value;
  value.type = kind::number;
  value.text = key;
  return std::all_of(numbers.begin(), numbers.end(), [&](const auto& c) { return protocol::holds_for(c, value); });
}

bool key_plan::is_within(std::string_view key) const {
  bool in_range = !range || (key >= range->from && (!range->past || key < *range->past));
  return in_range && is_within_numbers(key);
}

// The first text behind the key is that with a zero byte behind it.
void key_plan::go_on_behind(const std::string& key) {
  if (keys) std::erase_if(*keys, [&](const std::string& k) { return k <= key; });
  if (!range) range.emplace();
  range->from = std::max(range->from, key + '\0');
}

void key_plan::end_before(const std::string& key) {
  if (keys) std::erase_if(*keys, [&](const std::string& k) { return k >= key; });
  if (!range) range.emplace();
  if (!range->past || key < *range->past) range->past = key;
}

std::size_t demands_in(const protocol::predicate& where) {
  if (where.kind() != protocol::predicate::junction::all_of) return 1;
  std::size_t n = 0;
  for (const auto& part : where.parts()) n += demands_in(part);
  return n;
}

key_plan plan_keys(const protocol::predicate& where, std::string_view primary_key, const std::optional<std::string>& after, const std::optional<std::string>& before) {
  key_plan plan;
  std::size_t bounds = 0, named = 0;
  for (const auto* c : where.demanded()) {
    if (c->path != primary_key) continue;
    if (auto keys = keys_of(*c)) {
      ++named;
      if (!plan.keys || keys->size() < plan.keys->size()) plan.keys = std::move(keys);
    }
    if (!is_range(c->how)) continue;
    if (c->operand.type == kind::number) plan.numbers.push_back(*c);
    if (c->operand.type != kind::string) continue;
    if (!plan.range) plan.range.emplace();
    narrow(*plan.range, *c);
    ++bounds;
  }
  bool is_name = primary_key.find('.') == primary_key.npos;
  plan.only_texts = is_name && demands_in(where) == (plan.keys ? 1 : bounds) && (plan.keys ? named == 1 : bounds > 0);
  if (after) plan.go_on_behind(*after);
  if (before) plan.end_before(*before);
  return plan;
}

}  // namespace dbcord::database
