#pragma once
// table_indexes: a table's secondary indexes over committed rows, and what pending versions will put into the unique ones. Plain
// data; owned by table_state, on its strand. From the moment it is pending, an index is maintained and rows are validated against what it holds;
// queries use it when it is committed and ready. One that is being built lacks rows until its backfill has been round.

#include <algorithm>
#include <functional>
#include <list>
#include <optional>
#include <utility>

#include "database/secondary_index.hpp"
#include "database/ticket.hpp"

namespace dbcord::database {

// Another row has, or will have, a value that a unique index allows once.
struct value_conflict {
  std::string field;
  std::string value;  // as that row has it, for people: 1 is 1.0
  std::string holder; // key of that row
  std::optional<ticket> rests_on;
};

// What of an index is known to people. `why`: it could not be built.
enum class index_state { building, ready, failed };
std::string_view to_string(index_state state);
struct index_status {
  protocol::create_index definition;
  index_state state = index_state::ready;
  std::string why;
  std::uint64_t entries = 0;
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
  bool some_unique() const { return std::any_of(indexes_.begin(), indexes_.end(), [](const entry& e) { return e.rows.definition().unique; }); }
  // Committed and ready, for queries; null if there is none on that field.
  const secondary_index* on(std::string_view field) const;
  // Pending ones and those being built too; not such as have failed.
  bool exists(std::string_view field) const;
  bool contains(protocol::index_id id) const;
  std::vector<protocol::create_index> definitions() const;  // committed and ready
  std::vector<index_status> all() const;                  // committed, in any state
  std::optional<index_status> status(std::string_view field) const;  // committed; the newest, if an earlier one has failed
  std::optional<protocol::create_index> first_building() const;  // committed
  bool unfinished() const;                                // pending, or being built
  const secondary_index* being_built(protocol::index_id id) const;  // committed; null: it is not
  std::vector<std::string> fields() const;                // that are maintained
  protocol::index_id next_id() const { return last_id_ + 1; }
  void skip_ids(protocol::index_id last) { last_id_ = std::max(last_id_, last); }
  std::size_t count() const { return indexes_.size(); }
  // Committed and ready ones that have a channel (create_index::channel).
  std::vector<secondary_index*> shown();
  // Whose pending write decides whether one has a channel.
  std::optional<ticket> channel_pending(protocol::index_id id) const;
  void set_channel_pending(protocol::index_id id, std::optional<ticket> owner);
  void set_channel(protocol::index_id id, bool on);  // nothing if it is gone

  // The caller then adds every pending version and every committed row, these later if it is being built.
  void create(protocol::create_index definition, std::optional<ticket> owner);
  // Committed: one on the same field that has failed is forgotten.
  void publish(protocol::index_id id);
  // The end of its being built; nothing if it is gone. Of a failed one only the reason stays.
  void settle(protocol::index_id id, bool ready, std::string why);
  void build_again(protocol::index_id id);  // one that was ready lacks rows; it keeps what it holds
  void clear(protocol::index_id id);  // to be filled anew
  void drop(protocol::index_id id);
  // The fields of rows are called otherwise from now on, and have the same values.
  void rename(const std::function<std::string(const std::string& field)>& renamed);

  void add_row(const std::string& key, const protocol::json_node& row);
  void remove_row(const std::string& key, const protocol::json_node& row);
  void add_pending(ticket owner, const std::string& key, const protocol::json_node& row);
  void drop_pending(ticket owner, const std::string& key, const protocol::json_node& row);
  // Only into the index `id`.
  void add_row_to(protocol::index_id id, const std::string& key, const protocol::json_node& row);
  void add_pending_to(protocol::index_id id, ticket owner, const std::string& key, const protocol::json_node& row);

  // A row whose value was evicted without all that indexes look at has it again. One that is being built has it already as far as the
  // digest went, and else when its round comes to it.
  void complete_row(const std::string& key, const protocol::json_node& before, const protocol::json_node& row);

  // An index that the row has too many values for.
  struct overfull_index {
    std::string field;
    std::size_t values = 0;
    std::optional<ticket> rests_on;
  };
  std::optional<overfull_index> find_overfull(const protocol::json_node& row) const;
  // By how much memory() grows, at most, when that row takes the place of `before`; null: there is none. Unique ones have the values twice while the row is pending.
  std::uint64_t growth(const std::string& key, const protocol::json_node* before, const protocol::json_node& row) const;

  std::optional<value_conflict> conflict(const std::string& key, const protocol::json_node& row, const look& at) const;

  // Two rows that will have one value of a unique index that is being built; `rests_on`: if that is committed.
  struct clash {
    std::string value;
    std::string first, second;  // keys
    std::optional<ticket> rests_on;
  };
  std::optional<clash> find_clash(protocol::index_id id, const look& at) const;

  // Adds the row to what is claimed, or says which claim it clashes with and adds nothing.
  std::optional<value_conflict> claim(claimed_values& claimed, const std::string& key, const protocol::json_node& row) const;
  void disclaim(claimed_values& claimed, const std::string& key, const protocol::json_node& row) const;

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
    index_state state = index_state::ready;
    std::string why;
    std::optional<ticket> channel_owner = {};
  };

  static void note_pending(entry& e, ticket owner, const std::string& key, const protocol::json_node& row);
  std::optional<value_conflict> conflict_in(const entry& e, const std::string& key, const protocol::json_node& row, const look& at) const;
  std::optional<clash> clash_of(const entry& e, const protocol::json_node& value, const look& at) const;
  static index_status status_of(const entry& e);
  const entry* find(protocol::index_id id) const;
  entry* find(protocol::index_id id) { return const_cast<entry*>(std::as_const(*this).find(id)); }

  std::list<entry> indexes_;
  protocol::index_id last_id_ = 0;
};

}  // namespace dbcord::database
