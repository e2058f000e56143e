#pragma once
// index_channels, one per database: the channels of those of its secondary indexes that were made with one (create_index::channel), written one after the other
// in the background while the database is open, and deleted when their indexes are gone. Nobody waits for them. run() on any strand; everything else from
// any executor.

#include <atomic>
#include <map>

#include "actor/event.hpp"
#include "actor/promise.hpp"
#include "database/index_channel.hpp"

namespace dbcord::database {

class index_channels {
 public:
  using tables_function = std::function<std::vector<table_ptr>()>;
  using forget_function = std::function<void(base::channel_id)>;
  // `forget`: a `drop` record names that channel, and it is to be deleted.
  index_channels(index_channel_context context, tables_function tables, forget_function forget);

  // Until request_stop(). `present`: the guild's channels when the database was opened.
  actor::task<void> run(std::vector<channel_info> present);
  // Something of an index may have changed. Any thread.
  void notify() { wake_.notify(); }
  // run() shows what waits, if that takes little, and ends; stopped() is for whoever waits for that.
  void request_stop();
  actor::task<void> stopped(base::steady_time deadline);

  // For purge and repair: every channel of the table's indexes is written anew and holds nothing older.
  struct rewriting {
    std::uint64_t emptied = 0;             // that hold nothing older
    std::uint64_t written = 0;             // that show their index
    base::result<void> removed;            // the first that was not emptied
    std::vector<std::string> not_written;  // one sentence each
  };
  actor::task<rewriting> rewrite(table_ptr table, base::steady_time deadline);
  actor::task<base::result<void>> verify(table_ptr table, verify_findings& findings, base::steady_time deadline);
  void messages_deleted(base::channel_id channel, const std::vector<base::message_id>& messages);
  void channel_deleted(base::channel_id channel);
  std::vector<index_channel_status> status() const;
  // Of one whose index has just got a channel: as soon as that was found or made, or could not be. Empty: nothing of it is known by the deadline.
  actor::task<std::optional<index_channel_status>> first_look(protocol::table_id table, protocol::index_id index, base::steady_time deadline);

 private:
  using index_key = std::pair<protocol::table_id, protocol::index_id>;

  static index_channel_context excluding(index_channel_context context, index_channels& self);
  std::vector<index_channel_ptr> all() const;
  std::vector<index_channel_ptr> of(protocol::table_id table) const;
  actor::task<void> refresh();
  std::vector<base::channel_id> retired() const;
  void retire_orphans(const std::vector<channel_info>& present);
  actor::task<bool> look_for_orphans();
  void tell_waiting();
  actor::task<bool> delete_retired();
  actor::task<base::result<void>> retire(base::channel_id channel);
  actor::task<void> flush();

  index_channel_context context_;
  tables_function tables_;
  forget_function forget_;
  std::atomic<bool> running_{false};
  std::atomic<bool> stopping_{false};
  actor::event wake_;
  actor::promise<bool> stopped_;
  mutable std::mutex mutex_;
  std::map<index_key, index_channel_ptr> channels_;
  std::vector<base::channel_id> retired_;  // of indexes that are gone, or have none any more: never used again
  std::atomic<bool> orphans_{false};       // such an index may have one that was not found yet
  std::vector<actor::promise<bool>> waiting_;  // for the next step of any channel
};

}  // namespace dbcord::database
