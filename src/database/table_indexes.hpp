#pragma once
// table_indexes: a table's secondary indexes over committed rows, and what pending versions will put into the unique ones. Plain
// data; owned by table_state, on its strand. An index is complete from the moment it is pending: rows are validated against it at once,
// queries use it when it is committed.

#include <algorithm>
#include <functional>
#include <list>
#include <optional>

#include "database/secondary_index.hpp"
#include "database/ticket.hpp"

namespace dbcord::database {

// Another row has, or will have, a value that a unique index allows once.
struct value_conflict {
  std::string field;
  std::string value;  // as shown to people
  std::string holder; // key of that row
  std::optional<ticket> rests_on;
};

// What rows that will be one transaction put into unique indexes: they are not pending yet, and must not clash with each other.
using claimed_values = std::map<protocol::index_id, std::map<protocol::json_node, std::string, value_less>>;

class table_indexes {
 public:
  // What a key will be once everything pending has committed: its JSON, empty if there is no such row, and whose outcome that rests on.
  struct effective {
    std::optional<protocol::json_node> row;
    std::optional<ticket> pending;
  };
  using look = std::function<effective(const std::string& key)>;

  bool empty() const { return indexes_.empty(); }
  // Committed, for queries; null if there is none on that field.
  const secondary_index* on(std::string_view field) const;
  // Pending ones too.
  bool exists(std::string_view field) const;
  std::vector<protocol::create_index> definitions() const;  // committed
  std::vector<std::string> fields() const;                // of pending ones too
  protocol::index_id next_id() const { return last_id_ + 1; }
  void skip_ids(protocol::index_id last) { last_id_ = std::max(last_id_, last); }
  std::size_t count() const { return indexes_.size(); }

  // The caller then adds every committed row and every pending version.
  void create(protocol::create_index definition, std::optional<ticket> owner);
  void publish(protocol::index_id id);
  void drop(protocol::index_id id);

  void add_row(const std::string& key, const protocol::json_node& row);
  void remove_row(const std::string& key, const protocol::json_node& row);
  void add_pending(ticket owner, const std::string& key, const protocol::json_node& row);
  void drop_pending(ticket owner, const std::string& key, const protocol::json_node& row);
  // Only into the index `id`, which was just created.
  void add_row_to(protocol::index_id id, const std::string& key, const protocol::json_node& row);
  void add_pending_to(protocol::index_id id, ticket owner, const std::string& key, const protocol::json_node& row);

  std::optional<value_conflict> conflict(const std::string& key, const protocol::json_node& row, const look& at) const;

  // Adds the row to what is claimed, or says which claim it clashes with and adds nothing.
  std::optional<value_conflict> claim(claimed_values& claimed, const std::string& key, const protocol::json_node& row) const;

  std::uint64_t memory() const;

 private:
  struct pending_value {
    ticket owner;
    std::string key;
  };
  struct entry {
    secondary_index rows;
    std::optional<ticket> owner;
    std::multimap<protocol::json_node, pending_value, value_less> pending;  // of unique indexes only
  };

  static void note_pending(entry& e, ticket owner, const std::string& key, const protocol::json_node& row);
  std::optional<value_conflict> conflict_in(const entry& e, const std::string& key, const protocol::json_node& row, const look& at) const;
  entry* find(protocol::index_id id);

  std::list<entry> indexes_;
  protocol::index_id last_id_ = 0;
};

}  // namespace dbcord::database
