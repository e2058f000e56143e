#pragma once
// One table's rows and what is about to change them: committed versions, pending versions (validated, not yet committed), and
// the work left for the materialiser. Plain data and plain functions: the part of the table actor that decides.
// Owned by a table_actor and used on its strand only. Invariants: pending versions of a key are in commit order; every
// committed row that lies in no message is dirty or was set aside.

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "database/engine.hpp"
#include "database/index_clashes.hpp"
#include "database/memory_account.hpp"
#include "database/page_place.hpp"
#include "database/row_directory.hpp"
#include "database/row_history.hpp"
#include "database/row_operation.hpp"
#include "database/row_place.hpp"
#include "database/table_capture.hpp"
#include "database/leaving_places.hpp"
#include "database/table_channels.hpp"
#include "database/table_indexes.hpp"
#include "database/table_schema.hpp"
#include "database/ticket.hpp"
#include "protocol/column_change.hpp"
#include "protocol/json_node.hpp"
#include "protocol/row_message.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

// A decision about one write. `rests_on`: the decision is a refusal because of a version that is still pending; it must be
// taken again when that ticket is settled.
struct decision {
  std::optional<protocol::operation> operation;
  std::optional<base::error> refusal;
  std::optional<ticket> rests_on;
  std::vector<std::string> needs = {};  // neither an operation nor a refusal: the values of these rows must be in memory first
  std::uint64_t index_bytes = 0;        // that the operation adds to what indexes hold
};

class table_state {
 public:
  // Bytes of a row besides key and value, until it has a message, and of a pending version of it besides the same.
  static constexpr std::uint64_t row_overhead = 72;
  static constexpr std::uint64_t pending_overhead = 200;

  table_state(protocol::create_table definition, std::string database)
      : definition_(std::move(definition)), database_(std::move(database)), channels_{definition_.channel, {}, {}, false} {}

  const protocol::create_table& definition() const { return definition_; }  // with its present channel
  const table_channels& channels() const { return channels_; }

