#pragma once
// The thread_store port: threads of channels, beside message_store. A thread is a channel there: its messages are posted, read and deleted, and itself
// deleted, by its id. The implementation is discord/rest_thread_store. Any executor; concurrent calls are allowed. It outlives the calls made on it.

#include "database/message_store.hpp"

namespace dbcord::database {

struct thread_info {
  base::channel_id id;
  base::channel_id parent;
  base::user_id owner;
  std::string name;
};

struct archived_page {
  std::vector<thread_info> threads;
  std::string next;  // where the next page begins; empty: this was the last one
};

class thread_store {
 public:
  virtual ~thread_store() = default;

  // Of the whole guild, those that the bot can see.
  virtual actor::task<base::result<std::vector<thread_info>>> active_threads(call_options options) = 0;
  // Public ones of a channel, those archived last first. `from`: empty, or `next` of the page before.
  virtual actor::task<base::result<archived_page>> archived_threads(base::channel_id parent, std::string from, call_options options) = 0;
  // A public one. Not idempotent: after store_errc::unknown look for it. store_errc::channel_limit: the guild has no room for another active one.
  virtual actor::task<base::result<thread_info>> create_thread(base::channel_id parent, std::string name, call_options options) = 0;
};

}  // namespace dbcord::database
