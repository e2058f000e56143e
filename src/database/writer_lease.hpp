#pragma once
// writer_lease: whether this process may still acknowledge anything (design.md section 6, rules 5 to 8). All times are
// Discord's. Owned by the log actor and used on its strand only.

#include <optional>

#include "actor/async_mutex.hpp"
#include "database/log_options.hpp"

namespace dbcord::database {

class writer_lease {
 public:
  writer_lease(const actor::environment& env, message_store& store, const log_options& options)
      : env_(env), store_(store), options_(options) {}

  void note_date(base::system_time date);
  base::system_time newest_date() const { return newest_date_; }
  // Discord's time by now, from the newest Date and what has passed since then on our clock.
  base::system_time estimated_now() const { return newest_date_ + (env_.now() - newest_date_seen_); }

  // We hold `claim` since a clean read of both channels that began at Discord's time `clean`.
  void hold(base::message_id claim, base::system_time clean);
  base::message_id epoch() const { return epoch_; }

  // Rule 8: may an answer of that Date be acknowledged, as things stand?
  bool covers(base::system_time date) const;
  // covers(), after as many checks as it takes; an error when we are fenced or the deadline passes first.
  actor::task<base::result<void>> confirm(base::system_time date, base::steady_time deadline);
  // Rule 7: reads both channels' tails once; an error when they cannot be read or do not look clean.
  actor::task<base::result<void>> check();

  const std::optional<base::error>& fenced() const { return fenced_; }

 private:
  actor::task<base::result<void>> check_control(call_options options);
  actor::task<base::result<void>> check_log(call_options options);
  actor::task<base::result<void>> answer_claim(base::message_id claim, bool take_over, call_options options);
  base::error fence(std::string why);

  const actor::environment& env_;
  message_store& store_;
  const log_options& options_;
  actor::async_mutex checking_;
  base::message_id epoch_;
  base::message_id control_read_to_;
  base::system_time newest_date_{};
  base::steady_time newest_date_seen_{};  // on our clock
  base::system_time last_clean_{};
  std::optional<base::error> fenced_;
};

// Rule 5: a claim that took more than 10 s to arrive is void.
bool is_void_claim(base::message_id claim, std::int64_t stated_s);

}  // namespace dbcord::database
