#include "protocol/search_tokens.hpp"

#include <fmt/format.h>

#include <set>

#include "dbcord/base/sha256.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/field_path.hpp"

namespace dbcord::protocol {
namespace {

std::string token_of(base::channel_id channel, std::string_view what) {
  auto hex = base::sha256_hex(fmt::format("dbcord search token of {} {}", channel.value, what)).substr(0, 16);
  auto number = std::stoull(hex, nullptr, 16);
  std::string token(search_token_letters, 'a');
  for (auto& letter : token) {
    letter = static_cast<char>('a' + number % 26);
    number /= 26;
  }
  return token;
}

// Every (path, value) that any_at_path() visits for some path without a place in a list, and the items of lists there: what equality looks at.
class token_collector {
 public:
  token_collector(base::channel_id channel, std::size_t most) : channel_(channel), most_(most) { add(table_token(channel)); }

  void collect(const json_node& object, const std::string& prefix) {
    for (const auto& [name, value] : object.members) {
      auto path = prefix + name;
      if (!is_usable_path(path)) continue;
      at(value, path);
    }
  }
  row_tokens take() { return std::move(tokens_); }

 private:
  void at(const json_node& value, const std::string& path) {
    if (value.is_scalar()) add(value_token(channel_, path, canonical(value)));
    if (value.is_object()) collect(value, path + '.');
    for (const auto& item : value.items) {
      if (item.is_scalar()) add(value_token(channel_, path, canonical(item)));
      if (item.is_object()) collect(item, path + '.');
    }
  }
  void add(std::string token) {
    if (!tokens_.complete || !known_.insert(token).second) return;
    tokens_.complete = tokens_.words.size() < most_;
    if (tokens_.complete) tokens_.words.push_back(std::move(token));
  }

  base::channel_id channel_;
  std::size_t most_;
  std::set<std::string> known_;
  row_tokens tokens_;
};

}  // namespace

std::string table_token(base::channel_id channel) { return token_of(channel, "table"); }

std::string value_token(base::channel_id channel, std::string_view path, std::string_view canonical_value) {
  return token_of(channel, fmt::format("field {} {} {}", path.size(), path, canonical_value));
}

std::optional<std::string> token_demanded(base::channel_id channel, const field_condition& condition) {
  if (condition.how != comparison::eq || !condition.operand.is_scalar() || may_lead_by_place(condition.path) || !is_usable_path(condition.path)) return std::nullopt;
  return value_token(channel, condition.path, canonical(condition.operand));
}

row_tokens tokens_of(base::channel_id channel, const json_node& row, std::size_t most) {
  token_collector collector(channel, most);
  collector.collect(row, {});
  return collector.take();
}

}  // namespace dbcord::protocol
