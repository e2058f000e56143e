#pragma once
// writer_lease: whether this process may still acknowledge anything (design.md section 6, rules 5 to 8). All times are
// Discord's. Owned by the log actor and used on its strand only.

#include <optional>
#include <set>

#include "actor/async_mutex.hpp"
#include "database/log_options.hpp"
#include "protocol/writer_rules.hpp"

namespace dbcord::database {

class writer_lease {
 public:
  writer_lease(const actor::environment& env, message_store& store, const log_options& options)
      : env_(env), store_(store), options_(options) {}

  void note_date(base::system_time date);
  base::system_time newest_date() const { return newest_date_; }
  // Discord's time by now is before this: the Date of the last check, and what has passed on our clock since it was *asked* (its
  // answer may have travelled for long). All clocks of a machine that was suspended may have stood still; then the newest answer of Discord's, which the wall clock
  // goes by, says so: commands are acknowledged before they are carried out, but for those that open a form.
  base::system_time latest_now() const;

  // Why the last check failed; empty: it did not.
  std::string problem() const { return last_check_ ? std::string() : last_check_.error().message; }
  // Since the last check that found no other writer; empty: there was none yet.
  std::optional<base::duration> age() const {
    if (last_clean_ == base::system_time{}) return std::nullopt;
    return std::chrono::duration_cast<base::duration>(latest_now() - last_clean_);
  }

  // In which channel the log is written from now on, and one that surely shows something while nothing stands there yet (zero: none).
  // Both zero: the log's channel is gone, and only the claims are looked at.
  void follow(base::channel_id log, base::channel_id before);
  // The newest record of ours in the log's channel.
  void note_written(base::message_id message) {
    log_empty_ = false;
    record_channel_ = log_;
    record_ = message;
  }
  // A roll of ours to that channel is being written: while its answer is awaited, somebody may have begun behind it. Until follow(), or zero: it does not count.
  void expect_roll(base::channel_id target) { roll_target_ = target; }

  // We hold `claim` since a clean read of both channels that began at Discord's time `clean`; an answer of it, asked for at `asked` on our clock, had that Date.
  void hold(base::message_id claim, base::system_time clean, base::system_time date, base::steady_time asked);
  base::message_id epoch() const { return epoch_; }

  // Rule 8: may an answer of that Date be acknowledged, as things stand?
  bool covers(base::system_time date) const;
  // covers(), after as many checks as it takes; an error when we are fenced or the deadline passes first. An answer without a Date is taken for one of now.
  // `patient`: a check that a missing permission ends is repeated, too; else whoever asks is told at once, since only a person can help.
  actor::task<base::result<void>> confirm(base::system_time date, base::steady_time deadline, bool patient = true);
  // Rule 7: reads both channels' tails once; an error when they cannot be read or do not look clean. Who waits meanwhile shares the outcome of the first check that
  // begins behind his asking: one after another, many readers would hold up whoever writes.
  actor::task<base::result<void>> check();

  const std::optional<base::error>& fenced() const { return fenced_; }

 private:
  actor::task<base::result<void>> check_now();
  actor::task<base::result<void>> check_control(call_options options);
  actor::task<base::result<void>> check_log(call_options options);
  actor::task<base::error> log_not_shown(call_options options);
  actor::task<base::result<bool>> check_segment(base::channel_id channel, call_options options);
  actor::task<base::result<void>> judge_claims(std::vector<stored_message> shown, call_options options);
  actor::task<base::result<void>> answer_claim(base::message_id claim, bool take_over, call_options options);
  actor::task<base::result<void>> canary_missing(std::vector<stored_message>& shown, call_options options);
  void note_check(base::system_time date, base::steady_time asked);
  protocol::lease_terms terms() const { return {options_.lease, options_.staleness}; }
  base::error fence(std::string why);

  const actor::environment& env_;
  message_store& store_;
  const log_options& options_;
  actor::async_mutex checking_;
  std::uint64_t checks_begun_ = 0;
  base::result<void> last_check_;
  base::message_id epoch_;
  base::channel_id log_, before_log_, roll_target_;
  bool log_empty_ = true;
  base::channel_id record_channel_;
  base::message_id record_;  // of ours, that stands in that channel; zero: none is known
  // A message that every later read of the control channel must show, since an empty answer may mean that a permission is lost.
  // Claims become visible in any order: it moves on only past what was surely shown.
  base::message_id canary_;
  std::set<base::message_id> judged_;  // claims above the canary that need no answer any more
  base::system_time newest_date_{};
  base::system_time checked_date_{};
  base::steady_time check_asked_{};  // on our clock
  base::system_time last_clean_{};
  std::optional<base::error> fenced_;
};

}  // namespace dbcord::database
