#pragma once
// index_recorder: how far the channel of a secondary index shows what is in it (index_channels.hpp): what was read of it in its order, and which of the entries
// behind that have changed since. An entry that comes and goes again before it is shown leaves nothing. Plain data; owned by its secondary_index, on the
// table's strand.
//
// Memory: up to changes_max changes of up to changes_bytes_max bytes. If more wait they are all forgotten, and the index must be read anew.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/index_page.hpp"

namespace dbcord::database {

class index_recorder {
 public:
  static constexpr std::size_t changes_max = 4'096;
  static constexpr std::size_t changes_bytes_max = 1024 * 1024;

  enum class state {
    lost,     // nothing is recorded: it must be read anew
    reading,  // up to place() it was read, and changes are recorded
    following // all of it is shown but for the changes
  };
  struct place {
    protocol::json_node value;
    std::string key;
  };

  // Of the index, whatever its state.
  void added(const protocol::json_node& value, const std::string& key) { note(value, key, true); }
  void removed(const protocol::json_node& value, const std::string& key) { note(value, key, false); }
  void cleared();
  // Of an index that has entries already: what all of them come to is known when they were read.
  void begin_unread() { held_known_ = false; }

  void begin_reading();
  void lose();
  // False: what is shown is not what the index holds.
  bool resume(const protocol::index_digest& shown);
  // Of reading: the entry read last; empty: none was.
  const std::optional<place>& at() const { return at_; }
  void saw(const protocol::json_node& value, const std::string& key);
  void read_to(place where) { at_ = std::move(where); }
  void end_reading();

  state now() const { return state_; }
  std::size_t waiting() const { return changes_.size(); }
  const protocol::index_digest& held() const { return held_; }
  // By everything that was read and taken.
  protocol::index_digest shown() const;
  // The lines of changes that wait, up to so many bytes; they wait no more.
  std::vector<std::string> take(std::size_t bytes);
  std::uint64_t memory() const { return bytes_; }

 private:
  struct change {
    bool added = false;
    std::uint64_t hash = 0;
  };

  void note(const protocol::json_node& value, const std::string& key, bool added);
  bool was_read(const protocol::json_node& value, const std::string& key) const;
  void forget_changes();

  state state_ = state::lost;
  protocol::index_digest held_;     // all entries; until it is known, those that were read
  bool held_known_ = true;
  protocol::index_digest unshown_;  // what the changes come to
  std::optional<place> at_;
  std::map<std::string, change> changes_;  // by entry
  std::size_t bytes_ = 0;
};

}  // namespace dbcord::database