  // `claimed`: what other rows of the same transaction put into unique indexes; an accepted row is added. `row_cap`: of the row with the defaults of the schema.
  static constexpr auto no_row_cap = static_cast<std::size_t>(-1);
  decision decide_insert(std::string key, std::string json, claimed_values* claimed = nullptr, std::size_t row_cap = no_row_cap) const;
  decision decide_put(std::string key, std::string json, claimed_values* claimed, std::size_t row_cap) const;  // inserts or replaces
  // One that was accepted is not put there after all.
  void disclaim(claimed_values& claimed, const protocol::put_row& put) const;
  decision decide_update(std::string key, const protocol::json_node& patch, std::size_t row_cap) const;
  decision decide_delete(std::string key) const;
  // With its history. Refused when there is neither.
  decision decide_purge(std::string key) const;
  // A step of a transaction, on top of everything pending. Neither an operation nor a refusal: there is nothing to write.
  decision decide_step(const row_operation& step, std::size_t row_cap) const;
  // What a read sees on top of everything pending; empty: no such row.
  struct seen_row {
    std::string json;
    std::uint64_t version = 0;
    std::optional<ticket> pending;  // whose outcome that rests on
  };
  std::optional<seen_row> look(std::string_view key) const;
  // Of the keys, those whose values have to be read before anything is decided on their rows.
  std::vector<std::string> evicted_of(const std::vector<std::string>& keys) const;
  // A ticket other than `own` on whose outcome the key rests.
  std::optional<ticket> pending_beside(std::string_view key, ticket own) const;
  // The whole row anew.
  decision decide_replace(std::string key, const protocol::json_node& row, std::size_t row_cap) const;
  // Empty when that is the row's version with everything pending.
  std::optional<decision> refusal_by_version(const std::string& key, std::uint64_t expected) const;
  // Of an erasure: there is a row, and it is not the one of that LSN.
  std::optional<decision> refusal_by_lsn(const std::string& key, std::uint64_t expected) const;
  // From then on every other decision is a refusal, which rests on the drop until that is settled.
  decision decide_drop() const;
  bool dropped() const { return dropped_; }
  // Refused when rows present do not fit (with their number and three examples), unless `force`.
  // `evicted`: what was found out about rows whose values are not in memory; a decision that lacks some has `unchecked`.
  struct evicted_rows_check {
    std::uint64_t to_lsn = 0;                                            // rows of that LSN or below were looked at
    std::map<std::string, std::pair<std::uint64_t, std::string>> bad;  // key -> LSN, and what is wrong
  };
  decision decide_schema(const protocol::row_schema& schema, bool force, const evicted_rows_check& evicted) const;
  decision decide_schema(const protocol::row_schema& schema, bool force) const { return decide_schema(schema, force, evicted_rows_check()); }
  // The keys of rows whose values decide_schema() would have to be told about.
  std::vector<std::string> unchecked(const evicted_rows_check& evicted) const;
  // Refused when there is one on that field, or when it is to be unique and rows share a value. Of more rows than `at_once`, or if some are
  // evicted, it is created as one that is being built: rows present come in by backfill().
  decision decide_create_index(std::string field, bool unique, std::size_t at_once = static_cast<std::size_t>(-1), bool channel = false) const;
  // The end of its being built: that it is ready (`complete`: all rows were seen), or that two rows share a value of a unique one.
  // A refusal without `rests_on`: it is not at its end yet, or is not being built.
  decision decide_index_outcome(protocol::index_id index, bool complete) const;
  decision decide_index_failure(protocol::index_id index, std::string why) const;
  decision decide_drop_index(const std::string& field) const;
  // Whether it has a channel. errc::already_exists: that is so already.
  decision decide_index_channel(const std::string& field, bool on) const;
  // Refused when rows present, or an index, stand in the way; `force`: also when rows lack an added field (table_state_alteration.cpp).
  decision decide_alteration(const protocol::column_change& change, bool force, std::size_t row_cap, const evicted_rows_check& evicted) const;
  static bool concerns_rows(const protocol::column_change& change, bool force);
  // Why a row stands in its way.
  static std::optional<std::string> obstacle_to(const protocol::column_change& change, bool force, bool taking_back, const protocol::json_node& row, std::size_t row_cap);
  // Of the alteration that is_altering() says to be under way.
  decision decide_end_of_alteration(std::uint64_t number) const;
  // That is under way: every row that is written gets the new form. Null: none.
  const protocol::column_change* alteration() const { return alteration_ ? &*alteration_ : nullptr; }
  // Which one it is, of those that this process has seen begin: two may be alike.
  std::uint64_t alteration_number() const { return alteration_number_; }
  bool is_altering(std::uint64_t number) const { return alteration_ && number == alteration_number_; }
  // What is under way is to be undone by this.
  bool takes_back(const protocol::column_change& change) const;
  // Rows behind the key `after` that must be written anew, a bounded number; or, if `needs` is not empty, whose values are needed first.
  struct alteration_slice {
    std::vector<protocol::operation> changes;
    std::vector<std::uint64_t> index_bytes;  // of each change: decision::index_bytes
    std::vector<std::string> needs;
    // A row has the new form in a version that is not committed yet (if that fails it has the old one again), or the table is to go, or this is about to be taken back.
    std::optional<ticket> rests_on;
    std::string last;                // the key looked at last
    std::size_t rows = 0;
    bool ended = false;
  };
  alteration_slice next_to_alter(std::string_view after, std::size_t slice_rows) const;
  decision decide_history(std::uint64_t versions, std::uint64_t days) const;
  decision decide_layout(protocol::table_layout layout) const;
  // The table goes on in that channel, which is empty. Refused while it moves already.
  decision decide_move(base::channel_id fresh, bool current_is_gone) const;

  void add_pending(ticket t, const protocol::operation& op, std::uint64_t index_bytes);  // of its decision
  // Makes the ticket's operations on this table committed, in their order.
  void commit(ticket t, const std::vector<protocol::operation>& operations, std::uint64_t lsn, base::message_id log_message);
  void abort(ticket t, const std::vector<protocol::operation>& operations);
  // Recovery: as commit(), without anything pending.
  void replay(const protocol::operation& op, std::uint64_t lsn, base::message_id log_message);

  const protocol::row_schema& schema() const { return schema_.committed(); }
  const table_indexes& indexes() const { return indexes_; }
  std::vector<secondary_index*> shown_indexes() { return indexes_.shown(); }
  // Fields of the indexes that do not hold what building them anew from the rows gives.
  std::vector<std::string> damaged_indexes() const;
  std::optional<stored_row> find(std::string_view key) const { return rows_.find(key); }
  const row_directory& rows() const { return rows_; }

