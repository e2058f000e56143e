#pragma once
// table actor, one per table: serialises the table's writes on its strand; owns its rows and pending versions
// (table_state). Public coroutines may be awaited from any executor. Kept alive by shared_ptr.

#include <functional>
#include <memory>
#include <mutex>

#include "actor/actor.hpp"
#include "database/cache_figures.hpp"
#include "database/commit_queue.hpp"
#include "database/loaded_image.hpp"
#include "database/log_segments.hpp"
#include "database/memory_account.hpp"
#include "database/reservation.hpp"
#include "database/begun_find.hpp"
#include "database/find_query.hpp"
#include "database/hand_deletions.hpp"
#include "database/search_pages.hpp"
#include "database/search_sightings.hpp"
#include "database/value_reader.hpp"
#include "database/snapshot.hpp"
#include "database/row_input.hpp"
#include "protocol/database_dump.hpp"

namespace dbcord::database {

struct valued_rows;  // read_batches

// What the tables of a database share; outlives them.
struct table_services {
  commit_queue& queue;
  memory_account& memory;
  value_reader& values;
  std::atomic<ticket>& last_ticket;
  std::string database, database_id;
  base::guild_id guild;
  const log_segments& log;
  std::size_t row_cap;
  std::size_t page_from;  // rows that wait to be written, from which on they are written as pages
  std::size_t index_at_once;  // rows of a table up to which an index is built in one step
  message_store& store;
  std::size_t altered_at_once = 256;  // rows that one transaction of an alteration writes anew
  std::shared_ptr<memory_account> memory_kept = {};  // for a table that outlives its database, in whoever still reads it
};

// `submitted`: the write went into the log's queue, whose applier settles its idempotency key; else nothing happened.
template <class T>
struct write_result {
  bool submitted = false;
  base::result<T> value;

  write_result() : value(base::error(base::errc::stopping)) {}  // only what Asio's co_spawn needs
  write_result(bool in_log, base::result<T> v) : submitted(in_log), value(std::move(v)) {}
  write_result(base::error refusal) : value(std::move(refusal)) {}
};

struct committed_write {
  commit_info commit;
  std::uint64_t version = 0;
  std::string key;
};

struct imported_chunk {
  commit_info commit;
  std::size_t accepted = 0;
  std::size_t replaced = 0;  // of these
};

// Of the values that a scan reads at a time.
inline constexpr std::size_t scan_slice_bytes = 512 * 1024;

class table_actor : public actor::actor, public evicts_values, public std::enable_shared_from_this<table_actor> {
 public:
  table_actor(const dbcord::actor::environment& env, protocol::create_table definition, table_services services);
  ~table_actor() { services_.memory.change(accounted_, {}); }

  const protocol::create_table& definition() const { return definition_; }  // its channel is that with which it was created, or loaded
  std::string identity() const;                                            // table_summary::id; any thread
  // An error: another one is expected, which this one's name was asked about.
  base::result<void> check_identity(const write_context& context, std::string_view unharmed) const;
  table_channels channels() const;                                         // any thread
  // A request on that channel failed because the channel is gone, and nothing of the table was left in it.
  bool has_left(base::channel_id channel, const base::error& why) const;

