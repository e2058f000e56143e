#pragma once
// fencing_writer: one process of the fencing model: opens, writes, keeps its lease, reads, rolls, takes checkpoints, drops segments, releases; the same
// steps as database/log_opening, writer_lease, log_actor and checkpointer, on the same pure functions. A weakness leaves one rule out.
// Owned by the model's run, which restarts it; one thread.

#include <string_view>

#include "simulation/fencing_discord.hpp"

namespace dbcord::simulation {

enum class fencing_weakness {
  none,
  foreign_records_count,           // rule 1
  unreadable_body_ends_the_chain,  // rule 2
  segment_kept_after_roll,
  lowest_start_counts,             // rule 3
  lowest_attempt_counts,
  message_order_decides,
  epochs_mix,
  anchor_is_not_acknowledged,
  manifest_counts_by_itself,
  dropped_before_its_checkpoint,
  unknown_is_refusal,              // rule 4
  unknown_is_success,
  absence_in_the_tail_is_refusal,
  attempts_stay,
  any_barrier_will_do,
  no_wait,                         // rule 5
  wait_without_lease,
  wait_without_staleness,
  read_before_the_wait,
  any_tip_is_unclaimed,
  other_claims_do_not_matter,
  void_claims_count,
  started_below_the_tip,
  claims_are_ignored,              // rule 6
  take_over_is_answered,
  late_held_is_not_fatal,
  late_held_counts,
  held_is_ignored,
  higher_claims_do_not_stop,
  check_dates_from_its_answer,     // rule 7
  unanswered_claim_is_clean,
  claims_are_read_in_order,
  canary_passes_unanswered_claims,
  log_tail_is_not_read,
  rolls_are_not_followed,
  list_from_before_a_404_is_believed,
  empty_history_is_believed,
  unchecked_acknowledgement,       // rule 8
  acknowledged_without_staleness,
  acknowledged_without_grain,
  reads_are_not_checked,
  clock_from_arrival,
  clock_guessed_at_start,
  deleted_before_its_drop,
  unchecked_drop,
  drops_are_done_before_the_start,
  release_is_not_final,            // rule 9
  reads_go_on_while_releasing,
  count
};
std::string_view name(fencing_weakness w);
int rule_of(fencing_weakness w);
// Why no run breaks a promise without that rule; empty: some run must.
std::string_view why_unbroken(fencing_weakness w);

// What the processes say; the model's oracle listens.
class fencing_events {
 public:
  virtual ~fencing_events() = default;
  virtual int new_group() = 0;
  virtual void acknowledged(int group) = 0;
  virtual void failed(int group) = 0;  // said to be certainly not done
  // A read that began at `asked` shows these groups.
  virtual void read(model_time asked, const std::vector<int>& state) = 0;
  virtual void opened() = 0;
  virtual void found_nothing_to_stand_on() = 0;  // neither a checkpoint that counts nor the log's beginning
  virtual void releasing(int process) = 0;  // goes to end, and is about to say so
  virtual void ended(int process) = 0;      // by itself
};

// What lies on Discord, as the rules see it.
struct model_view {
  model_message_ptr base;             // the checkpoint that counts; none: all of the log
  std::vector<std::size_t> valid;     // positions in the log's records, behind the base
};

class fencing_writer : public model_process {
 public:
  struct upkeep {
    int rolls = 5, checkpoint_steps = 12;  // of a hundred things that a process writes
    int slow_openings = 5;                 // of a hundred
    int releases = 3;                      // of a hundred things that a process does
  };

  fencing_writer(fencing_discord& d, fencing_events& events, fencing_weakness w, protocol::lease_terms terms, upkeep often, int number)
      : discord_(d), events_(events), weak_(w), terms_(terms), often_(often) {
    this->number = number;
  }

  bool alive() const { return alive_; }
  // Which records count behind that anchor, as this program sees it.
  std::vector<std::size_t> valid(const protocol::chain_anchor& anchor, const std::vector<model_message_ptr>& records) const;
  model_view view(const std::vector<model_message_ptr>& checkpoints, const std::vector<model_message_ptr>& records) const;
  void start();
  void crash();

 private:
  struct tail {
    model_message_ptr base;
    std::vector<model_message_ptr> chain;  // behind the base
    std::vector<int> segments;             // in which the log lies, oldest first
    bool nothing_to_stand_on = false;
    model_time read_from = 0;
  };

  bool weak(fencing_weakness w) const { return weak_ == w; }
  fencing_discord::sleep sleep_for(model_time ms) { return discord_.sleep_for(*this, ms); }
  void note(model_time date) { newest_ = std::max(newest_, date); }

  flow<void> life();
  flow<bool> open();
  flow<std::optional<tail>> claim_and_read();
  flow<bool> claim();
  flow<std::optional<tail>> wait_and_read();
  flow<std::optional<tail>> read_chain();
  flow<std::optional<std::vector<model_message_ptr>>> read_log();
  std::vector<protocol::chain_record> chain_of(const std::vector<model_message_ptr>& records) const;
  std::vector<std::size_t> valid_of(protocol::chain_anchor anchor, const std::vector<protocol::chain_record>& chain) const;
  bool is_hidden(const model_answer& shown, int channel) const;
  flow<int> read_control();  // 0 go on, 1 again, 2 stopped
  model_time due(const tail& seen) const;
  flow<bool> start_epoch(const tail& seen);

  flow<void> keep();
  flow<bool> check();
  flow<bool> check_once();
  flow<bool> canary_is_deleted();
  flow<bool> check_log();
  flow<bool> answer_claim(model_message_ptr claim);
  flow<bool> confirm(model_time date, model_time patience);
  bool covers(model_time date) const;
  model_time latest_now() const;

  flow<void> write();
  flow<int> append(protocol::record_kind kind, model_record body);  // 1 written, 0 certainly not, -1 not known
  flow<int> resolve(model_record record);
  flow<bool> release();
  model_record next(protocol::record_kind kind, model_record body = {});
  flow<model_answer> post_record(model_record r);
  void adopt(const model_record& r);
  flow<void> reads();

  model_manifest capture(const protocol::log_header& anchor) const;
  // One step of a checkpoint, others are written between them; false: the tip is not known any more.
  flow<bool> checkpoint_step();
  flow<bool> keep_checkpoint(model_message_ptr checkpoint);
  flow<bool> truncate(int first_needed);
  flow<void> remove(int segment);
  flow<void> checkpoint_of_what_is_not_acknowledged(model_record record);
  void fence() { fenced_ = true; }

  fencing_discord& discord_;
  fencing_events& events_;
  fencing_weakness weak_;
  protocol::lease_terms terms_;
  upkeep often_;
  bool alive_ = false;
  std::vector<flow<void>> work_;

  // What a process remembers; gone with it.
  model_time newest_ = 0, checked_date_ = 0, check_asked_ = 0, clean_ = 0;
  base::message_id claim_, canary_;
  std::vector<base::message_id> judged_;
  bool alone_ = true, fenced_ = false, checking_ = false, released_ = false;
  std::uint64_t tip_epoch_ = 0;
  protocol::log_header tip_;
  int segment_ = 0;
  std::uint64_t attempt_ = 0;
  std::vector<int> state_, segments_;
  std::optional<model_manifest> captured_;
  std::optional<model_message> posted_;  // a checkpoint that no record names yet
  std::vector<model_message_ptr> kept_;  // checkpoints that count, oldest first
  std::uint64_t hash_count_ = 0;
};

protocol::chain_anchor model_anchor();

}  // namespace dbcord::simulation
