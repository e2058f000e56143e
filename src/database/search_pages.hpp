#pragma once
// search_pages: everything that guild search finds of one word in a channel, page by page, the newest first. Used by one task at a time; the store
// outlives it.
//
// A page may be shorter than asked for, even empty, though there is more: the end is where a page is short and states no more than it holds. Pages are
// told apart by ids, since an offset reaches no further than 10,000 and moves while messages are written (discord-facts.md section 8).

#include "database/message_store.hpp"

namespace dbcord::database {

class search_pages {
 public:
  search_pages(message_store& store, base::channel_id channel, std::string word) : store_(store) {
    next_.channel = channel;
    next_.word = std::move(word);
  }

  bool ended() const { return ended_; }
  std::uint64_t requests() const { return requests_; }
  // As the last page said it, before that page.
  std::uint64_t left() const { return left_; }
  // The next page; one that is not ready() or still indexing is the last.
  actor::task<base::result<search_page>> next(call_options options);

 private:
  message_store& store_;
  search_request next_;
  bool ended_ = false;
  std::uint64_t requests_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace dbcord::database
