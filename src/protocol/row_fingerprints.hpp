#pragma once
// row_fingerprints: 16 bits for each scalar of a row, of the path that leads to it and its canonical value, so that memory can tell of a row whose
// value it has let go of that no field of it equals something. A row may seem to have what it has not, never the other way round. Pure, any thread.
//
// They are kept as bytes: a mark, then two bytes each, in no order that counts. No bytes at all: nothing is known. A row has none if one of its names
// has a dot, since paths would mean several places then, or if it has more than fingerprints_most.
//
// A scalar in a list has the list's path, as queries reach it (predicate.hpp); null has none, since it is equal to a missing field. Checkpoints hold them: whoever changes
// how they are made changes the mark.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

struct field_condition;

// No text of JSON has this byte, so they may stand behind one.
inline constexpr char fingerprints_mark = '\x01';
inline constexpr std::size_t fingerprints_most = 64;

// `is_known(name)`: members of the row of which memory keeps everything else; they get none.
std::string row_fingerprints(const json_node& row, const std::function<bool(std::string_view name)>& is_known);
// Whether these bytes are as row_fingerprints makes them; what they say can only be believed.
bool are_fingerprints(std::string_view bytes);
// The fingerprints of which every row has one for which the condition holds, sorted; empty: nothing can be said.
std::vector<std::uint16_t> fingerprints_demanded(const field_condition& c);
// Whether the row may have one of the fingerprints that are demanded; `of_row` are_fingerprints().
bool may_have(std::string_view of_row, const std::vector<std::uint16_t>& demanded);

}  // namespace dbcord::protocol
