#pragma once
// message_bodies: the bodies of messages that are in memory: those whose record is not durable yet (all of them in a guild
// without a disk), and of the others those used last, up to a number of bytes. Owned by guild_state; one caller at a time.
//
// Pointers are valid until trim(), keep() or forget() of the same message. Limits: `budget` bytes of bodies that could be read
// again, checked by trim() only, between two inputs, so that what one input uses stays while it is handled.

#include <list>
#include <unordered_map>

#include "guild/model.hpp"

namespace dbcord::guild {

class message_bodies {
 public:
  static constexpr std::size_t default_budget = 16 * 1024 * 1024;

  explicit message_bodies(std::size_t budget = default_budget) : budget_(budget) {}

  const stored_message* find(base::message_id id);
  // A new body whose record is on its way to the disk: it stays until settle() was called once for each keep().
  const stored_message& keep(stored_message message);
  // A body that was read from the disk.
  const stored_message& remember(stored_message message);
  // A record became durable. True: it was the last one on its way, so the body may be read from there.
  bool settle(base::message_id id);
  void forget(base::message_id id);
  void trim();

  std::size_t count() const { return slots_.size(); }
  std::size_t evictable_bytes() const { return evictable_; }

 private:
  using order = std::list<base::message_id>;
  struct slot {
    stored_message body;
    std::size_t bytes = 0;
    std::uint32_t on_its_way = 0;  // records; 0: evictable, and in order_
    order::iterator place;
  };

  void make_evictable(slot& s);
  void make_kept(slot& s);

  std::size_t budget_;
  std::size_t evictable_ = 0;
  std::unordered_map<std::uint64_t, slot> slots_;  // by id; only asked
  order order_;                                    // of the evictable ones, used last first
};

}  // namespace dbcord::guild