  // Values that memory can do without (row_directory).
  std::uint64_t evict(std::uint64_t bytes, bool log_only, const row_directory::spared_function& spared, bool with_fingerprints = true);
  std::uint64_t forget_fingerprints(std::uint64_t bytes) { return rows_.forget_fingerprints(bytes); }
  // An index that is gone leaves what it looked at with every evicted row: some of that goes.
  bool has_to_trim() const { return rows_.is_trimming(); }
  void trim_digests();
  // A value is back; false if the row has changed meanwhile.
  bool admit(const std::string& key, std::uint64_t lsn, std::string_view json);
  void touch(std::string_view key) { rows_.touch(key); }
  // Recovery: evicted rows which do not have what indexes that are ready look at, to be admitted before anything is decided.
  std::vector<std::string> lacking_digest() const { return !digests_needed_.empty() ? rows_.with_incomplete_digest(512 * 1024) : std::vector<std::string>(); }

  // An index that is ready may not be what it should: it is being built again, so that its outcome is decided anew. It keeps what it holds.
  void build_again(protocol::index_id index) { indexes_.build_again(index); }
  // Some of those values cannot be read: indexes that need them are being built again. Answers their fields.
  std::vector<std::string> build_again_incomplete_indexes();

  // Puts rows present into an index that is being built, some at a time, in the order of their keys, from the one behind `after` on. `lacking`: rows whose
  // values must be admitted for that. What is written meanwhile is in the index already.
  struct backfill_slice {
    bool gone = false;   // it is not being built (any more)
    bool ended = false;  // there are no rows behind
    std::string last;    // the key looked at last
    std::size_t rows = 0;
    std::vector<std::string> lacking;
    bool shared = false;  // a unique one has a value of several rows
    std::string obstacle; // a row that no index takes, in one sentence
    std::uint64_t wants = 0;  // bytes that the next row needs and that `has_room` does not allow
    std::string no_room;      // the sentence that says so; in a moment there may be
  };
  // Rows of which some are lacking are in nobody's index yet: the same slice is taken again when they are there.
  using room_function = std::function<bool(std::uint64_t bytes)>;
  backfill_slice backfill(protocol::index_id index, std::string_view after, const room_function& has_room = {});
  std::vector<std::string> still_lacking(std::vector<std::string> keys) const;

  // Builds every index that holds something else anew from the rows, and answers their fields.
  std::vector<std::string> rebuild_indexes();
  // The row's message is lost or damaged: it is written once more. False if that message is not its location.
  bool rewrite(const std::string& key, base::message_id lost);
  // The same of every row that lies in that channel; answers how many.
  std::size_t rewrite_all_in(base::channel_id channel);

