#pragma once
// What the log of one database needs to know; fixed while it is open.

#include <functional>
#include <string>

#include "database/message_store.hpp"
#include "protocol/log_chain.hpp"

namespace dbcord::database {

struct log_options {
  std::string database;            // name, for messages to people
  base::channel_id control;
  base::channel_id log;
  protocol::chain_anchor anchor;   // the database's creation record
  bool exclusive_by_lock = false;
  base::duration lease{};
  base::duration staleness{};      // S of design.md section 6
  std::size_t group_cap = 0;       // bytes of one commit group's body
  bool accept_loss = false;        // go on although part of the log is lost
  bool take_over = false;          // the process that writes it is to end
  std::function<void(base::error)> on_fenced;
};

// How long a single request of the log may take, rate limits included, before it counts as failed.
inline constexpr base::duration log_request_time = std::chrono::seconds(20);

}  // namespace dbcord::database
