#pragma once
// A dotted path into a row, as queries, indexes and projections name fields: "address.city". It goes through arrays: "items.price"
// is the price of every item, "items.0" the first one. A member whose name itself has dots is found too. Pure, any thread.

#include <functional>
#include <string>
#include <string_view>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

inline constexpr std::size_t max_path_segments = 16;  // of paths that people give
inline constexpr std::size_t max_path_bytes = 1024;   // of those in a list of fields or a sort order
bool is_usable_path(std::string_view path);           // not empty, not longer
// "a..b", ".a", "a." and "": rows may have members of such names, but nobody who types one as a path means them.
bool has_empty_part(std::string_view path);
// Of such a one, as a phrase.
std::string no_field_text(std::string_view path);

// A part of it may be a place in a list ("items.0"), or the name of a member.
bool may_lead_by_place(std::string_view path);

// Calls `visit` for every value that the path leads to, until it answers true; then the result is true. A field that is missing
// is not visited. A value may be visited twice. Time: linear in the row, whatever the path.
bool any_at_path(const json_node& root, std::string_view path, const std::function<bool(const json_node&)>& visit);

// The first of them, or null.
const json_node* first_at_path(const json_node& root, std::string_view path);

}  // namespace dbcord::protocol