  dbcord::actor::task<write_result<committed_write>> insert(checked_row row, write_context context);
  dbcord::actor::task<write_result<committed_write>> update(std::string key, protocol::json_node patch, write_context context);
  dbcord::actor::task<write_result<committed_write>> remove(std::string key, write_context context);
  dbcord::actor::task<write_result<committed_write>> purge(std::string key, write_context context);
  dbcord::actor::task<write_result<committed_write>> replace(std::string key, protocol::json_node row, write_context context);
  dbcord::actor::task<write_result<committed_write>> drop(write_context context);
  dbcord::actor::task<write_result<committed_write>> set_schema(protocol::row_schema schema, bool force, write_context context);
  dbcord::actor::task<write_result<committed_write>> create_index(std::string field, bool unique, bool channel, write_context context);
  dbcord::actor::task<write_result<committed_write>> drop_index(std::string field, write_context context);
  dbcord::actor::task<write_result<committed_write>> set_index_channel(std::string field, bool on, write_context context);
  // For index_builder (table_actor_indexes.cpp). `why`: it cannot be built, and has failed; else see table_state::decide_index_outcome.
  struct index_work {
    protocol::index_id index = 0;
    std::string field;
    std::uint64_t rows = 0;  // of the table, now
  };
  dbcord::actor::task<std::optional<index_work>> next_building();
  dbcord::actor::task<table_state::backfill_slice> backfill(protocol::index_id index, std::string after);
  // Reads values that the index being built lacks; answers the keys of those that it still lacks.
  dbcord::actor::task<base::result<std::vector<std::string>>> read_lacking(std::vector<std::string> keys, base::steady_time deadline);
  dbcord::actor::task<write_result<committed_write>> settle_index(protocol::index_id index, bool complete, std::string why, write_context context);
  dbcord::actor::task<std::optional<index_status>> index_on(std::string field);
  // For index_channels (table_actor_index_channels.cpp): ready indexes that have a channel, and what it does not show yet; see index_recorder.
  struct shown_index {
    protocol::create_index definition;
    index_recorder::state state = index_recorder::state::lost;
    std::uint64_t waiting = 0;
    protocol::index_digest shown;
  };
  bool shows_indexes() const { return shows_indexes_; }  // there are some; any thread
  dbcord::actor::task<std::vector<shown_index>> shown_indexes();
  dbcord::actor::task<std::optional<shown_index>> shown_index_of(protocol::index_id index);
  dbcord::actor::task<bool> resume_showing(protocol::index_id index, protocol::index_digest shown);
  dbcord::actor::task<void> begin_showing(protocol::index_id index);
  dbcord::actor::task<void> lose_shown(protocol::index_id index);
  struct shown_lines {
    std::vector<std::string> lines;  // none: there are no more
    shown_index now;                 // behind them
  };
  // What comes next of one that is being read, or changes of one that is followed. Empty: it is gone, or must be read anew.
  dbcord::actor::task<std::optional<shown_lines>> next_to_show(protocol::index_id index, std::size_t bytes);
  // Columns (table_actor_alteration.cpp): see table_state::decide_alteration.
  dbcord::actor::task<write_result<committed_write>> begin_alteration(protocol::column_change change, bool force, write_context context);
  dbcord::actor::task<write_result<committed_write>> end_alteration(std::uint64_t number, write_context context);
  struct altering {
    std::optional<protocol::column_change> change;  // that is under way
    std::uint64_t number = 0;                       // of it (table_state::alteration_number)
    std::string schema_json;
    std::uint64_t rows = 0;
  };
  dbcord::actor::task<altering> altering_now();
  struct table_size {
    std::uint64_t rows = 0;
    std::uint64_t json_bytes = 0;  // of all rows, evicted ones too
  };
  table_size size() const { return {rows_now_, json_bytes_now_}; }
  // Brings some rows behind the key `after` into the new form of that alteration, in one transaction. No other write can bring them back into the old one.
  struct altered_rows {
    std::string last;
    std::size_t rows = 0;  // looked at
    bool ended = false;    // there are no more rows
    bool over = false;     // the alteration itself has ended, and nothing was looked at
  };
  dbcord::actor::task<base::result<altered_rows>> alter_next(std::uint64_t number, std::string after, write_context context);
  // Inserts each row or refuses it (into `refused`, by `first` + its position), all accepted ones in one transaction.
  struct chunk {
    std::vector<base::result<checked_row>> rows;
    std::size_t first = 0;
    std::string idempotency_key;
    std::shared_ptr<std::set<std::string, std::less<>>> put = {};  // keys that other chunks have put, where rows may be replaced; null: they may not
  };
  struct chunk_outcome {
    imported_chunk imported;
    std::vector<refused_row> refused;
    chunk rest;  // without a key: what would have made the transaction too large, and is not decided yet
  };
  dbcord::actor::task<write_result<chunk_outcome>> import(chunk rows, write_context context);

