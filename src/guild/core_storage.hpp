#pragma once
// What passes between the core and the disk beneath it, so that the core knows no files: where records lie, how they are read
// again, and how a guild is brought back to memory. Plain data and interfaces, called on the core's strand.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/result.hpp"
#include "guild/message_table.hpp"

namespace dbcord::guild {

// A record that was durable cannot be read any more: the disk is damaged. Says where.
class unreadable_record : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class record_reader {
 public:
  virtual ~record_reader() = default;
  // Blocks on the disk. Throws unreadable_record.
  virtual std::string read(record_place place) = 0;
};

struct channel_messages {
  base::channel_id channel;
  base::message_id last_message;  // may have been removed
  std::uint64_t sent = 0;         // of a thread: channel::messages_sent
  std::vector<message_entry> entries;
};

// All that a guild is after some record. The driver may keep it instead of every record until then.
struct core_snapshot {
  std::vector<std::string> records;        // everything but the messages
  std::vector<channel_messages> messages;  // for take_messages(), after the records
  std::vector<std::string> unplaced;       // records of the messages whose entry has no place, in the order of `messages`
  std::uint64_t emitted = 0;               // records that the core had emitted, all of which are in it
};

class history_sink {
 public:
  virtual ~history_sink() = default;
  virtual base::result<void> take_record(std::string_view record, record_place place) = 0;
  // Of a snapshot; the channel's record came before.
  virtual base::result<void> take_messages(channel_messages messages) = 0;
};

class core_history {
 public:
  virtual ~core_history() = default;
  // Hands over everything that was kept, in the order in which it became durable. An error of the sink ends it.
  virtual base::result<void> replay(history_sink& to) = 0;
};

}  // namespace dbcord::guild
