#pragma once
// channel_pages: all messages of a channel, oldest first, page by page. Used by one task at a time, on any strand; the store outlives it.
//
// Without READ_MESSAGE_HISTORY a channel looks empty (Discord docs, Get Channel Messages), not forbidden. So each further page begins with a message
// that is known, and a channel that shows nothing at all must have no last message: else store_errc::not_done. Discord keeps naming a last message that was deleted, so a channel that
// people have emptied looks like that, too.

#include <vector>

#include "database/message_store.hpp"

namespace dbcord::database {

class channel_pages {
 public:
  // Messages above `after`; zero: all.
  channel_pages(message_store& store, base::channel_id channel, base::message_id after = {}) : store_(store), channel_(channel), after_(after) {}

  // One that shows nothing counts as emptied if its last message, asked for by itself, is gone: who may not read the history is told so then, and not that.
  // For those who look for what is to be removed, and for views; who takes absence for a loss must know of a message of his own, or says by how much
  // a listing may be behind: a last message that is younger counts as hidden.
  void allow_emptied(base::duration staleness = {}) {
    allow_emptied_ = true;
    staleness_ = staleness;
  }
  bool emptied() const { return emptied_; }
  // The next ones; none: that was all.
  actor::task<base::result<std::vector<stored_message>>> next(call_options options);
  base::system_time date() const { return date_; }  // of the last answer
  // The last error was that nothing at all is shown of a channel that had messages: they are hidden, or all deleted. A message that one knows of tells which.
  bool shows_nothing() const { return shows_nothing_; }

 private:
  actor::task<base::result<base::message_id>> last_message(call_options options);
  actor::task<base::result<void>> check_emptied(base::message_id last, call_options options);

  message_store& store_;
  base::channel_id channel_;
  base::message_id after_;
  base::message_id known_;
  bool ended_ = false;
  bool shows_nothing_ = false;
  bool allow_emptied_ = false;
  bool emptied_ = false;
  base::duration staleness_{};
  base::system_time date_{};
};

}  // namespace dbcord::database
