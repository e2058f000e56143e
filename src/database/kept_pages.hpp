#pragma once
// kept_pages: messages that hold pages and were seen lately, for the addresses of their files: with these a row of the page takes one download, without a look at the
// message before. Plain data; its owner guards it.
//
// Limits: `bytes_most`, of those that were used last: a page of five megabytes has ten addresses, about 5 KiB. An address expires a day after Discord has signed it
// (discord-facts.md 3.10); a page is let go of a little before.

#include <list>
#include <map>
#include <set>

#include "database/message_store.hpp"

namespace dbcord::database {

class kept_pages {
 public:
  static constexpr std::size_t bytes_most = 1024 * 1024;

  void add(stored_message message);
  // Null: it is not known, or its addresses are about to expire. Valid until the next change.
  const stored_message* find(base::message_id page, base::system_time now);
  void forget(base::message_id page);
  void clear();
  // Those that find() would answer.
  std::set<base::message_id> ids(base::system_time now) const;

 private:
  struct page {
    stored_message message;
    base::system_time until;  // the first of its addresses expires
    std::size_t bytes = 0;
  };
  using pages = std::list<page>;

  pages pages_;  // used last first
  std::map<base::message_id, pages::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace dbcord::database
