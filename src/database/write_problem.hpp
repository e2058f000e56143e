#pragma once
// write_problem: why the log, or the rows of a table, could not be written as of the last attempt, and for how long; standing_problem keeps that for one of them.
// Any thread.

#include <mutex>
#include <optional>
#include <string>

#include "database/errors.hpp"
#include "dbcord/base/clock.hpp"
#include "dbcord/base/error.hpp"
#include "dbcord/base/ids.hpp"

namespace dbcord::database {

struct write_problem {
  std::string table;         // whose rows; empty: the log
  base::channel_id channel;
  std::string why;           // a sentence
  base::duration lasts{};    // since the first attempt of those that failed alike
};

class standing_problem {
 public:
  // An attempt to write into that channel failed. That its turn did not come says nothing of the channel, and that what was in it is refused says that others are taken.
  void note(const base::error& why, base::channel_id channel, base::steady_time now) {
    if (why.code == store_errc::busy || why.code == base::errc::stopping) return;
    if (why.code == store_errc::content_refused) return note_written();
    std::lock_guard lock(mutex_);
    if (!known_ || known_->why.code != why.code || known_->channel != channel) known_ = state{why, channel, now};
    known_->why = why;  // the same may be told in other words: of a message with a file, say
  }
  void note_written() {
    std::lock_guard lock(mutex_);
    known_.reset();
  }
  std::optional<write_problem> told(std::string table, base::steady_time now) const {
    std::lock_guard lock(mutex_);
    if (!known_) return std::nullopt;
    return write_problem{std::move(table), known_->channel, known_->why.message, now - known_->since};
  }

 private:
  struct state {
    base::error why;
    base::channel_id channel;
    base::steady_time since;
  };

  mutable std::mutex mutex_;
  std::optional<state> known_;
};

}  // namespace dbcord::database
