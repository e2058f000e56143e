#pragma once
// row_history: where the superseded versions of a table's rows lie, up to a horizon (design.md section 8). Plain data; owned by
// table_state, on its strand. Values are not held: they are read from the version's own message or from the log.
//
// Limits: the newest `versions` of each key, none that was superseded longer ago than `age`. What falls behind the horizon is
// forgotten, and its message is garbage for vacuum. So is what is given up before that, since memory is short: a checkpoint does not tell one from the other.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "database/message_range.hpp"
#include "database/channel_garbage.hpp"
#include "dbcord/base/clock.hpp"
#include "dbcord/base/ids.hpp"
#include "dbcord/base/result.hpp"
#include "dbcord/errors.hpp"
#include "protocol/checkpoint_image.hpp"

namespace dbcord::database {

struct history_limits {
  std::uint32_t versions = 100;
  base::duration age = std::chrono::hours(24 * 30);
};

struct past_version {
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::message_id log_message;
  base::message_id row_message;  // zero: only the log has it
  bool deleted = false;          // the row was deleted then
  unsigned part = 0;             // of the page row_message, from 1 on; zero: the message is its own
  bool lost = false;             // what alone had it was deleted, or is damaged; that there was a version is known, and when, so those before it keep their order
};

// errc::damaged.
base::error lost_version(std::string_view key, std::uint64_t version);

class row_history {
 public:
  // The live row, which put an end to a chain's last version.
  struct live_version {
    std::uint64_t lsn = 0;
    base::message_id log_message;
  };
  using live_versions = std::function<std::optional<live_version>(const std::string& key)>;

  void set_limits(history_limits limits, const live_versions& live, channel_garbage& out);
  const history_limits& limits() const { return limits_; }

  // `superseded_by`: LSN and log message of the change that put an end to it.
  void add(const std::string& key, past_version past, std::uint64_t superseded_by, channel_garbage& out);
  // A message with that version of the row turned up. A record can hold several versions of a row, each with a number of its own.
  enum class attached { unknown, now, before };  // unknown: behind the horizon, or it lies elsewhere; before: it is known to lie there
  attached attach(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message, unsigned part = 0);

  // The same of one that lies in a message which it `leaves`, when it turns up in another one; answers where it lay. Empty: there is none.
  std::optional<past_version> move(const std::string& key, std::uint64_t version, std::uint64_t lsn, const std::function<bool(base::message_id)>& leaves,
                                   base::message_id message, unsigned part);

  // Messages that are there no more: the log has those versions.
  void forget_messages(const std::set<base::message_id>& gone);
  void forget_messages_in(message_range gone);
  // Calls `visit(key, versions)` for each key behind `after`, in their order, until it answers false.
  template <class Visit>
  void each_behind(std::string_view after, Visit visit) const {
    for (auto it = chains_.upper_bound(after); it != chains_.end() && visit(it->first, it->second.versions); ++it) {
    }
  }
  // The same from `from` on.
  template <class Visit>
  void each_from(std::string_view from, Visit visit) const {
    for (auto it = chains_.lower_bound(from); it != chains_.end() && visit(it->first, it->second.versions); ++it) {
    }
  }

  // For checkpoints: all of it, and back (into an empty one).
  protocol::image_history image() const;
  void load(protocol::image_history image, channel_garbage& pages);

  // Oldest first; null: none.
  const std::vector<past_version>* of(const std::string& key) const;
  // The number of the newest one; of a key that it does not know the highest of any deletion that it has forgotten, since that may have been the key's. 0: none.
  std::uint64_t last_version(std::string_view key) const;
  // The LSN before which it is not all known what the key was; 0: everything is.
  std::uint64_t forgotten_to(const std::string& key) const;
  std::uint64_t forgotten_to() const { return forgotten_to_; }  // the same of keys that it knows no version of
  // Forgets what was superseded before that time. Linear.
  void expire(base::system_time before, const live_versions& live, channel_garbage& out);
  // The same of one key.
  void expire(const std::string& key, base::system_time before, const live_versions& live, channel_garbage& out);
  // Versions without a message whose record in the log is truncated as well are lost, until a message with them turns up. How many more they are now. Linear.
  std::size_t mark_lost(std::uint64_t first_in_log);
  // That one is, since its record in the log is damaged. False: it is not known, has a message, or was lost already.
  bool lose(const std::string& key, std::uint64_t version, std::uint64_t lsn);
  // What the key was before its last version: that is erased.
  void forget_before_last(const std::string& key, channel_garbage& out);
  // Gives up the older half of every key's versions: memory is short. Linear.
  void halve(base::system_time now, const live_versions& live, channel_garbage& out);
  struct given_up_versions {
    std::uint64_t count = 0;  // by this process
    base::system_time last;
  };
  const given_up_versions& given_up() const { return given_up_; }
  // The oldest LSN whose record in the log is the only place of a version; empty: none.
  std::optional<std::uint64_t> oldest_in_log(std::uint64_t from = 0) const;  // of that LSN or behind it

  std::size_t size() const { return size_; }
  std::size_t messages() const { return messages_; }
  std::uint64_t memory() const;

 private:
  struct chain {
    std::vector<past_version> versions;
    std::uint64_t forgotten_to = 0;  // LSN below which this key's versions are not all known
  };

  using chains = std::map<std::string, chain, std::less<>>;
  template <class Gone>
  void forget_where(Gone gone);
  // The next chain; an empty one is forgotten.
  chains::iterator tidied(chains::iterator it);
  static std::optional<live_version> end_of(const chains::value_type& of, const live_versions& live);
  void keep_newest(chains::value_type& of, std::size_t count, const live_versions& live, channel_garbage& out);
  chains::iterator expire(chains::iterator it, base::system_time before, const live_versions& live, channel_garbage& out);
  void drop_front(chain& c, std::size_t count, std::uint64_t next_lsn, channel_garbage& out);

  history_limits limits_;
  chains chains_;
  std::uint64_t forgotten_to_ = 0;  // the same for keys that have no chain any more
  std::uint64_t deleted_to_ = 0;    // the highest version of a deletion that is forgotten
  std::size_t size_ = 0;
  std::size_t messages_ = 0;
  std::uint64_t key_bytes_ = 0;
  given_up_versions given_up_;
};

}  // namespace dbcord::database