  // Transactions, whose parts on several tables enter the log's queue in one step. Decides the steps and adds them to the pending state;
  // from then on every other write to the table waits, until release() (they are in the queue) or abandon() (they never will be).
  // Nothing may be awaited meanwhile but the reservation of tables with higher ids. `settled_only`: reads wait for what is pending.
  dbcord::actor::task<reservation> reserve(ticket owner, std::vector<numbered_step> steps, bool settled_only);
  dbcord::actor::task<void> release();
  dbcord::actor::task<void> abandon(ticket owner, std::vector<protocol::operation> changes);

  dbcord::actor::task<base::result<row>> get(std::string key, base::steady_time deadline);
  // The row and its superseded versions, oldest first.
  struct versions {
    std::optional<past_version> live;
    std::vector<past_version> past;
    std::uint64_t forgotten_to = 0;  // LSN before which not everything is known
    table_channels channels;         // that they lie in
  };
  dbcord::actor::task<base::result<versions>> versions_of(std::string key, base::steady_time deadline);
  dbcord::actor::task<write_result<committed_write>> set_history(std::uint64_t kept, std::uint64_t days, write_context context);
  dbcord::actor::task<write_result<committed_write>> set_layout(protocol::table_layout layout, write_context context);
  dbcord::actor::task<base::result<find_answer>> find(find_query query, base::steady_time deadline);
  // Reads values that were evicted; they are in memory when it returns, unless the rows have changed meanwhile or memory is very short.
  dbcord::actor::task<base::result<void>> make_resident(std::vector<std::string> keys, base::steady_time deadline);
  // Rows whose values indexes lack are read; after recovery, before any write.
  dbcord::actor::task<base::result<void>> complete_digests(base::steady_time deadline);
  // Some of those values cannot be read: indexes that lack them are to be built again.
  dbcord::actor::task<void> build_again_incomplete_indexes();
  dbcord::actor::task<void> build_again(protocol::index_id index);  // table_state
  // The table is filled, by whoever made it; others may ask it to make room from now on. Before, nothing runs on its strand.
  void begin();
  void relieve() override;
  void forget_past(const memory_account& asking, memory_demand wanted, std::function<void()> then) override;
  dbcord::actor::task<base::result<table_summary>> summary(base::steady_time deadline);
  struct table_figures {
    std::uint64_t waiting = 0;    // for messages of their own
    std::uint64_t set_aside = 0;
    std::optional<base::message_id> oldest_waiting;  // the log's message that holds it
    cache_figures cache;
    std::uint64_t lost = 0;  // whose values nobody has any more; they count neither as waiting nor as set aside
  };
  dbcord::actor::task<base::result<table_figures>> figures(base::steady_time deadline);
  // The rows whose location is one of them. Linear in the table.
  dbcord::actor::task<std::vector<held_row>> rows_at(std::set<base::message_id> messages);
  // The messages, by channel, of what the log's records from `from` on to before `before` wrote: rows and versions. Linear in the table.
  using messages_by_channel = std::map<base::channel_id, std::set<base::message_id>>;
  dbcord::actor::task<messages_by_channel> messages_of_records(std::uint64_t from, std::uint64_t before, std::size_t most = SIZE_MAX);
  // The messages, by channel, in which the live rows lie of which these are copies; not of a channel that is being left: there a copy takes the place anyway.
  dbcord::actor::task<messages_by_channel> places_beside(std::vector<row_copy> copies);

