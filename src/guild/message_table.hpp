#pragma once
// message_table: the messages of one channel, oldest first: 24 bytes each, that say where the body lies. Bodies are read by
// guild_state::find_message. Owned by its channel; one caller at a time; never fails.

#include <cstdint>
#include <utility>
#include <vector>

#include "dbcord/base/ids.hpp"

namespace dbcord::guild {

// Where a durable record lies; the driver gives it out and reads it again, the core only keeps it.
struct record_place {
  std::uint64_t where = 0;  // 0: nowhere
  std::uint32_t size = 0;   // bytes of the record

  friend bool operator==(const record_place&, const record_place&) = default;
};

struct message_entry {
  static constexpr std::uint32_t has_files = 1;  // the body names attachments
  static constexpr std::uint32_t removed = 2;    // table's own: the entry is to be dropped
  static constexpr std::uint32_t pinned = 4;
  static constexpr std::uint32_t thread_starter = 8;  // the system message that a thread of a message begins with

  base::message_id id;
  std::uint64_t where = 0;  // as in record_place; 0: its record is not durable yet, the body is in memory
  std::uint32_t size = 0;
  std::uint32_t marks = 0;

  record_place place() const { return {where, size}; }
};

class message_table {
 public:
  message_table() = default;
  // Sorted by id, no id twice.
  explicit message_table(std::vector<message_entry> entries) : entries_(std::move(entries)) {}

  // The pointer is valid until the table changes.
  const message_entry* find(base::message_id id) const;
  message_entry* find(base::message_id id);
  bool contains(base::message_id id) const { return find(id) != nullptr; }
  std::size_t size() const { return entries_.size() - removed_; }
  bool empty() const { return size() == 0; }

  // Creates it where it is missing.
  message_entry& need(base::message_id id);
  bool erase(base::message_id id);

  // How many were there before it, about: removed ones may count.
  std::size_t rank(base::message_id id) const { return static_cast<std::size_t>(lower_bound(id) - entries_.begin()); }

  // At most `limit` ids, newest first: those below `end`; the newest; the oldest of those that are `first` or above.
  std::vector<base::message_id> below(base::message_id end, std::size_t limit) const;
  std::vector<base::message_id> newest(std::size_t limit) const;
  std::vector<base::message_id> from(base::message_id first, std::size_t limit) const;

  // Oldest first. `visit` changes neither the table nor the ids.
  template <class Visitor>
  void for_each(Visitor visit) const {
    for (auto& entry : entries_) {
      if (!(entry.marks & message_entry::removed)) visit(entry);
    }
  }
  template <class Visitor>
  void for_each(Visitor visit) {
    for (auto& entry : entries_) {
      if (!(entry.marks & message_entry::removed)) visit(entry);
    }
  }
  std::vector<message_entry> entries() const;

 private:
  using position = std::vector<message_entry>::const_iterator;
  position lower_bound(base::message_id id) const;
  std::vector<base::message_id> before(position end, std::size_t limit) const;

  std::vector<message_entry> entries_;  // sorted by id
  std::size_t removed_ = 0;             // entries that only wait to be dropped
};

}  // namespace dbcord::guild
