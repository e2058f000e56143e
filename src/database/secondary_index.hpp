#pragma once
// secondary_index: which keys have which values of one field, in the order of values (protocol/value_order.hpp). Sparse: rows without the field, or
// with null, are not in it. A field that is an array, or lies behind one, has an entry for the array and for each item, as queries see
// it. Plain data; owned by table_indexes, on the table's strand. Memory: about 200 bytes an entry besides value and key.
//
// A row that would have more than max_indexed_values here is refused, and so is an index on a table that has one; what the log has already is taken as it is.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "database/index_recorder.hpp"
#include "protocol/json_node.hpp"
#include "protocol/transaction.hpp"
#include "protocol/value_order.hpp"

namespace dbcord::database {

struct value_less {
  bool operator()(const protocol::json_node& a, const protocol::json_node& b) const { return protocol::compare_values(a, b) < 0; }
};

inline constexpr std::size_t max_indexed_values = 10'000;

class secondary_index {
 public:
  using keys = std::set<std::string, std::less<>>;
  using entries = std::map<protocol::json_node, keys, value_less>;

  explicit secondary_index(protocol::create_index definition) : definition_(std::move(definition)) {}

  const protocol::create_index& definition() const { return definition_; }
  void rename(std::string field) { definition_.field = std::move(field); }
  // What the row has in this index; each value once.
  std::vector<protocol::json_node> values_of(const protocol::json_node& row) const;
  // How many there are at most, cheaply: those that are alike are counted each.
  std::size_t count_values_of(const protocol::json_node& row) const;
  // What memory() would count for the row, and for what of it is not here yet.
  std::uint64_t memory_of(const std::string& key, const protocol::json_node& row) const;
  std::uint64_t memory_lacking_of(const std::string& key, const protocol::json_node& row) const;
  // Those that no two rows may share if the index is unique: all but an empty list, which is no value.
  std::vector<protocol::json_node> unique_values_of(const protocol::json_node& row) const;

  void add(const std::string& key, const protocol::json_node& row);
  void remove(const std::string& key, const protocol::json_node& row);
  void clear();
  // Whether what changes is recorded, for its channel.
  void record(bool on = true);
  // Null: it is not recorded.
  index_recorder* recorder() { return recorder_ ? &*recorder_ : nullptr; }
  const index_recorder* recorder() const { return recorder_ ? &*recorder_ : nullptr; }
  // Of a recorded one that is being read: the lines of the next entries, at least one and up to so many bytes; none: that was all.
  std::vector<std::string> read_on(std::size_t bytes);

  const entries& all() const { return entries_; }
  // Null: nobody has that value.
  const keys* holders(const protocol::json_node& value) const;
  // Of a unique index: the values that several rows have. None, once it is ready.
  using values = std::set<protocol::json_node, value_less>;
  const values& shared() const { return shared_; }
  std::uint64_t size() const { return size_; }      // entries
  // False while no row has had several values here: then two demands on the field are demands on one value.
  bool has_lists() const { return has_lists_; }
  std::uint64_t memory() const { return memory_ + (recorder_ ? recorder_->memory() : 0); }  // bytes, an estimate

 private:
  // values_of(), where they lie in the row.
  std::vector<const protocol::json_node*> find_values(const protocol::json_node& row) const;

  protocol::create_index definition_;
  entries entries_;
  values shared_;
  std::uint64_t size_ = 0;
  bool has_lists_ = false;
  std::uint64_t memory_ = 0;
  std::optional<index_recorder> recorder_;
};

}  // namespace dbcord::database
