#pragma once
// The one order of JSON values, for comparisons and sorting: null < numbers < strings < objects < arrays < booleans (as in
// MongoDB). Numbers compare as exact decimals, strings by code points, objects and arrays member by member. Two values
// compare equal exactly if their canonical texts are equal. Pure, any thread.

#include <compare>
#include <string_view>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

std::strong_ordering compare_values(const json_node& a, const json_node& b);
// The source texts of two JSON numbers.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b);
// Values of one rank are comparable by $gt and its kin; others are not.
int type_rank(const json_node& value);

}  // namespace dbcord::protocol
