#pragma once
// table_schema: a table's rules for rows, committed and pending. Rows are validated against the newest pending one: the log writes
// them behind it. Owned by table_state, on its strand.

#include <deque>
#include <optional>

#include "database/ticket.hpp"
#include "protocol/row_schema.hpp"

namespace dbcord::database {

class table_schema {
 public:
  const protocol::row_schema& committed() const { return committed_; }
  const protocol::row_schema& effective() const { return pending_.empty() ? committed_ : pending_.back().schema; }
  // Whose outcome the effective schema rests on.
  std::optional<ticket> owner() const { return pending_.empty() ? std::nullopt : std::optional(pending_.back().owner); }

  void add_pending(ticket owner, protocol::row_schema schema) { pending_.push_back({owner, std::move(schema)}); }
  void drop_pending(ticket owner) {
    std::erase_if(pending_, [&](const pending& p) { return p.owner == owner; });
  }
  void set(protocol::row_schema schema) { committed_ = std::move(schema); }

 private:
  struct pending {
    ticket owner;
    protocol::row_schema schema;
  };

  protocol::row_schema committed_;
  std::deque<pending> pending_;
};

}  // namespace dbcord::database