  // The table as it stands now, its rows read slice by slice whatever is committed meanwhile; an empty slice is the end. Beginning is never refused.
  struct begun_dump {
    protocol::dump_table head;
    table_state::scan_ptr scan;
  };
  dbcord::actor::task<begun_dump> begin_dump();
  dbcord::actor::task<base::result<std::vector<protocol::image_row>>> next_of_dump(table_state::scan_ptr scan, base::steady_time deadline);
  dbcord::actor::task<base::result<std::vector<std::string>>> suggest(suggestion what, std::string typed, std::size_t limit, base::steady_time deadline);
  // For verification.
  dbcord::actor::task<base::result<std::vector<row_place>>> places(base::steady_time deadline);
  dbcord::actor::task<base::result<std::uint64_t>> count_places(base::steady_time deadline);
  dbcord::actor::task<base::result<std::vector<place_state>>> states_of(std::vector<row_place> places, base::steady_time deadline);
  dbcord::actor::task<base::result<std::vector<message_standing>>> standings_of(base::channel_id channel, std::vector<row_copy> copies, base::steady_time deadline);
  dbcord::actor::task<base::result<message_standing>> standing_of_page(base::channel_id channel, base::message_id page, std::vector<page_place> rows,
                                                                       base::steady_time deadline);
  dbcord::actor::task<std::vector<index_clashes>> clashing_indexes();  // table_state
  dbcord::actor::task<std::vector<std::string>> damaged_indexes();  // their fields
  dbcord::actor::task<std::vector<std::string>> rebuild_indexes();  // the fields of those that were damaged
  // Those messages of rows are lost or damaged: they get new ones. Answers how many were the rows' locations.
  struct lost_message {
    std::string key;  // of the row
    base::message_id message;
  };
  dbcord::actor::task<std::uint64_t> rewrite(std::vector<lost_message> lost);

  // The log's side: never refused, always run.
  dbcord::actor::task<void> commit(std::vector<pending_ptr> transactions, commit_info info);
  dbcord::actor::task<void> abort(std::vector<pending_ptr> transactions);
  // Before anything else runs.
  void replay(const protocol::operation& op, std::uint64_t lsn, base::message_id message);

  // They are gone from the table's channel, not by us: what lay there is written again. Returns at once.
  void messages_deleted(std::vector<base::message_id> messages);
  // Its channel is gone, not by us: all that lay there is to be written again, which needs another one (move).
  dbcord::actor::task<void> channel_deleted(base::channel_id channel);
  // Whether it was the one that is written to, and no other one has taken its place.
  dbcord::actor::task<bool> is_homeless();
  void events_missed();  // some such news may never come; returns at once

  // For checkpoints: see table_state. Never refused.
  struct captured_head {
    protocol::image_table head;
    std::vector<base::message_id> garbage;
    std::vector<protocol::image_garbage_kind> garbage_kinds;
    std::vector<protocol::image_page> pages;
    protocol::image_history history;
    std::vector<base::message_id> seen_in_search;
  };
  dbcord::actor::task<captured_head> begin_capture();
  dbcord::actor::task<std::vector<protocol::image_row>> capture(std::size_t bytes);
  dbcord::actor::task<void> end_capture();
  // Before anything else runs. `trusted`: what search was seen to return may still be counted on.
  base::result<void> load(loaded_table table, bool search_trusted = false);
  // What an older checkpoint says of search does not hold any more: the database must not be closed without a new one. Any thread.
  bool search_was_reset() const { return search_was_reset_; }

  // Forgets the older half of the versions if that helps a demand (by itself: any new key) that does not fit. False: it does not, or there are none. On the
  // strand, or before anything else runs.
  bool forget_some_versions(memory_demand wanted = {});
  dbcord::actor::task<std::optional<std::uint64_t>> oldest_log_only();
  // Messages of the table's channel that no row lives in; not those of a retiring one, which go with it.
  struct garbage_messages {
    base::channel_id channel;
    std::vector<base::message_id> messages;
  };
  dbcord::actor::task<garbage_messages> garbage();
  // `row`: which version it holds; none: it is a page.
  dbcord::actor::task<void> add_garbage(base::channel_id channel, base::message_id message, std::optional<page_place> row);
  // `counted`, if any, is added to what they were.
  dbcord::actor::task<void> forget_garbage(std::vector<base::message_id> gone, garbage_counts* counted = nullptr);

