#pragma once
// Messages that Discord itself puts into a channel. One caller at a time; never fails.

#include "guild/world.hpp"

namespace dbcord::guild {

// Stores and announces it. `m` has an author, a type and what it refers to; its channel is there.
const stored_message& post_system_message(world& w, base::channel_id where, stored_message m);
// False for those: nobody can edit or pin them or start a thread from them.
bool is_users_message(const stored_message& m);

}  // namespace dbcord::guild
