#pragma once
// channel_garbage: which messages of a table's channel hold nothing any more. A message of one row is garbage as soon as that row, or that version of
// it, lies there no more; a page when the last of its rows and versions has left it. Plain data; owned by table_state, on its strand.

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <cstdint>

#include "dbcord/base/ids.hpp"

namespace dbcord::database {

class channel_garbage {
 public:
  using messages = absl::btree_set<base::message_id>;
  struct page {
    std::uint32_t uses = 0;  // rows, and versions of rows, that lie there
    std::uint32_t rows = 0;  // that it was written with; 0: not known
  };

  // A row, or a version of one, lies in that page.
  void use_page(base::message_id id) { ++pages_[id].uses; }
  // Of a page that is in use.
  void set_rows(base::message_id id, std::uint32_t rows);
  // What lay in the message (`part` zero: its own, else a page) does so no more.
  void release(base::message_id message, unsigned part);
  // Nothing lies in the page any more, whatever was said before.
  void forget_page(base::message_id id) { pages_.erase(id); }
  const absl::btree_map<base::message_id, page>& pages() const { return pages_; }
  // All messages up to that one are gone, with their channel.
  void forget_up_to(base::message_id last);

  void insert(base::message_id message) { garbage_.insert(message); }
  bool contains(base::message_id message) const { return garbage_.contains(message); }
  std::size_t size() const { return garbage_.size(); }
  messages::const_iterator begin() const { return garbage_.begin(); }
  messages::const_iterator end() const { return garbage_.end(); }
  // We removed it from the channel.
  void removed(base::message_id message);

  std::uint64_t memory() const;

 private:
  messages garbage_;
  absl::btree_map<base::message_id, page> pages_;
};

}  // namespace dbcord::database