  // The materialiser's side.
  bool dropped() const { return dropped_; }  // any thread
  void note_page(const stored_message& page) { services_.values.note_page(page); }  // any thread
  // Its database is gone: so are its rows, in memory.
  dbcord::actor::task<void> forget_everything();
  // An error: a value that is needed is not in memory, and cannot be read now.
  dbcord::actor::task<base::result<table_state::next_rows>> next_dirty();
  // What lies in that message of that channel.
  dbcord::actor::task<void> materialised(base::channel_id channel, std::string key, std::uint64_t version, std::uint64_t lsn, base::message_id message);
  dbcord::actor::task<void> materialised(base::channel_id channel, base::message_id page, std::vector<page_place> rows);
  dbcord::actor::task<bool> knows_page(base::message_id page);
  dbcord::actor::task<std::optional<awaited_file>> file_awaited_of(row_copy copy);  // table_state
  // A row's message that was found in that channel. False: it may become a place, and its file must be looked at first.
  dbcord::actor::task<bool> found(base::channel_id channel, row_copy copy, file_state file);
  // Pages whose rows are to be written anew (table_state::relocate); answers how many rows that are.
  dbcord::actor::task<std::size_t> relocate(std::set<base::message_id> pages);
  dbcord::actor::task<void> expire_history();  // table_state
  dbcord::actor::task<std::set<base::message_id>> sparse_pages();
  dbcord::actor::task<void> give_up(std::set<base::message_id> pages);
  dbcord::actor::task<void> abandon_page(base::message_id page);
  // Versions without a message whose records in the log are damaged: they count as lost, and nothing waits for them any more. Answers how many were not lost before;
  // none as long as one of them may still turn up.
  dbcord::actor::task<std::size_t> lose_versions(std::set<table_state::version_id> versions);
  dbcord::actor::task<void> set_aside(std::string key, std::uint64_t lsn);
  dbcord::actor::task<std::string> retry_set_aside(std::string after, std::size_t most);
  const dbcord::actor::event& work() const { return work_; }

  // Into a fresh channel (table_actor_move.cpp); see table_state. Not before all messages are adopted that an earlier process has left: some may be the only
  // places of rows, and are not known yet.
  dbcord::actor::task<write_result<committed_write>> move(base::channel_id fresh, write_context context);
  // Before anything else runs. `dropped`: messages whose deletion is in the log; `from`: where there may be messages to adopt (table_adoption).
  void begin_adoption(const std::set<base::message_id>& dropped, std::vector<protocol::image_adoption> from);
  dbcord::actor::task<std::vector<protocol::image_adoption>> unadopted();
  dbcord::actor::task<void> end_adoption(std::vector<protocol::image_adoption> unread);  // but for those; again when they have become fewer
  bool adopting() const { return adopting_; }  // any thread
  bool knows_all_messages() const { return !adopting_ && !some_unread_; }  // any thread
  base::error still_adopting() const;
  // What table_drain works with; see table_state.
  dbcord::actor::task<table_state::drain_slice> drain_rows(const leaving_places& from, std::string after);
  dbcord::actor::task<table_state::left_behind> left_behind_of(const leaving_places& from, const std::vector<std::string>& keys);
  struct draining_versions {
    table_state::leaving_versions found;
    bool as_pages = false;
    table_channels channels;
  };
  dbcord::actor::task<draining_versions> versions_to_drain(const leaving_places& from, std::string after, std::size_t most,
                                                           const std::set<table_state::version_id>& refused);
  // How much lies there; nothing in the retiring channel: from then on it may go.
  dbcord::actor::task<table_state::leaving_count> count_leaving(const leaving_places& from);
  dbcord::actor::task<void> forget_retired(base::channel_id channel);
  void forget_retired_now(base::channel_id channel);  // before anything else runs

 private:
  bool forget_half_of_history();
  bool lost_its_channel() const { return deleted_channel_ == state_.channels().current; }
  using decide_function = std::function<decision(const table_state&)>;
  // Runs fn on the strand without the mailbox's bound: what the log has decided cannot be refused.
  template <class Fn>
  dbcord::actor::task<void> on_strand(Fn fn) {
    dbcord::actor::promise<bool> done;
    dbcord::actor::asio::post(executor(), [fn = std::move(fn), done]() mutable {
      fn();
      done.set(true);
    });
    co_await done.get();
  }

