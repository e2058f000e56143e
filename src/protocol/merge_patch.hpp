#pragma once
// JSON merge patch (RFC 7396). Pure, any thread.

#include <optional>
#include <string>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

// null removes a member, an object merges, anything else replaces.
void apply_merge_patch(json_node& target, const json_node& patch);

// Why a name of the patch is not taken as it stands, in half a sentence; empty: there is none. A dotted one is the name of a member; where the target has an object
// that the path leads into, and no member of that name, whoever wrote it meant the path.
std::optional<std::string> misplaced_path(const json_node& target, const json_node& patch);

}  // namespace dbcord::protocol