  // The materialiser's side.
  // What to write next, the oldest first: the rows of a page, sorted by key, or one row; nothing: all is written. Values that are evicted are
  // empty. Pages are written from `page_from` waiting rows on, or as the table's layout says (table_state_pages.cpp).
  struct next_rows {
    std::vector<protocol::row_version> rows;
    bool as_page = false;
    base::channel_id channel;  // that they are to be written to
    std::size_t set_aside = 0;
  };
  // Of so many rows, or versions, that wait.
  bool wants_page(std::size_t waiting, std::size_t page_from) const;
  next_rows next_dirty(std::size_t page_from) const;
  // Whether that message can be the place of anything: see table_channels.
  bool counts(base::channel_id channel, base::message_id message) const {
    return channels_.counts(channel, message) && !(pending_move_ && channel == channels_.current && message > pending_move_->last);
  }
  // True if the message is the row's location, or that of a superseded version which is kept; else it is garbage.
  bool materialised(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message);
  // The same of all rows of a page; answers how many lie there.
  std::size_t materialised(base::message_id page, const std::vector<page_place>& rows);
  // As a whole: what of a page is known by a checkpoint that was being taken when it was written may be a part.
  bool knows_page(base::message_id page) const { return garbage_.knows_rows(page) || garbage_.contains(page); }
  // All rows that lie in these pages are to be written anew; they lie there until that is done. Answers how many rows. Linear.
  std::size_t relocate(const std::set<base::message_id>& pages);
  // Pages of which so little is left that rewriting the rest is worth it.
  std::set<base::message_id> sparse_pages() const;
  // Nothing of the page counts any more: versions of the history that lie there have the log, or are lost (mark_lost_versions()).
  void abandon_page(base::message_id page);
  // From now on an older version that lies in one of these pages lies elsewhere as soon as a message with it turns up. Forgotten with the pages.
  void give_up(const std::set<base::message_id>& pages) { given_up_.insert(pages.begin(), pages.end()); }
  // What is to be emptied is written anew, some at a time (table_state_move.cpp): rows behind the key `after` become dirty, and stay where they are until
  // they are elsewhere. Few at a time unless they are written as pages, so that rows that were written meanwhile do not wait for long.
  struct drain_slice {
    std::vector<std::string> keys;
    std::string last;  // the key looked at last
    bool ended = false;
  };
  drain_slice drain_rows(const leaving_places& from, std::string_view after, std::size_t page_from);
  // Of those rows, which still lie there.
  struct left_behind {
    std::size_t waiting = 0;  // they are dirty
    std::size_t refused = 0;  // Discord will not store them elsewhere, or their values are lost
  };
  left_behind left_behind_of(const leaving_places& from, const std::vector<std::string>& keys) const;
  // Older versions that lie there: of each key behind `after` the oldest one that is not in `refused`, up to `most`.
  using version_id = std::tuple<std::string, std::uint64_t, std::uint64_t>;  // key, number, LSN
  struct leaving_versions {
    std::vector<std::pair<std::string, past_version>> versions;  // in the order of their keys
    std::string last;  // the key looked at last
    bool ended = false;
  };
  leaving_versions versions_to_drain(const leaving_places& from, std::string_view after, std::size_t most, const std::set<version_id>& refused) const;
  struct leaving_count {
    std::uint64_t rows = 0;
    std::uint64_t versions = 0;
  };
  leaving_count count_leaving(const leaving_places& from) const;  // linear
  void note_drained() { channels_.drained = static_cast<bool>(channels_.retiring); }
  // It is dropped. What still lies there by an older checkpoint is written again. False: it is not the retiring one.
  bool forget_retired(base::channel_id channel);
  // Discord will not store this version as a message: it stays in the log until the row changes, or is tried again.
  void set_aside(const std::string& key, std::uint64_t lsn);
  // Up to `most` rows that were set aside, behind the key `after` and then from the first one, are dirty again; answers the last one's key. Linear.
  std::string retry_set_aside(const std::string& after, std::size_t most);
  // Messages that are there no more: rows whose location they were need another. Answers how many those are.
  std::size_t forget_locations(std::set<base::message_id> gone);
  std::size_t not_materialised() const { return rows_.dirty() + set_aside_; }
  std::size_t set_aside() const { return set_aside_; }
  const channel_garbage& garbage() const { return garbage_; }
  // The version that a message holds, if it is one of its own; else it is a page.
  void add_garbage(base::message_id message, const std::optional<page_place>& row);
  // Answers what they were.
  garbage_counts forget_garbage(const std::vector<base::message_id>& gone);
  protocol::table_layout layout() const { return layout_; }
  const row_history& history() const { return history_; }
  // Forgets the versions that are behind the horizon by their age; those of one row before they are read.
  void expire_history(base::system_time now, bool now_at_all_events = false);
  bool expire_history_of(const std::string& key, base::system_time now);  // true: some are gone
  void halve_history(base::system_time now) { history_.halve(now, live_versions(), garbage_); }
  // Recovery: what was dropped is no place of a row any more. Since the checkpoint it has got another one, which adoption finds.
  void forget_dropped_places(const std::set<base::message_id>& dropped);
  // What has no place and was in truncated segments of the log only is no history.
  bool lose_version(const version_id& v) { return history_.lose(std::get<0>(v), std::get<1>(v), std::get<2>(v)); }  // true: it was not lost before
  std::size_t mark_lost_versions(std::uint64_t first_in_log) { return history_.mark_lost(first_in_log); }  // how many more
  // The LSN of the oldest version that was superseded while it had no place, since the last call; the largest number: there was none.
  std::uint64_t take_oldest_unplaced() { return std::exchange(oldest_unplaced_, std::numeric_limits<std::uint64_t>::max()); }
  // Of the oldest record of the log that is the only place of a row or of a version; empty: none. What lay before the log's beginning is not there any more,
  // whoever would need it.
  std::optional<std::uint64_t> oldest_log_only(std::uint64_t first_in_log = 0) const;

