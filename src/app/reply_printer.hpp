#pragma once
// Shows replies to people: the text, then the attached files. Used by one coroutine.

#include <cstdio>

#include "app/user_session.hpp"

namespace dbcord::app {

// Whether the reply says that the command was done; of one that asks first, which nobody can answer here, standard error says how to go on.
bool says_done(const boost::json::object& message);
// Shows it; true as above. Attachments are fetched and shown; one that cannot be is an error.
actor::task<bool> print_reply(user_session& session, const actor::environment& env, boost::json::object message);
// The same for a command that got no reply: to standard error.
void print_error(const base::error& e);

}  // namespace dbcord::app
