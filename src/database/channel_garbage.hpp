#pragma once
// channel_garbage: which messages of a table's channel hold nothing any more. A message of one row is garbage as soon as that row, or that version of
// it, lies there no more; a page when the last of its rows and versions has left it. Of each is known why. Plain data; owned by table_state, on its strand.

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <array>
#include <cstdint>
#include <optional>

#include "database/message_range.hpp"
#include "database/garbage_kind.hpp"
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
  bool knows_rows(base::message_id id) const;
  // What lay in the message (`part` zero: its own, else a page) does so no more; a page whose rows are not known stays one, until they are (settle_page). `kind`: what a message of its own is then.
  void release(base::message_id message, unsigned part, garbage_kind kind = garbage_kind::superseded);
  // All that lies in the page is known: with nothing it is garbage.
  void settle_page(base::message_id id, garbage_kind kind);
  // Nothing lies in the page any more, whatever was said before.
  void forget_page(base::message_id id) { pages_.erase(id); }
  const absl::btree_map<base::message_id, page>& pages() const { return pages_; }
  // All these are gone, with their channel.
  void forget(message_range gone);

  // One that is known keeps its kind.
  void insert(base::message_id message, garbage_kind kind);
  std::optional<garbage_kind> kind_of(base::message_id message) const;
  bool contains(base::message_id message) const { return kind_of(message).has_value(); }
  const messages& of(garbage_kind kind) const { return garbage_[static_cast<std::size_t>(kind)]; }
  std::size_t size() const;
  base::message_id newest() const;  // zero: there is none
  // We removed it from the channel.
  void removed(base::message_id message);

  std::uint64_t memory() const;

 private:
  std::array<messages, garbage_kinds> garbage_;
  absl::btree_map<base::message_id, page> pages_;
};

}  // namespace dbcord::database