  // For checkpoints (table_state_image.cpp). The table as it stands now is then read in slices, whatever is committed meanwhile;
  // an empty slice is the end.
  protocol::image_table begin_capture();
  std::vector<protocol::image_row> capture(std::size_t bytes);
  void end_capture() { capture_.reset(); }
  // Another reader of the table as it stands now, for as long as `scan` lives. Slices as capture().
  using scan_ptr = std::shared_ptr<table_capture>;
  scan_ptr begin_scan(captured_rows which);
  std::vector<protocol::image_row> scan(table_capture& scan, std::size_t bytes) const;
  // Recovery, before any replay: the head, then rows in the order of their keys. An error when they are not in order.
  void load(const protocol::image_table& head);
  base::result<void> load(std::vector<protocol::image_row> rows);
  void load_history(protocol::image_history history) { history_.load(std::move(history), garbage_); }
  void load_pages(const std::vector<protocol::image_page>& pages);  // when all rows and the history are loaded
  void load_garbage(const std::vector<base::message_id>& messages, const std::vector<protocol::image_garbage_kind>& kinds);
  void end_load() { rows_.settle(); }  // lets go of what only loading needs
  base::message_id newest_message() const { return newest_message_; }
  // What may lie in the channels besides what is known: checkpoints say it, so that the next start looks there, however new the newest known message is.
  void set_unadopted(std::vector<protocol::image_adoption> some) { unadopted_ = std::move(some); }
  const std::vector<protocol::image_adoption>& unadopted() const { return unadopted_; }

  // For verification (table_state_verification.cpp). All rows and versions, and where they lie.
  std::vector<row_place> places() const;
  std::uint64_t count_places() const;
  place_state state_of(const row_place& place) const;
  message_standing standing_of(base::channel_id channel, const row_copy& copy) const;
  // Of a message whose file holds the version; none: it will not become its place, or is that already.
  std::optional<awaited_file> file_awaited_of(const row_copy& copy) const;
  // Of a page that nothing lies in as far as is known, `rows` say what it is; none: that is not known yet.
  message_standing standing_of_page(base::channel_id channel, base::message_id page, const std::vector<page_place>& rows) const;
  // Unique indexes that have a value of several rows, as far as memory knows those.
  std::vector<index_clashes> clashing_indexes() const;

  std::uint64_t json_bytes() const { return rows_.json_bytes(); }
  memory_use memory() const;

 private:
  struct pending_version {
    ticket owner;
    std::uint64_t version;
    std::optional<std::string> json;  // empty: a deletion
    std::uint64_t index_bytes = 0;    // that it will add to what indexes hold, if it is committed
  };
  // What a key will be once everything pending has committed.
  struct effective {
    bool exists = false;
    std::uint64_t version = 0;
    std::string_view json;  // of an evicted row: what indexes look at
    bool evicted = false;
    std::optional<ticket> pending;
  };

