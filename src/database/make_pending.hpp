#pragma once
// A transaction for the commit queue, with its number and who asked for it; operations and their size are the caller's. Pure.

#include "database/commit_queue.hpp"

namespace dbcord::database {

inline pending_ptr make_pending(ticket id, const write_context& context, base::steady_time now) {
  auto t = std::make_shared<pending_transaction>();
  t->id = id;
  t->body.idempotency_key = context.idempotency_key;
  t->body.who = context.who;
  t->body.command = context.command;
  t->deadline = context.deadline;
  t->begun = now;
  return t;
}

}  // namespace dbcord::database
