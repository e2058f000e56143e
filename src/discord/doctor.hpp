#pragma once
// doctor: whether a guild, a bot's account and the API behave as the database assumes. What can be asked is asked; what must be
// tried is tried in a category of its own, which is deleted afterwards. Nothing else in the guild is touched: of the channels that databases have there it
// only looks at what the bot may do in them, with one request for all.
//
// One coroutine; runs on the caller's executor. The scheduler outlives it.

#include <functional>
#include <string>

#include "discord/client.hpp"

namespace dbcord::discord {

enum class verdict { ok, warning, failed };

struct doctor_finding {
  std::string check;     // "permissions": one or two words
  enum verdict verdict = verdict::ok;
  std::string sentence;  // what was seen, and what to do about it
};

// What the database assumes (its engine_options), and how hard it is tried.
struct doctor_options {
  base::duration staleness = std::chrono::seconds(2);        // of a channel's history
  std::size_t upload = 8 * 1024 * 1024;                      // bytes of the largest attachment
  base::duration search_patience = std::chrono::seconds(60); // until a new message is to be found
  int history_probes = 3;
};

struct doctor_context {
  const actor::environment& env;
  request_scheduler& scheduler;
  base::guild_id guild;
  doctor_options options;
  std::function<void(doctor_finding)> found;  // as soon as it is known
};

// True when nothing failed (warnings allowed).
actor::task<bool> examine(doctor_context context, base::steady_time deadline);

}  // namespace dbcord::discord