  decision decide_row(const effective& now, std::string key, std::string json, claimed_values* claimed, std::size_t row_cap) const;
  // Merges it into the row; what must be there and may be null becomes null by it.
  void apply_patch(protocol::json_node& row, const protocol::json_node& patch) const;
  decision decide_patched(const effective& now, std::string key, const protocol::json_node& row, std::size_t row_cap) const;
  decision decide_change(const row_operation& step, std::size_t row_cap) const;
  decision decide_altered_change(const row_operation& step, const effective& now, protocol::json_node row, std::size_t row_cap) const;
  decision decide_sums_and_patch(const row_operation& step, const effective& now, protocol::json_node row, std::size_t row_cap) const;
  std::optional<decision> failed_precondition(const row_operation& step, const effective& now) const;
  static protocol::json_node parsed(std::string_view json);
  // What indexes see of a row.
  protocol::json_node indexed(std::string_view json) const;
  std::optional<decision> refusal_of_new_form(const std::string& key, const std::string& json, std::size_t row_cap) const;
  decision in_new_form(decision d, std::size_t row_cap) const;
  std::optional<base::error> not_alterable(const protocol::column_change& change) const;
  std::optional<base::error> not_to_be_filled(const protocol::column_change& change) const;
  bool has_rules() const { return !schema_.effective().empty() || !indexes_.empty(); }
  effective effective_row(std::string_view key) const;
  std::optional<protocol::json_node> effective_node(std::string_view key) const;
  // Calls `visit(key, effective)` for every row that there will be once everything pending has committed.
  template <class Visit>
  void each_effective(Visit visit) const;
  // What rules say against the row, which would be stored under `key`.
  std::optional<decision> refusal_by_rules(const std::string& key, const protocol::json_node& row, claimed_values* claimed) const;
  // By how much indexes grow when that becomes the row.
  std::uint64_t index_growth(const std::string& key, const effective& now, const protocol::json_node& row) const;
  std::string too_many_values(std::string_view key, std::string_view field, std::size_t values) const;
  // Of a table that is dropped, or about to be.
  std::optional<decision> refusal_as_dropped() const;
  void forget_everything();
  enum class placement { nowhere, here, known };
  placement place(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message, unsigned part);
  placement place_version(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message, unsigned part);
  // What a message is that holds that version and is nobody's place; of a page: what is in it.
  garbage_kind kind_of_copy(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message) const;
  garbage_kind kind_of_page(base::message_id page, const std::vector<page_place>& rows) const;
  bool may_be_placed(const std::string& key, std::uint64_t version, std::uint64_t lsn, base::message_id message) const;
  bool needs_place(const std::string& key, const stored_row& row, base::message_id message) const;
  bool leaves(base::message_id message) const { return channels_.retires(message) || given_up_.contains(message); }
  bool lies_in(const leaving_places& from, base::message_id message) const {
    return from.is_channel() ? channels_.retires(message) : from.pages.contains(message);
  }
  bool lies_in(const leaving_places& from, const past_version& v) const {
    if (from.log_before > 0) return !v.deleted && !v.lost && !v.row_message && v.lsn < from.log_before;
    return lies_in(from, v.row_message);
  }
  void move_to(const protocol::move_table& move);
  void forget_what_lies_in(base::channel_id channel);
  void commit_rule(const protocol::operation& op);
  void add_pending_rule(ticket t, const protocol::operation& op);
  void drop_pending_rule(ticket t, const protocol::operation& op);
  void begin_index(const protocol::create_index& definition, std::optional<ticket> owner);
  void fill_index(protocol::index_id index);
  void begin_altering(const protocol::begin_alteration& begun);
  bool has_old_form(const stored_row& row) const;
  std::string being_altered() const;
  table_indexes::effective look_for_index(const std::string& key) const;
  decision needs_value(const std::string& key) const { return {std::nullopt, std::nullopt, std::nullopt, {key}}; }
  std::string kept_of(std::string_view json, bool with_fingerprints) const;
  base::error unknown_key(const std::string& key) const;
  void apply(const protocol::put_row& op, std::uint64_t lsn, base::message_id log_message);
  void apply(const protocol::delete_row& op, std::uint64_t lsn, base::message_id log_message);
  void supersede(const std::string& key, const stored_row& row, std::uint64_t lsn);
  row_history::live_versions live_versions() const;
  void drop_pending(ticket t, const std::string& key);
  protocol::image_row image_of(std::string_view key, const stored_row& row) const;
  protocol::image_row trimmed_image_of(std::string_view key, const stored_row& row) const;
  void preserve(std::string_view key);  // before the row changes: for the capture

  protocol::create_table definition_;
  std::string database_;
  table_channels channels_;
  table_schema schema_;
  table_indexes indexes_;
  row_directory rows_;
  std::map<std::string, std::vector<pending_version>, std::less<>> pending_;
  channel_garbage garbage_;
  std::set<base::message_id> given_up_;
  row_history history_;
  std::size_t history_after_expiry_ = 0;
  base::system_time next_expiry_;
  protocol::table_layout layout_ = protocol::table_layout::automatic;
  std::optional<ticket> drop_owner_;
  bool dropped_ = false;
  std::size_t set_aside_ = 0;  // rows without a message that are not dirty
  std::uint64_t oldest_unplaced_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t pending_bytes_ = 0;  // of keys and JSON in pending_, and for their values in indexes
  base::message_id newest_message_;  // of its channels, that is known
  std::vector<protocol::image_adoption> unadopted_;
  struct pending_move {
    ticket owner = 0;
    base::message_id last;
  };
  std::optional<pending_move> pending_move_;  // nothing is written to the channel meanwhile
  std::optional<table_capture> capture_;
  std::vector<std::weak_ptr<table_capture>> scans_;
  std::optional<protocol::column_change> alteration_;
  std::uint64_t alteration_number_ = 0;
  std::optional<ticket> alteration_owner_;  // it is pending: every other decision waits
  std::vector<protocol::index_id> digests_needed_;  // by indexes that became ready while the log was read
};

}  // namespace dbcord::database
