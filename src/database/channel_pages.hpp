#pragma once
// channel_pages: all messages of a channel, oldest first, page by page. Used by one task at a time, on any strand; the store outlives it.
//
// Without READ_MESSAGE_HISTORY a channel looks empty (Discord docs, Get Channel Messages), not forbidden. So each further page begins with a message
// that is known, and a channel that shows nothing at all must have no last message: else store_errc::not_done.

#include <vector>

#include "database/message_store.hpp"

namespace dbcord::database {

class channel_pages {
 public:
  // Messages above `after`; zero: all.
  channel_pages(message_store& store, base::channel_id channel, base::message_id after = {}) : store_(store), channel_(channel), after_(after) {}

  // The next ones; none: that was all.
  actor::task<base::result<std::vector<stored_message>>> next(call_options options);
  base::system_time date() const { return date_; }  // of the last answer
  // The last error was that nothing at all is shown of a channel that had messages: they are hidden, or all deleted. A message that one knows of tells which.
  bool shows_nothing() const { return shows_nothing_; }

 private:
  actor::task<base::result<bool>> has_messages(call_options options);

  message_store& store_;
  base::channel_id channel_;
  base::message_id after_;
  base::message_id known_;
  bool ended_ = false;
  bool shows_nothing_ = false;
  base::system_time date_{};
};

}  // namespace dbcord::database
