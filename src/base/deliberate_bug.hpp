#pragma once
// Deliberate bugs: known ways of getting a rule wrong, compiled in and switched off, so that the simulation can show that its checkers
// notice each of them (`seed_sweep --bugs`). Only simulation/bug_scope.hpp switches one on, for its own thread, on which one whole
// simulated run takes place; everywhere else `has_bug` is false, at the cost of reading one word.
//
// A new one: a line here, `if (base::has_bug(base::deliberate_bug::name))` where the rule stands, a row in the table of
// simulation/README.md. Never on a path that runs more often than once a message.

#include <optional>
#include <string_view>

#define DBCORD_DELIBERATE_BUGS(X)                                                                                          \
  /* the writer and its lease (design.md section 6) */                                                                     \
  X(skip_claim_check, "claims of other processes are not looked at")                                                       \
  X(unanswered_held_is_clean, "a check whose `held` got no answer counts as clean")                                        \
  X(ignore_held, "a claimant goes on although the holder said that it is there")                                           \
  X(skip_the_wait, "a claimant does not wait until the last lease has run out")                                            \
  X(trust_an_empty_answer, "a check that does not show what it must show counts as clean")                                 \
  X(acknowledge_without_lease, "a group is acknowledged without looking at the lease")                                     \
  X(read_without_lease, "a read is answered without looking at the lease")                                                 \
  X(trust_a_stopped_clock, "a read is judged by clocks that stood still with the machine")                                 \
  /* the log (section 5) */                                                                                                \
  X(apply_before_log, "a group is applied before the log has it")                                                          \
  X(acknowledge_before_log, "a group is acknowledged before Discord has answered")                                         \
  X(skip_barrier, "a send without an answer is taken for a refusal")                                                       \
  X(reuse_attempts, "a barrier has the attempt of the record that it voids")                                               \
  X(trust_id_order, "of two records with one predecessor the one with the higher message id counts")                      \
  X(trust_a_retrys_refusal, "a refusal of the second send is taken for one of the first")                                  \
  X(drop_nonce, "a message is sent again without its nonce")                                                               \
  X(altered_is_refused, "that what the second send has stored is cut is taken for a refusal of the first")                 \
  X(first_copy_counts, "of a record that stands twice only the first copy is read, cut as it may be")                      \
  X(ignore_backpressure, "the log's queue takes more than its cap")                                                        \
  /* tables and transactions (sections 5 and 9) */                                                                         \
  X(publish_before_all_tables, "reads are answered while a group is applied in some tables only")                          \
  X(show_what_is_pending, "a read shows what is not committed yet")                                                        \
  X(refuse_without_waiting, "a refusal that rests on something pending does not wait for its outcome")                     \
  X(keep_what_failed, "what a failed transaction would have written stays pending")                                        \
  X(forget_a_lock, "other writes slip in between a transaction's tables")                                                  \
  X(skip_unique_check_of_pending, "a unique index does not look at values that are pending")                               \
  X(zero_is_no_value, "a unique index takes zero for a value that is missing")                                             \
  X(keep_old_index_entries, "an index keeps the values of replaced versions")                                              \
  X(forget_idempotency_key, "a repeated command is carried out again")                                                     \
  /* finds (section 8) */                                                                                                  \
  X(trust_search_alone, "what guild search does not show is left out, though it was never seen to show it")                \
  X(cut_before_sorting, "a find that sorts and is cut off sorts what is left, not what there is")                          \
  X(count_without_looking, "a count takes every row that its plan does not rule out")                                      \
  /* rows and their messages (section 7) */                                                                                \
  X(adopt_by_key_alone, "a message found at start is taken for the newest version of its key")                             \
  X(old_version_last, "an older version that is written late stands for the newest")                                       \
  X(absence_is_deletion, "a row whose message is gone is deleted")                                                         \
  X(drop_page_in_use, "a page is garbage as soon as one of its rows has left it")                                          \
  X(adopt_page_by_key_alone, "every row of a page found at start is taken to lie there")                                   \
  X(delete_without_drop_record, "messages are deleted and no drop record names them")                                      \
  X(delete_before_drop_record, "messages are deleted first, and the drop record is written right behind it")               \
  X(truncate_too_far, "a segment of the log is dropped though rows have their only place in it")                           \
  /* recovery and checkpoints (section 7) */                                                                               \
  X(lose_deletes, "recovery leaves out deletions")                                                                         \
  X(half_a_transaction, "recovery takes the first operation of a transaction only")                                        \
  X(forget_keys_on_recovery, "recovery forgets which commands were carried out")                                           \
  X(forget_unwritten_rows, "a row without a message of its own is forgotten by the materialiser after a checkpoint")       \
  X(checkpoint_without_indexes, "a checkpoint has no indexes")                                                             \
  X(checkpoint_without_history, "a checkpoint has no superseded versions")                                                 \
  X(checkpoint_without_commands, "a checkpoint forgets which commands were carried out")                                   \
  X(checkpoint_too_late, "a checkpoint states a later place in the log than it was taken at")                              \
  X(overlook_a_hole, "a record of the log whose predecessor is gone is not missed")                                        \
  /* channels of indexes */                                                                                                 \
  X(show_no_removals, "the channel of an index does not show which entries went")                                          \
  X(trust_what_is_shown, "a start goes on with the channel of an index without comparing it with the index")               \
  /* tables that move or change their columns */                                                                           \
  X(drop_retiring_channel_early, "the channel that a table leaves is dropped while rows still lie there")                  \
  X(move_trusts_any_id, "a message in either channel of a table that moves counts, whatever its id")                       \
  X(end_alteration_early, "an alteration of columns ends before the rows present are written anew")                         \
  X(alter_behind_the_drop, "rows of a table are altered behind the record that drops it")

namespace dbcord::base {

enum class deliberate_bug {
  none,
#define X(name, what) name,
  DBCORD_DELIBERATE_BUGS(X)
#undef X
      count
};

namespace detail {
extern constinit thread_local deliberate_bug bug_of_this_thread;
}

inline bool has_bug(deliberate_bug b) { return detail::bug_of_this_thread == b; }

std::string_view name(deliberate_bug b);
// What it does, as half a sentence.
std::string_view describe(deliberate_bug b);
std::optional<deliberate_bug> find_bug(std::string_view name);

}  // namespace dbcord::base
