#pragma once
// row_directory: a table's committed rows in the order of their keys: key, version, location, and the value unless it is evicted. Plain data; owned by
// table_state, on its strand.
//
// Memory: besides key and value about 17 bytes of a row_block, its malloc head and rounding, and 8 to 12 bytes in the B-tree; 24 bytes more for each
// record of the log that wrote live rows. While a row awaits the materialiser another 8 to 12.

#include <absl/container/btree_set.h>

#include <array>
#include <functional>
#include <iterator>
#include <optional>
#include <string>

#include "database/commit_groups.hpp"
#include "database/row_block.hpp"
#include "database/stored_row.hpp"

namespace dbcord::database {

class row_directory {
  static constexpr std::size_t least_digest = 2;  // "{}"
  struct by_key {
    using is_transparent = void;
    bool operator()(const row_block* a, const row_block* b) const { return a->key() < b->key(); }
    bool operator()(const row_block* a, std::string_view b) const { return a->key() < b; }
    bool operator()(std::string_view a, const row_block* b) const { return a < b->key(); }
  };
  using blocks = absl::btree_set<row_block*, by_key>;
  // By the record that wrote the row, the oldest first, and by key within one.
  struct by_age {
    const commit_groups* groups;
    bool operator()(const row_block* a, const row_block* b) const {
      if (a->group == b->group) return a->key() < b->key();
      auto lsn_a = groups->lsn(a->group), lsn_b = groups->lsn(b->group);
      return lsn_a != lsn_b ? lsn_a < lsn_b : a->key() < b->key();
    }
  };

 public:
  struct entry {
    std::string_view key;
    stored_row row;
  };
  // Valid until the directory changes.
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = entry;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = entry;

    iterator() = default;
    entry operator*() const { return {(*at_)->key(), rows_->shown(**at_)}; }
    std::string_view key() const { return (*at_)->key(); }
    stored_row row() const { return rows_->shown(**at_); }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator& operator--() {
      --at_;
      return *this;
    }
    bool operator==(const iterator& other) const { return at_ == other.at_; }

   private:
    friend class row_directory;
    iterator(const row_directory* rows, blocks::const_iterator at) : rows_(rows), at_(at) {}
    const row_directory* rows_ = nullptr;
    blocks::const_iterator at_;
  };

  row_directory() = default;
  row_directory(const row_directory&) = delete;
  row_directory& operator=(const row_directory&) = delete;
  ~row_directory() { clear(); }

  iterator begin() const { return {this, blocks_.begin()}; }
  iterator end() const { return {this, blocks_.end()}; }
  iterator lower_bound(std::string_view key) const { return {this, blocks_.lower_bound(key)}; }
  iterator upper_bound(std::string_view key) const { return {this, blocks_.upper_bound(key)}; }
  std::optional<stored_row> find(std::string_view key) const;
  bool contains(std::string_view key) const { return blocks_.contains(key); }
  std::size_t size() const { return blocks_.size(); }
  bool empty() const { return blocks_.empty(); }

  // A new row, or another version of one; without a message of its own, and dirty.
  void put(std::string_view key, std::string_view json, std::uint64_t version, std::uint64_t lsn, base::message_id log_message);
  bool erase(std::string_view key);
  void clear();
  // Of a checkpoint: false unless the key is behind all others. The row is not dirty.
  struct image {
    std::string_view key, held;
    std::uint64_t json_size = 0;
    bool resident = true;
    std::uint64_t version = 0, lsn = 0;
    base::message_id log_message, row_message;
    unsigned part = 0;
  };
  bool load(const image& row);
  // Everything older is known: see commit_groups.
  void settle() { groups_.settle(); }