  dbcord::actor::task<void> turn_of_others() { return on_strand([] {}); }  // long work stands aside for whoever waits for the strand
  dbcord::actor::task<write_result<committed_write>> write(decide_function decide, write_context context);
  dbcord::actor::task<write_result<committed_write>> write_on_strand(decide_function decide, write_context context);
  dbcord::actor::task<write_result<chunk_outcome>> import_on_strand(chunk rows, write_context context);
  struct decided_rows;
  decided_rows decide_rows(const chunk& rows, bool may_wait) const;
  dbcord::actor::task<reservation> reserve_on_strand(ticket owner, std::vector<numbered_step> steps, bool settled_only);
  std::uint64_t bytes_of(const std::vector<std::string>& keys) const;
  std::uint64_t most_read() const;
  reservation decide_steps(ticket owner, const std::vector<numbered_step>& steps, bool settled_only);
  std::optional<ticket> rests_on(const decision& d, ticket owner, const std::vector<numbered_step>& steps) const;
  dbcord::actor::task<void> until_unreserved();
  void end_reservation();
  base::result<pending_ptr> submit(std::vector<protocol::operation> operations, const std::vector<std::uint64_t>& index_bytes, std::string refused,
                                   const std::string& key, const write_context& context);
  // Nothing: it is taken even where memory is full.
  std::optional<memory_demand> demand_of(const decision& d) const;  // that has an operation
  static constexpr std::string_view no_rows = "no new rows are taken; delete some", no_index = "there is no room for that index; delete rows";
  base::error memory_full(memory_demand wanted, std::string_view so = no_rows) const;
  static base::error waited_too_long(), in_doubt();
  // What the table holds changed, perhaps: tells the account, and evicts values if there is too much.
  void account();
  void account_what_was_found(), mark_lost_versions();
  void trim_digests();  // one round after the other (table_state)
  void evict_some(bool others_too);
  dbcord::actor::task<base::result<void>> make_resident_on_strand(std::vector<std::string> keys, base::steady_time deadline);
  dbcord::actor::task<base::result<row>> get_evicted(std::string key, base::steady_time deadline);
  base::error no_such_row(std::string_view key) const;
  base::error unreadable(const base::error& why) const;
  base::error removed_meanwhile(const protocol::image_row& row) const;
  protocol::snapshot_head dump_head() const;
  dbcord::actor::task<base::result<std::vector<protocol::image_row>>> next_of_dump_on_strand(table_state::scan_ptr scan, base::steady_time deadline);
  base::result<begun_find> begin_find(const find_query& query);
  base::result<begun_find> begin_find_as_of(const find_query& query);  // table_actor_as_of.cpp
  base::result<begun_find> admitted(const find_query& query, begun_find begun) const;
  dbcord::actor::task<base::result<find_answer>> find_by_scan(std::shared_ptr<const find_query> query, begun_find begun, base::steady_time deadline);
  // The next rows of a scan, all with their values; empty: the end. In two steps: next_slice(), then with_values() or read_values().
  dbcord::actor::task<base::result<std::vector<protocol::image_row>>> next_of_scan(table_state::scan_ptr scan, base::steady_time deadline);
  base::result<std::vector<protocol::image_row>> next_slice(table_capture& scan);
  std::optional<row_place> place_now_of(const protocol::image_row& row) const;
  bool follow(protocol::image_row& row) const;
  dbcord::actor::task<base::result<std::vector<protocol::image_row>>> with_values(std::vector<protocol::image_row> rows, base::steady_time deadline,
                                                                                  find_cost* cost = nullptr);
  dbcord::actor::task<valued_rows> read_values(std::vector<protocol::image_row> rows, base::steady_time deadline);
  // Guild search (table_actor_search.cpp).
  dbcord::actor::task<base::result<find_answer>> find_by_search(std::shared_ptr<const find_query> query, begun_find begun, base::steady_time deadline);
  dbcord::actor::task<searched_rows> search(std::shared_ptr<const find_query> query, std::shared_ptr<const find_plan> plan, base::steady_time deadline);
  void take_hits(const find_query& query, const search_page& page, searched_rows& found);
  std::vector<protocol::image_row> left_by_search(const find_query& query, std::vector<protocol::image_row> rows, const searched_rows& found,
                                                  const search_sightings::view& seen) const;
  void keep_in_memory(const std::vector<protocol::image_row>& rows, const std::set<std::string>& keys);
  dbcord::actor::task<base::result<std::vector<protocol::image_row>>> page_of(find_collector& collector, base::steady_time deadline, find_cost& taken,
                                                                              std::uint64_t& read);
  find_answer answer_of(const find_query& query, std::uint64_t matched, std::vector<protocol::image_row> rows, std::string plan) const;
  dbcord::actor::task<void> look_for_anything(const find_query& query, base::channel_id channel, searched_rows& found, base::steady_time deadline);
  void reset_sightings();
  void forget_sighting(const protocol::operation& op);
  void publish_channels();
  secondary_index* shown_on_strand(protocol::index_id index);
  memory_use held() const;
  dbcord::actor::task<base::result<table_state::next_rows>> next_dirty_on_strand();
  dbcord::actor::task<base::result<void>> read_evicted(std::vector<protocol::row_version>& rows);
  dbcord::actor::task<write_result<committed_write>> set_schema_on_strand(protocol::row_schema schema, bool force, write_context context);
  dbcord::actor::task<write_result<committed_write>> begin_alteration_on_strand(protocol::column_change change, bool force, write_context context);
  dbcord::actor::task<base::result<altered_rows>> alter_next_on_strand(std::uint64_t number, std::string after, write_context context);
  // What rows whose values are not in memory would have against a new rule.
  using row_check = std::function<std::optional<std::string>(const protocol::json_node& row)>;
  dbcord::actor::task<base::result<table_state::evicted_rows_check>> check_evicted(row_check check, base::steady_time deadline);
  dbcord::actor::promise<bool> settled(ticket t);
  void settle(ticket t);
  row to_row(std::string_view key, const stored_row& stored) const;

