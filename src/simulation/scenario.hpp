#pragma once
// scenario: what kind of run a seed stands for. Drawn from the seed; a caller may fix parts of it. Plain data.

#include <cstdint>
#include <optional>
#include <string>

#include "base/deliberate_bug.hpp"
#include "guild/fault_plan.hpp"
#include "guild/rate_table.hpp"
#include "simulation/fault_plan.hpp"

namespace dbcord::simulation {

// Rules broken on purpose (weak_message_store), to see that the checkers notice.
enum class weakness {
  none,
  unknown_is_refusal,  // a lost answer is taken for a refusal
  unknown_is_success,  // a lost answer is taken for "applied"
  newest_is_missed     // the newest message of a channel is not seen when it is read from the beginning
};

struct scenario {
  std::uint64_t seed = 1;
  base::duration length = std::chrono::seconds(40);  // of the workload, virtual time
  int users = 4;
  int tables = 1;
  int keys = 6;                                       // per table
  base::duration think = std::chrono::milliseconds(250);
  bool rate_limits = true;
  bool tenth_of_limits = false;                       // Discord allows a tenth of what it was seen to allow
  int fault_weight = 0;                               // see plan_of_weight
  int calm = 1;                                       // so many times as rare are crashes, restarts of the guild, pauses, spells and losses of the gateway
  base::duration crash_every{};                       // mean; zero: never
  std::uint64_t crash_at = 0;                         // behind so many handlers since the work began the bot crashes, once; zero: not so
  std::uint64_t crash_start_at = 0;                   // behind so many handlers the process that is started next does; zero: not so
  base::duration guild_restart_every{};               // mean; zero: never
  bool exclusive_by_lock = true;                      // else every start waits for the lease
  base::duration lease = std::chrono::seconds(10);
  base::duration staleness = std::chrono::seconds(2);
  bool stale_reads = false;                           // history up to `staleness` old; only where a lease is waited for
  base::duration pause_every{};                       // mean; of processes, as by SIGSTOP; zero: never
  bool machines_stop = false;                         // every pause is longer than a lease, and of the process's machine with its clocks
  bool unique_index = false;  // on v, of which every write has another, and on q, of which there are too few
  int rivals = 0;                                     // a second process is pointed at the same guild, or a third, too; only where a lease is waited for
  base::duration wall_skew{};                         // of a process's clock: drawn from [-this, this]
  bool keep_session = true;                           // the saved gateway session survives a crash
  int checkpoint_tail = 0;                            // log messages between checkpoints; zero: none in a run of this length
  bool deltas = false;                                // of checkpoints, which are hardly ever due
  weakness weak_spot = weakness::none;
  base::deliberate_bug bug = base::deliberate_bug::none;  // of the engine, for the whole run
  bool bank = false;                                  // transfers over three tables (bank)
  bool client = false;                                // a program with dbcord built in (embedded_client),
  bool client_looks = false;                          // which watches commit groups being applied,
  bool client_presses = false;                        // and writes more than there is room for
  std::size_t backlog_cap = 64 * 1024 * 1024;
  std::size_t memory_cap = 512 * 1024 * 1024;
  std::size_t page_from = 32;                         // rows that wait, from which on they are written as pages
  base::duration late_max = std::chrono::seconds(60);  // of requests that are applied after their client gave up
  bool quiet = false;                                 // few people, long pauses, and processes that die when an answer is lost
  base::duration hand_every{};                        // mean; somebody deletes a message of a table
  base::duration tidy_every{};                        // mean; somebody deletes a claim that has served; where a lease is waited for
  base::duration spell_every{};                       // mean; a few seconds in which one thing fails nearly always; zero: never
  bool one_sided = false;                             // with rivals: every other spell is of one of the processes only
  bool retries_refused = false;                       // every spell loses answers and refuses requests
  bool answers_lost = false;                          // every spell loses answers to messages with files, of which two in five are cut
  bool requests_late = false;                         // in every spell requests are applied after their client gave up
  base::duration upkeep_every = std::chrono::seconds(40);  // mean; vacuum, purge, history, layout by one more person
  double vacuums = 0;                                 // share of that which is vacuums, besides those drawn anyway, once no table keeps older versions
  double moves = 0;                                   // share of the rest of it that is tables moving into fresh channels
  base::duration alter_every{};                       // mean; columns of a table of its own change (alteration_workload); zero: never
  base::duration thread_every{};                      // mean; threads of rows of a table of its own (thread_workload); zero: never
  base::duration chore_every{};                       // mean; verification, indexes checked, copies of tables, beside the other upkeep (chore_workload); zero: never
  bool bulk_import = false;                           // by which some hundred rows come, once
  bool whole_databases = false;                       // which also makes a database and drops it again
  bool index_channels = false;                        // upkeep is mostly of indexes that have channels
  std::size_t group_cap = 8 * 1024 * 1024;            // bytes of a commit group; an eighth of it is what a transaction of an import takes
  bool cuts_imports() const { return group_cap < scenario().group_cap; }
  double imports = 0.03;                              // share of the operations
  double finds = 0.07;
  bool long_texts = false;                            // rows have texts, some of which are too long for a message
  bool preconditions = false;                         // half of the updates and deletions are for a version that their author has seen
  bool looks_back = false;                            // half of the reads are of the past
  bool search = false;                                // half of the finds go through guild search,
  base::duration search_delay = std::chrono::seconds(2);  // which is that late
  double search_misses = 0;                           // and never knows of this share of the messages
  bool losses = false;                                // after the work people delete what the database lives on (loss_trial)
  base::duration ids_behind{};                        // some messages' ids are of up to so long ago: not in the order in which they were posted
  bool guild_faults = false;                          // AutoMod, cut uploads, events that are lost, doubled or late, a search that begins anew
  bool nonces_forgotten = false;                      // every other message that is sent again stands there twice; commit groups go as files, of which some are cut
  bool whims = false;                                 // of the guild: 429 that headers deny, slow answers, sessions that are to reconnect or are void
  base::duration cut_every{};                         // mean; limits are cut to a tenth for a while; zero: never
  base::duration cut_longest = std::chrono::seconds(30);
  bool cuts_files() const { return guild_faults || nonces_forgotten; }
  bool database_has_own_cap() const { return seed % 3 == 0; }  // of memory: then it is that one that is reached
  bool is_long() const { return length >= std::chrono::minutes(2); }
};

// Parts that are fixed instead of drawn.
struct scenario_overrides {
  std::optional<base::duration> length;
  std::optional<int> fault_weight;
  std::optional<bool> crashes;
  std::optional<bool> rate_limits;
  std::optional<int> rivals;  // further processes, wherever a lease is waited for
};

guild::rate_table tenth_of(guild::rate_table limits);
// What goes wrong within the guild: what the network's fault_plan cannot do.
guild::fault_plan faults_within(const scenario& s);
scenario draw_scenario(std::uint64_t seed, const scenario_overrides& fixed = {});
// What goes wrong in a spell of bad luck, on top of `usual`.
struct bad_spell {
  std::string_view name;
  base::duration longest = std::chrono::seconds(8);
  fault_plan plan = {};
  bool drops_gateway = false;
};
// `long_ones`: that nobody is reached may last longer than people wait for an answer.
bad_spell draw_spell(const fault_plan& usual, bool long_ones, base::random_source& random);
// One that a single process suffers while others see Discord as it is.
bad_spell draw_one_sided_spell(const fault_plan& usual, base::random_source& random);
bad_spell answers_lost_and_requests_refused(const fault_plan& usual);
bad_spell answers_to_files_are_lost(const fault_plan& usual);
bad_spell requests_arrive_late(const fault_plan& usual);
// The same as answers_lost_and_requests_refused, where a refusal is final.
bad_spell answers_lost_and_permission_missing(const fault_plan& usual);
std::string describe(const scenario& s);

}  // namespace dbcord::simulation
