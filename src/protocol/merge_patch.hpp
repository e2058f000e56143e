#pragma once
// JSON merge patch (RFC 7396). Pure, any thread.

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

// null removes a member, an object merges, anything else replaces.
void apply_merge_patch(json_node& target, const json_node& patch);

}  // namespace dbcord::protocol