  protocol::create_table definition_;
  table_services services_;
  table_state state_;
  mutable std::mutex channels_mutex_;
  table_channels channels_;  // as state_ has them
  std::atomic<bool> begun_{false};
  std::atomic<bool> adopting_{false}, some_unread_{false};
  search_sightings sightings_;
  std::atomic<bool> search_was_reset_{false};
  std::atomic<bool> dropped_{false};
  std::atomic<std::uint64_t> rows_now_{0}, json_bytes_now_{0};  // as of the last account()
  std::atomic<bool> shows_indexes_{false};
  memory_use accounted_;
  bool evicting_ = false, trimming_ = false;  // a further round is under way
  std::map<std::string, base::steady_time, std::less<>> spared_;  // values that somebody read to use them soon, and until when they stay
  std::uint64_t hits_ = 0, misses_ = 0;  // see cache_figures
  std::uint64_t fruitless_looks_ = 0, looked_at_values_ = 0;
  memory_account::mark futile_until_;  // the last round found nothing: none before memory has grown to that,
  std::uint64_t futile_values_ = 0;  // or the values of this table to that
  std::map<std::string, std::vector<dbcord::actor::promise<bool>>, std::less<>> loading_;  // values, and who waits for them
  std::map<ticket, std::vector<dbcord::actor::promise<bool>>> waiting_;
  std::uint64_t deleted_by_hand_ = 0;
  base::channel_id deleted_channel_;  // of the table, by people; zero: none
  bool reserved_ = false;
  std::vector<dbcord::actor::promise<bool>> waiting_for_reservation_;
  dbcord::actor::event work_;
};
using table_ptr = std::shared_ptr<table_actor>;

}  // namespace dbcord::database
