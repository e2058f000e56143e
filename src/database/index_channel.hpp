#pragma once
// index_channel: the channel #idx-<table>-<field> of one secondary index, a view of it for people (protocol/index_page). A base, the whole index in pages, is
// followed by pages of changes; when those are many, or when anything went wrong, a new base is written and the older pages are removed. The database rests
// nothing on it, and nothing of it is persisted: a start goes on behind the newest pages if they show, by their digest, what the index holds, else it
// writes a new base.
//
// Its work is done in turns, each of one message at most, at the priority of maintenance. Any executor; status() and note_deleted() from any thread. Memory:
// the ids of its pages, a page of at most index_page_bytes while it is written, and what index_recorder holds.

#include <functional>
#include <mutex>

#include "actor/async_mutex.hpp"
#include "database/channel_directory.hpp"
#include "database/index_channel_views.hpp"
#include "database/table_actor.hpp"
#include "database/verify_findings.hpp"

namespace dbcord::database {

class log_actor;

// Of one database; outlives its channels.
struct index_channel_context {
  const actor::environment& env;
  message_store& store;
  channel_directory& directory;
  log_actor& log;
  std::string database_id;
  std::string database;
  std::function<std::vector<base::channel_id>()> bound;  // channels that hold something else
};

// The channel's topic tells which index it shows.
std::string index_channel_object(protocol::table_id table, protocol::index_id index);
// Empty: that of an index of another table.
std::optional<protocol::index_id> index_of_channel(std::string_view object, protocol::table_id table);

class index_channel {
 public:
  static constexpr std::size_t pages_max = 1'000;  // of a generation

  index_channel(index_channel_context context, table_ptr table, protocol::create_index index);

  protocol::table_id table() const { return table_->definition().table; }
  // Does what is due, at most one message of it. Answers when something is due again; empty: not before the index changes.
  actor::task<std::optional<base::steady_time>> step();
  // Shows what is waiting, if that takes one message.
  actor::task<void> flush(base::steady_time deadline);
  // Writes a base, into another channel if people have deleted this one, and removes everything else of ours, known or not.
  struct rewriting {
    base::result<void> written;  // an error: the channel does not show the index, yet
    base::result<void> removed;  // an error: something older may be left
  };
  actor::task<rewriting> rewrite(base::steady_time deadline);
  // Compares what lies in the channel with what the index holds. An error: that could not be found out. Copies of pages are removed in the next steps.
  actor::task<base::result<void>> verify(verify_findings& findings, base::steady_time deadline);
  // Pages that are gone, not by us. True: they count.
  bool note_deleted(base::channel_id channel, const std::vector<base::message_id>& messages);
  // The same of the whole channel.
  bool note_channel_deleted(base::channel_id channel);
  index_channel_status status() const;

 private:
  // `unknown`: what lies in the channel was not looked at yet. `outdated`: a new base is due.
  enum class phase { unknown, outdated, base, following };
  struct seen_page {
    base::message_id message;
    protocol::index_page_header header;
    std::vector<attachment_info> attachments;
  };

  bool is_due(const table_actor::shown_index& now) const;
  bool is_outdated(const table_actor::shown_index& now) const;
  actor::task<base::result<void>> advance(table_actor::shown_index now, call_options options);
  actor::task<base::result<bool>> find(bool make, call_options options);
  actor::task<base::result<std::vector<seen_page>>> survey(call_options options);
  actor::task<base::result<bool>> is_whole(const seen_page& page, call_options options);
  actor::task<void> resume(const std::vector<seen_page>& pages);
  actor::task<void> begin_base();
  actor::task<base::result<void>> write_page(call_options options);
  actor::task<bool> gather(protocol::index_page& page, bool& ended);
  actor::task<base::result<stored_message>> post(const protocol::index_page& page, call_options options);
  void note_written(const protocol::index_page& page, base::message_id message, bool ended);
  actor::task<base::result<void>> write_base(base::steady_time deadline);
  actor::task<base::result<void>> remove_older(base::steady_time deadline);
  actor::task<base::result<void>> remove_others(base::steady_time deadline);
  // What the pages seen so far show.
  struct page_check {
    verify_findings& findings;
    std::set<base::message_id> missing;
    protocol::index_digest shows = {};
    bool sound = true;  // every page could be read
  };
  actor::task<base::result<void>> check_page(const stored_message& message, page_check& check, call_options options);
  actor::task<base::result<protocol::index_digest>> read(const stored_message& message, const protocol::index_page_header& header, call_options options);
  // Empty: the message is no page of this index, or somebody else's.
  std::optional<protocol::index_page_header> our_page(const stored_message& message) const;
  bool is_left_over(const protocol::index_page_header& page) const;
  void fail(const base::error& why);
  void publish(std::optional<table_actor::shown_index> now);
  bool take_deleted();
  bool take_channel_deleted();
  void forget_channel();
  actor::task<base::result<void>> write_anew(call_options options);

  index_channel_context context_;
  table_ptr table_;
  protocol::create_index index_;
  // Within a turn:
  actor::async_mutex turn_;
  phase phase_ = phase::unknown;
  base::channel_id channel_;
  std::uint64_t generation_ = 0;
  std::uint64_t sequence_ = 0;      // of the next page
  std::uint64_t base_entries_ = 0;  // of this generation
  std::uint64_t changes_ = 0;
  std::vector<base::message_id> pages_;  // of this generation
  std::vector<base::message_id> older_;  // to be removed
  base::steady_time not_before_{};
  base::duration retry_pause_;
  std::string problem_;
  bool removal_failed_ = false;  // the last time: changes go first

  mutable std::mutex mutex_;  // of what follows
  index_channel_status status_;
  std::vector<base::message_id> deleted_;
  base::channel_id deleted_channel_;
};
using index_channel_ptr = std::shared_ptr<index_channel>;

}  // namespace dbcord::database
