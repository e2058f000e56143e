// What became of a command, for those who were told that it is not known.

#include <fmt/format.h>

#include <algorithm>

#include "database/command_outcomes.hpp"
#include "database/database.hpp"
#include "database/doubt_words.hpp"

namespace dbcord::database {
namespace {

constexpr base::duration reason_patience = std::chrono::seconds(1);    // the caller's time is over
constexpr base::duration refusal_patience = std::chrono::minutes(1);  // a job's deadline is hours away

}  // namespace

dbcord::actor::task<base::error> database::with_reason(base::error why) {
  if (why.code != errc::outcome_unknown) co_return why;
  auto closed = log_.closed_reason();
  if (closed && closed->code == errc::fenced) co_return not_known(closed->message);
  auto lease = co_await log_.lease(env().after(reason_patience));
  if (!lease || !lease->holds_up) co_return why;
  auto problem = lease->problem.empty() ? std::string() : fmt::format(" ({})", lease->problem);
  auto reason = fmt::format("it could not be made sure of in time that no other dbcord process writes database {}{}", record_.name, problem);
  co_return not_known(reason);
}

// A refusal says what stands in the database, so it is a read: of a process that was taken over and does not know it yet, this asks.
dbcord::actor::task<base::error> database::confirm_refusal(base::error refusal, base::steady_time deadline) {
  auto current = co_await log_.confirm_readable(std::min(deadline, env().after(refusal_patience)));
  if (!current) co_return current.error();
  co_return refusal;
}

// Nobody else writes while we may read: what we do not know then was not done. Records of the process before us that arrive late are void.
dbcord::actor::task<base::result<command_outcome>> database::outcome_of(std::string key, base::steady_time deadline) {
  auto known = executed_.look(key);
  if (!known.done && !known.running) {
    auto current = co_await log_.confirm_readable(deadline);
    if (!current) co_return current.error();
    known = executed_.look(key);
  }
  command_outcome outcome;
  outcome.database = record_.name;
  if (known.done) {
    outcome.is = command_outcome::state::done;
    outcome.operations = known.done->operations;
    outcome.lsn = known.done->lsn;
    outcome.record = {store_.guild(), log_.segments().channel_of(known.done->lsn), known.done->log_message};
  }
  if (known.running) outcome.is = command_outcome::state::running;
  if (outcome.is != command_outcome::state::not_done) co_return outcome;
  auto given = given_at(key);
  bool old = given && (*given + idempotency_register::window < env().clock.wall_now() || executed_.may_have_forgotten(*given));
  if (old) outcome.is = command_outcome::state::forgotten;
  co_return outcome;
}

}  // namespace dbcord::database
