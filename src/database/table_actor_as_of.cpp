// The part of table_actor that finds rows as they were at a moment of the past.

#include "database/table_actor.hpp"

namespace dbcord::database {

base::result<begun_find> table_actor::begin_find_as_of(const find_query& query) {
  state_.expire_history(env().clock.wall_now(), true);
  account();
  begun_find begun;
  begun.past = std::make_shared<past_rows>(past_rows::lsn_of(*query.as_of(), state_), query.keys_in(state_));
  if (auto too_old = begun.past->behind_horizon(state_)) return *too_old;
  begun.plan = plan_past_find(query, state_, *begun.past, scan_slice_bytes, services_.values.at_hand());
  bool is_known = query.count_only() && query.wants_everything();
  if (!is_known || query.explain_only()) return admitted(query, std::move(begun));
  auto& answer = begun.answer.emplace();
  answer.matched = begun.plan.candidates;
  answer.plan = begun.plan.words.counted();
  return begun;
}

}  // namespace dbcord::database
