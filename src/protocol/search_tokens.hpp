#pragma once
// Search tokens: the words of a row message by which Discord's guild search finds it (design.md section 4). Letters only and all of one length, since
// nothing is published about how Discord cuts other text into words: one for the table, one for each scalar that an equality can be about. A token is a
// hash, so a hit is a candidate whose row must be looked at; a row without the token does not have the value. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/ids.hpp"
#include "protocol/json_node.hpp"
#include "protocol/predicate.hpp"

namespace dbcord::protocol {

inline constexpr std::size_t search_token_letters = 10;  // 47 bits: with a million values two are alike once in 280 tables

// `channel` is the table's: no two tables have ever had the same one.
std::string table_token(base::channel_id channel);
std::string value_token(base::channel_id channel, std::string_view path, std::string_view canonical_value);

// The token that every row has for which the condition holds; empty when there is none: equality with a string, a number or a boolean has one, unless
// the path leads through a place in a list ("items.0").
std::optional<std::string> token_demanded(base::channel_id channel, const field_condition& condition);

struct row_tokens {
  std::vector<std::string> words;  // the table's first, then in the order of the row's fields, each once
  bool complete = true;            // false: there was no room for all
};
// At most `most` words.
row_tokens tokens_of(base::channel_id channel, const json_node& row, std::size_t most);

}  // namespace dbcord::protocol