  // Evicts values, least recently used first (a hand goes round and spares once what was read since it passed), until `bytes` are free or it has
  // looked at `rows_a_look` rows, each at most once, or evicted `evictions_a_look`; answers how many it freed. `digest`: what stays of a row's JSON, fingerprints behind it.
  // `log_only`: of the rows that lie in no message yet, or else of those that do; each has a hand of its own. What came back just now thus
  // stays for at least one more eviction.
  static constexpr std::size_t rows_a_look = 50'000;  // a few milliseconds
  static constexpr std::size_t evictions_a_look = 4'000;  // the same: of each the JSON is read
  using digest_function = std::function<std::string(std::string_view json)>;
  using spared_function = std::function<bool(std::string_view key)>;
  std::uint64_t evict(std::uint64_t bytes, bool log_only, const digest_function& digest, const spared_function& spared);
  // Forgets fingerprints of evicted rows, a hand going round likewise.
  std::uint64_t forget_fingerprints(std::uint64_t bytes);
  // What is kept of evicted rows may be more than is needed by now: trim_digests() goes through all of them, again if it is on its way.
  void begin_trimming() { trimming_hand_.emplace(); }
  bool is_trimming() const { return trimming_hand_.has_value(); }
  bool is_to_be_trimmed(std::string_view key) const { return trimming_hand_ && key >= *trimming_hand_; }
  // The next rows, `rows_a_look` at most and `trimmed_a_look` bytes of digests: beyond `least` bytes they become what `digest` leaves of them, without
  // fingerprints, which did not tell of what was kept. A row that comes, or is evicted, meanwhile keeps no more than is needed anyway.
  static constexpr std::size_t trimmed_a_look = 512 * 1024;  // which are parsed: a few milliseconds
  void trim_digests(std::size_t least, const digest_function& digest);
  // The value is back, unless the row has changed meanwhile; true if that made it resident.
  bool admit(std::string_view key, std::uint64_t lsn, std::string_view json);
  void touch(std::string_view key);
  // What evicted rows hold is not enough any more for what digests are to have.
  void mark_digests_incomplete();
  // Evicted rows whose digests are incomplete, about `bytes` of values. Linear.
  std::vector<std::string> with_incomplete_digest(std::uint64_t bytes) const;

  // Rows that the materialiser has still to write.
  bool is_dirty(std::string_view key) const;
  std::size_t dirty() const { return dirty_.size(); }
  // Calls `visit(key, row)` for each, in the order in which they were written, until it answers false.
  template <class Visit>
  void each_dirty(Visit visit) const {
    for (const auto* block : dirty_) {
      if (!visit(block->key(), shown(*block))) return;
    }
  }
  bool set_dirty(std::string_view key);  // true if it was not
  bool set_clean(std::string_view key);  // true if it was dirty

  // Its message; zero: only the log has it.
  void set_place(std::string_view key, base::message_id message, unsigned part = 0);
  // Calls `gone(key)` for each row whose message is in `messages`, after forgetting that location.
  template <class Messages, class Fn>
  void forget_places(const Messages& messages, Fn gone) {
    for (auto* block : blocks_) {
      if (block->place == 0 || !messages.contains(base::message_id{block->place})) continue;
      forget_place(*block);
      gone(block->key());
    }
  }
  std::optional<std::uint64_t> oldest_log_only(std::uint64_t from = 0) const { return groups_.oldest_log_only(from); }
  // Rows whose values nobody has: they are evicted, lie in no message, and the log begins with that LSN. Linear if there are any.
  struct lost_rows {
    std::uint64_t all = 0;
    std::uint64_t dirty = 0;  // of these: the materialiser has not found it out yet, or tries once more
  };
  lost_rows lost_before(std::uint64_t first_in_log) const;
  std::uint64_t newest_lsn() const { return groups_.newest_lsn(); }  // of any row that is or was

  std::uint64_t json_bytes() const { return json_bytes_; }  // of all rows, evicted ones too
  // What could be freed by evicting all, if no index needed anything of the values; where that was tried and frees nothing, it is not counted.
  std::uint64_t value_bytes() const { return value_bytes_[0] + value_bytes_[1]; }
  // What could be freed by forgetting fingerprints.
  std::uint64_t fingerprint_bytes() const { return fingerprint_bytes_; }
  std::uint64_t memory() const;                               // all that is held, values included
  std::uint64_t evictions() const { return evictions_; }      // values evicted so far

 private:
  stored_row shown(const row_block& block) const;
  row_block* block_of(std::string_view key) const;
  void count(const row_block& block);
  void discount(const row_block& block);
  static std::uint64_t evictable(const row_block& block) { return block.stays() ? 0 : block.evictable(least_digest); }
  std::uint64_t& values_of(const row_block& block) { return value_bytes_[block.place == 0]; }
  void locate(row_block& block, base::message_id message);
  void forget_place(row_block& block);
  // In place of the one of the same key, which is destroyed.
  void replace(row_block* old, row_block* fresh);

  blocks blocks_;
  commit_groups groups_;
  absl::btree_set<row_block*, by_age> dirty_{by_age{&groups_}};  // the same blocks
  std::uint64_t allocated_ = 0;
  std::uint64_t json_bytes_ = 0;
  std::array<std::uint64_t, 2> value_bytes_{};  // of rows that lie in a message, and of those that do not
  std::array<std::string, 2> hands_;             // the keys at which the next eviction of each begins
  std::uint64_t fingerprint_bytes_ = 0;
  std::string forgetting_hand_;                  // the same for fingerprints
  std::optional<std::string> trimming_hand_;     // and for digests, while there are some to be trimmed
  std::uint64_t incomplete_digests_ = 0;  // at most so many
  std::uint64_t evictions_ = 0;
};

}  // namespace dbcord::database
