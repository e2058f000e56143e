#pragma once
// database actor: one open database: its catalog of tables, its log, its materialiser (design.md section 3). Creates tables
// and routes reads and writes to them. Public coroutines from any executor. Destroyed only after close() and when no call is
// in progress (or when its io_context is gone).

#include "database/catalog_verification.hpp"
#include "database/channel_directory.hpp"
#include "database/checkpointer.hpp"
#include "database/column_alterations.hpp"
#include "database/command_outcomes.hpp"
#include "database/creation_record.hpp"
#include "database/database_copies.hpp"
#include "database/database_figures.hpp"
#include "database/hand_deletions.hpp"
#include "database/index_builder.hpp"
#include "database/index_channels.hpp"
#include "database/idempotency_register.hpp"
#include "database/fair_shares.hpp"
#include "database/log_actor.hpp"
#include "database/materialiser.hpp"
#include "database/publication.hpp"
#include "database/row_thread_views.hpp"
#include "database/row_thread_queue.hpp"
#include "database/row_threads.hpp"
#include "database/shared_limits.hpp"
#include "database/snapshots_in_hand.hpp"
#include "database/storage_upkeep.hpp"
#include "database/table_actor.hpp"
#include "database/table_moves.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::protocol {
class dump_writer;
}

namespace dbcord::database {

class dump_part_writer;
class table_part_reader;
struct located_dump_part;
struct listed_snapshot;

// What was written of the log's versions, and why not all.
struct emptied_log {
  std::uint64_t versions = 0;
  std::string trouble;  // empty: all were
  bool busy = false;    // nothing was done: somebody else does it just now
};

class database final : public actor::actor, private commit_applier, private checkpoint_source {
 public:
  database(const dbcord::actor::environment& env, message_store& store, const engine_options& options, std::shared_ptr<shared_limits> limits,
           creation_record record);

  const std::string& name() const { return record_.name; }
  const std::string& id() const { return record_.id; }
  const creation_record& record() const { return record_; }

  // Becomes the writer, loads the newest checkpoint and replays the log behind it. `present`: the guild's channels, as they were at `date`.
  dbcord::actor::task<base::result<void>> open(base::steady_time deadline, dated<std::vector<channel_info>> present);
  void give_up_opening() {
    log_.give_up_opening();
    opening_wake_.notify();
  }
  dbcord::actor::task<void> close(base::steady_time deadline);

  dbcord::actor::task<base::result<table_summary>> create_table(std::string table, std::string primary_key, write_context context);
  dbcord::actor::task<base::result<write_receipt>> insert(std::string table, new_row value, write_context context);
  dbcord::actor::task<base::result<write_receipt>> update(std::string table, std::string key, std::string patch, write_context context);
  dbcord::actor::task<base::result<write_receipt>> remove(std::string table, std::string key, write_context context);
  // `as_they_were`: rows of a copy (row_source::copy).
  memory_figures memory() const { return memory_.figures(); }
  dbcord::actor::task<base::result<import_report>> import(std::string table, std::vector<new_row> rows, write_context context, bool as_they_were = false);
  dbcord::actor::task<base::result<transaction_receipt>> transact(std::vector<row_operation> steps, write_context context);
  dbcord::actor::task<base::result<row>> get(std::string table, std::string key, read_context context);
  dbcord::actor::task<reading_caveat> caveat(std::string table);
  dbcord::actor::task<base::result<find_answer>> find(std::string table, find_request request, read_context context);
  dbcord::actor::task<base::result<row>> get_as_of(std::string table, std::string key, moment when, read_context context);
  dbcord::actor::task<base::result<history_answer>> history(std::string table, history_request request, read_context context);
  // `threads`: see row_thread_views; before open().
  void keep_threads_in(thread_store* threads) { threads_.use(threads); }
  dbcord::actor::task<base::result<thread_report>> show_in_thread(std::string table, std::string key, read_context context);
  dbcord::actor::task<base::result<write_receipt>> set_row_threads(std::string table, bool on, write_context context);
  row_thread_status row_threads_status() const;
  dbcord::actor::task<base::result<write_receipt>> set_history(std::string table, std::uint64_t versions, std::uint64_t days, write_context context);
  dbcord::actor::task<base::result<write_receipt>> set_layout(std::string table, protocol::table_layout layout, write_context context);
  dbcord::actor::task<base::result<database_summary>> inspect(read_context context);
  dbcord::actor::task<base::result<verify_report>> verify(std::string table, read_context context);
  dbcord::actor::task<base::result<snapshot_summary>> snapshot(std::string table, read_context context);
  dbcord::actor::task<base::result<restore_report>> restore(base::message_id last_part, std::string table, write_context context);
  dbcord::actor::task<base::result<database_figures>> figures(read_context context);
  dbcord::actor::task<base::result<deletion_decision>> set_deletions(deletion_policy policy, write_context context);
  deletion_status deletions() const { return deletions_.status(); }
  // Of the whole database; see database_copies.
  dbcord::actor::task<base::result<database_snapshot_summary>> snapshot_all(read_context context);
  dbcord::actor::task<base::result<snapshot_file>> read_snapshot_part(base::message_id part, read_context context);
  dbcord::actor::task<base::result<std::vector<kept_snapshot>>> snapshots(read_context context);
  dbcord::actor::task<base::result<std::uint64_t>> drop_snapshot(base::message_id part, read_context context);
  // All parts of one, and the channel that they lie in.
  dbcord::actor::task<base::result<std::vector<located_dump_part>>> find_snapshot(base::message_id last_part, base::channel_id& channel,
                                                                                  base::steady_time deadline);
  dbcord::actor::task<base::result<vacuum_report>> vacuum(std::string table, bool scan, read_context context);
  dbcord::actor::task<base::result<void>> look_through_page(table_ptr table, base::channel_id channel, const stored_message& message,
                                                            const protocol::page_header& header, call_options options);
  dbcord::actor::task<base::result<void>> discard_strays(table_ptr table, base::channel_id channel, std::set<base::message_id> strays);
  dbcord::actor::task<base::result<void>> look_through(table_ptr table, vacuum_report& report, read_context context);
  dbcord::actor::task<void> remove_unfinished_snapshots(vacuum_report& report, read_context context);
  dbcord::actor::task<base::result<purge_report>> purge(std::string table, std::string key, write_context context);
  dbcord::actor::task<base::result<table_summary>> inspect_table(std::string table, read_context context);
  dbcord::actor::task<base::result<write_receipt>> set_schema(std::string table, std::string schema_json, bool force, write_context context);
  dbcord::actor::task<base::result<write_receipt>> create_index(std::string table, std::string field, bool unique, bool channel, write_context context);
  dbcord::actor::task<base::result<index_channel_change>> set_index_channel(std::string table, std::string field, bool on, write_context context);
  std::vector<index_channel_status> index_channels_status() const { return index_channels_.status(); }
  dbcord::actor::task<base::result<write_receipt>> drop_index(std::string table, std::string field, write_context context);
  dbcord::actor::task<base::result<move_report>> move_table(std::string table, write_context context);
  dbcord::actor::task<base::result<alteration_report>> alter_columns(std::string table, protocol::column_change change, bool force, write_context context);
  std::vector<std::string> table_names() const;
  dbcord::actor::task<base::result<command_outcome>> outcome_of(std::string key, base::steady_time deadline);
  void messages_deleted(base::channel_id channel, const std::vector<base::message_id>& messages);
  void channel_deleted(base::channel_id channel);
  void events_missed();
  dbcord::actor::task<base::result<write_receipt>> replace(std::string table, std::string key, std::string row_json, write_context context);
  dbcord::actor::task<base::result<write_receipt>> drop_table(std::string table, write_context context);
  dbcord::actor::task<base::result<write_receipt>> set_access(protocol::access_rules rules, write_context context);
  protocol::access_rules access() const;
  dbcord::actor::task<std::vector<std::string>> suggest(std::string table, suggestion what, std::string typed, std::size_t limit,
                                                        base::steady_time deadline);
  std::optional<std::string> locate(base::channel_id channel) const;  // the table's name
  dbcord::actor::task<base::result<reindex_report>> reindex(std::string table, read_context context);
  dbcord::actor::task<base::result<repair_report>> repair(std::string table, verify_report found, read_context context);
  // The whole database; see database_lifecycle. `on_dropped` is called once, on the log's strand, before anybody is told that it is done.
  void when_dropped(std::function<void()> on_dropped) { on_dropped_ = std::move(on_dropped); }  // behind open(), before anything else
  dbcord::actor::task<base::result<write_receipt>> drop(write_context context);
  dbcord::actor::task<base::result<write_receipt>> end_restore(write_context context);
  bool dropped() const { return dropped_; }
  bool restoring() const { return record_.restoring && !restored_; }
  // Behind close(): the rows' memory is free again. Channels of all tables that there were.
  dbcord::actor::task<std::vector<base::channel_id>> forget_tables();
  // Channels of dropped tables that may still be there: never bound again, to be deleted.
  std::vector<base::channel_id> dropped_channels() const;

 private:
  dbcord::actor::task<void> apply(std::vector<pending_ptr> group, commit_info info) override;
  dbcord::actor::task<void> abort(std::vector<pending_ptr> group) override;

  base::result<void> load(loaded_image image, bool released);
  base::result<void> replay(const std::vector<recovered_group>& groups);
  // What a checkpoint says of a table's messages: its channel then, the newest message that was known, and where some might not be.
  struct known_channel {
    base::channel_id channel;
    base::message_id last;
    bool settled = false;  // nothing of the table was still to be written as a message, nor has been logged or removed since
    std::vector<protocol::image_adoption> unadopted;
  };
  using known_channels = std::map<protocol::table_id, known_channel>;
  index_channel_context index_channel_services();
  void make_room();
  dbcord::actor::task<base::result<opening_channels>> channels_for_opening(dated<std::vector<channel_info>> present, base::steady_time deadline);
  dbcord::actor::task<base::result<opening_channels>> list_channels_for_opening(base::steady_time deadline);
  dbcord::actor::task<base::result<base::channel_id>> find_checkpoints(std::vector<channel_info> present, base::steady_time deadline);
  dbcord::actor::task<void> place_found(message_of_lost_rows found);
  dbcord::actor::task<base::result<void>> complete_indexes(table_ptr table, const std::set<base::message_id>& dropped, base::steady_time deadline);
  static bool is_settled(const loaded_table& table);
  static void note_changes(const std::vector<recovered_group>& groups, known_channels& known);
  static std::vector<protocol::image_adoption> to_adopt(const table_actor& table, const known_channels& known, const std::vector<channel_info>& present);
  table_ptr add_table(const protocol::create_table& definition);
  base::result<table_ptr> find_table(const std::string& name) const;
  table_ptr table_by_id(protocol::table_id id) const;
  std::vector<table_ptr> all_tables() const override;
  protocol::image_database database_head() const override;
  std::vector<protocol::image_command> executed_commands() const override;
  dbcord::actor::task<base::result<base::channel_id>> checkpoint_channel(base::steady_time deadline) override;
  dbcord::actor::task<base::result<base::channel_id>> segment_channel(std::uint64_t number, base::steady_time deadline) override;
  void forget_segment(base::channel_id channel) override;
  void log_tended() override { shorten_wake_.notify(); }
  // database_log.cpp: those tables' older versions whose only place is a record before that LSN get messages.
  dbcord::actor::task<emptied_log> empty_log(std::vector<table_ptr> tables, std::uint64_t before, std::function<bool()> given_up, base::steady_time deadline);
  dbcord::actor::task<emptied_log> empty_log_of_each(std::vector<table_ptr> tables, std::uint64_t before, std::function<bool()> given_up, base::steady_time deadline);
  dbcord::actor::task<void> empty_log_of(table_ptr table, std::uint64_t before, std::function<bool()> given_up, base::steady_time deadline, emptied_log& done);
  // What ends long work early: the database is being closed; or, of what writes rows' values out of the log, a purge as well.
  std::function<bool()> when_stopping() const;
  std::function<bool()> when_stopping_or_purging() const;
  dbcord::actor::task<void> await_log_emptied(base::steady_time deadline);
  dbcord::actor::task<void> shorten_log();
  bool forget_checkpoint_channel(base::channel_id channel) override;
  dbcord::actor::task<void> give_up_accepting(base::steady_time until, std::atomic<bool>& over);
  // Of a unique index that a loss has left with values of several rows.
  struct doubted_index {
    table_ptr table;
    protocol::index_id index = 0;
  };
  dbcord::actor::task<std::vector<doubted_index>> name_clashes();
  dbcord::actor::task<void> fail_doubted(std::vector<doubted_index> doubted);
  dbcord::actor::task<base::result<void>> begin_writing(checkpointer::opened_from base, std::vector<channel_info> present, std::vector<doubted_index> doubted,
                                                        base::steady_time deadline);
  std::vector<base::channel_id> bound_channels() const;

  // What an earlier delivery of the command answered; empty if this is the first (then the key is marked as running).
  dbcord::actor::task<base::result<std::optional<executed_command>>> admit(std::string key, base::steady_time deadline);
  // Of an error that says that an outcome is not known: why, where there is more to say than that Discord's answer did not come. Others as they are.
  dbcord::actor::task<base::error> with_reason(base::error why);
  dbcord::actor::task<base::error> confirm_refusal(base::error refusal, base::steady_time deadline);
  template <class Start>
  dbcord::actor::task<base::result<write_receipt>> write_once(Start start, write_context context);
  write_receipt to_receipt(commit_info commit, std::uint64_t version, bool repeated) const;
  void settle_keys(const std::vector<pending_ptr>& group, std::optional<commit_info> info);

  dbcord::actor::task<base::result<table_summary>> create_table_on_strand(std::string table, std::string primary_key, write_context context);
  dbcord::actor::task<base::result<commit_info>> commit_table(protocol::create_table definition, write_context context);
  dbcord::actor::task<base::result<void>> import_chunk(table_ptr table, table_actor::chunk chunk, write_context context,
                                                       import_report& report);
  // What was done of a chunk, and why not the rest.
  struct imported_part {
    import_report report;
    std::optional<base::error> failure = {};
  };
  dbcord::actor::task<void> import_chunk_task(table_ptr table, table_actor::chunk chunk, std::uint64_t share, write_context context,
                                              dbcord::actor::promise<imported_part> done);
  std::uint64_t import_share_of(std::size_t bytes, std::size_t rows) const;
  // Empty: it is no moment of the future.
  std::optional<base::error> not_yet(moment when) const;
  base::result<std::optional<past_version>> version_at(const table_actor& table, const table_actor::versions& known, moment when) const;

  dbcord::actor::task<void> follow_rows();
  // Answers how long to wait before the next one.
  dbcord::actor::task<base::duration> follow_row(row_thread_queue::changed_row row);
  dbcord::actor::task<base::result<thread_report>> continue_thread(table_ptr table, std::string key, std::string tag, bool look, call_options options);

  // A table's steps of a transaction.
  struct table_share {
    table_ptr table;
    std::vector<numbered_step> steps;
  };
  struct reserved_tables {
    std::vector<reservation> made;
    std::optional<base::error> refusal;
    std::optional<dbcord::actor::promise<bool>> wait_for;
    std::optional<memory_demand> lacking;
    std::vector<std::string> needs;  // values that a table must read first
    table_ptr needs_of;
  };
  base::result<std::vector<table_share>> share_out(std::vector<row_operation> steps) const;
  dbcord::actor::task<reserved_tables> reserve(const std::vector<table_share>& shares, ticket owner, bool settled_only);
  dbcord::actor::task<void> abandon(const std::vector<table_share>& shares, const std::vector<reservation>& made, ticket owner);
  dbcord::actor::task<base::result<transaction_receipt>> transact_once(const std::vector<table_share>& shares, const write_context& context,
                                                                       bool& submitted);
  base::result<void> push_transaction(const pending_ptr& t, const std::vector<reservation>& made, std::uint64_t closings);
  transaction_receipt receipt_of(const std::vector<reservation>& made, std::optional<commit_info> commit) const;

  dbcord::actor::task<base::result<base::channel_id>> snapshot_channel(base::steady_time deadline);
  // Where they lie, if there are any or were; makes none.
  dbcord::actor::task<base::result<std::optional<base::channel_id>>> present_snapshot_channel(base::steady_time deadline);
  // All that there are, oldest first.
  dbcord::actor::task<base::result<std::vector<listed_snapshot>>> list_snapshots(base::steady_time deadline);
  // All tables, or one, at one LSN.
  struct begun_dump {
    std::uint64_t lsn = 0;
    std::string access_json;
    bool accept_deletions = false;
    std::vector<table_ptr> tables;
    std::vector<table_actor::begun_dump> heads;
  };
  dbcord::actor::task<base::result<begun_dump>> begin_dump(table_ptr one, base::steady_time deadline);
  dbcord::actor::task<base::result<void>> dump_table(table_ptr table, table_actor::begun_dump its, protocol::dump_writer& lines, dump_part_writer& parts,
                                                     read_context context);
  // database_snapshot.cpp: into the table that was made for it.
  dbcord::actor::task<base::result<void>> restore_into(restore_report& report, const protocol::snapshot_head& head, table_part_reader& reader,
                                                       const write_context& context);
  dbcord::actor::task<base::result<void>> restore_rows(restore_report& report, table_part_reader& reader, const write_context& context);
  dbcord::actor::task<base::error> undo_restore(table_summary made, base::error why, write_context context);
  dbcord::actor::task<void> erase_from_log(purge_report& report, const write_context& context);
  dbcord::actor::task<void> erase_messages(purge_report& report, table_ptr table, std::string key, const write_context& context);
  dbcord::actor::task<void> erase_messages_in(base::channel_id channel, purge_report& report, table_ptr table, std::string key, const write_context& context);
  // Those of the pages that hold nothing else any more.
  dbcord::actor::task<std::set<base::message_id>> empty_pages(table_ptr table, std::set<base::message_id> pages, purge_report& report,
                                                              base::steady_time deadline);
  dbcord::actor::task<void> erase_thread(purge_report& report, table_ptr table, std::string key, base::steady_time deadline);
  dbcord::actor::task<void> erase_from_index_channels(purge_report& report, table_ptr table, base::steady_time deadline);
  dbcord::actor::task<void> erase_from_snapshots(purge_report& report, std::string table, std::string key, const write_context& context);
  dbcord::actor::task<void> erase_from_snapshots_in(base::channel_id channel, purge_report& report, std::string table, std::string key,
                                                    const write_context& context);
  // database_move.cpp
  dbcord::actor::task<write_result<committed_write>> move_into_fresh_channel(table_ptr table, write_context context);
  dbcord::actor::task<base::result<move_report>> begin_move(table_ptr table, write_context context);
  dbcord::actor::task<void> empty_retiring(table_ptr table, move_report& report, const write_context& context);
  dbcord::actor::task<void> retire(table_ptr table, move_report& report, const write_context& context);
  bool claim_move(protocol::table_id table);
  void end_claim(protocol::table_id table);
  dbcord::actor::task<void> describe_tables();
  void note_described(table_descriptor descriptor, base::message_id message);
  std::optional<base::message_id> description_of(table_descriptor descriptor) const;
  // database_verification.cpp
  verification_context verification(const read_context& context);
  expected_catalog catalog_now() const;
  void verify_nothing_is_lost(verify_findings& findings);
  dbcord::actor::task<base::result<void>> verify_strangers(call_options options, verify_findings& findings);
  dbcord::actor::task<base::result<void>> verify_snapshots_present(const verification_context& about, verify_findings& findings);
  base::result<std::vector<table_ptr>> tables_named(const std::string& table) const;  // empty: all
  dbcord::actor::task<base::result<void>> verify_tables(const std::vector<table_ptr>& tables, verification_context about, verify_findings& findings);
  dbcord::actor::task<base::result<void>> repair_table(table_ptr table, verify_report found, repair_report& report, base::steady_time deadline);
  dbcord::actor::task<void> repair_rows(table_ptr table, const verify_report& found, repair_report& report);
  dbcord::actor::task<void> repair_history(table_ptr table, const verify_report& found, repair_report& report, base::steady_time deadline);
  dbcord::actor::task<void> give_up_versions(table_ptr table, const verify_report& found, repair_report& report);
  dbcord::actor::task<void> repair_catalog(repair_report& report, read_context context);
  // What operations on the database itself change; also at recovery, before anything else runs.
  bool apply_to_database(const protocol::operation& op);
  void forget_table(const protocol::drop_table& dropped);
  dbcord::actor::task<void> delete_dropped_channels();
  dbcord::actor::task<bool> delete_channels(std::vector<base::channel_id> channels);
  // An operation on the database itself, carried out once.
  dbcord::actor::task<base::result<write_receipt>> write_own(protocol::operation op, write_context context);
  dbcord::actor::task<write_result<committed_write>> commit_own(protocol::operation op, write_context context);
  bool note_log_channel_deleted(base::channel_id channel);
  dbcord::actor::task<void> follow_deletions(table_ptr table, std::vector<base::message_id> messages);
  dbcord::actor::task<void> look_for_missed_deletions();
  dbcord::actor::task<base::result<void>> look_for_messages_of(table_ptr table);
  // Those that are still of the same version; answers how many.
  dbcord::actor::task<std::uint64_t> remove_rows(std::vector<held_row> rows, base::steady_time deadline);
  dbcord::actor::task<void> remove_row(held_row row, base::steady_time deadline, dbcord::actor::promise<bool> done);

  message_store& store_;
  engine_options options_;
  creation_record record_;
  channel_directory directory_;
  std::shared_ptr<shared_limits> limits_;  // of all databases; outlives what counts towards it
  std::shared_ptr<memory_account> kept_memory_;
  memory_account& memory_;
  log_actor log_;
  std::atomic<ticket> last_ticket_{0};
  value_reader values_;
  table_services services_;
  idempotency_register executed_;
  fair_shares importing_;
  publication publication_;
  row_threads threads_;
  row_thread_queue changed_rows_;
  dbcord::actor::event changed_rows_wake_;
  dbcord::actor::async_mutex creating_;
  snapshots_in_hand snapshots_in_hand_;
  mutable std::mutex tables_mutex_;
  std::map<std::string, table_ptr> tables_;               // by name
  std::map<protocol::table_id, table_ptr> tables_by_id_;
  protocol::table_id last_table_id_ = 0;
  materialiser materialiser_;
  index_builder index_builder_;
  index_channels index_channels_;
  checkpointer checkpointer_;
  std::uint64_t opened_from_lsn_ = 0;
  std::vector<std::string> losses_;  // fixed after open()
  std::optional<base::channel_id> checkpoint_channel_;  // once known; the checkpointer's strand
  std::atomic<bool> stopping_{false};
  dbcord::actor::event opening_wake_;
  dbcord::actor::event describe_wake_;
  std::set<base::channel_id> dropped_channels_;  // with access_ and the tables under tables_mutex_
  std::string deletion_problem_;                 // likewise: why the last of them that could not be deleted was not
  protocol::access_rules access_;
  std::map<table_descriptor, base::message_id> described_;  // in the catalog, as far as is known; the same mutex
  std::set<protocol::table_id> moving_;  // whose channels are being emptied right now; the same mutex
  hand_deletions deletions_;
  std::atomic<bool> dropped_{false};
  std::atomic<bool> restored_{false};
  std::function<void()> on_dropped_;
  dbcord::actor::event drop_wake_;
  dbcord::actor::event shorten_wake_;
  dbcord::actor::event missed_wake_;
  std::atomic<bool> emptying_log_{false};
  std::atomic<int> purges_{0};  // under way: what is written out of the log meanwhile might hold the row
  dbcord::actor::task_group tasks_;
};

}  // namespace dbcord::database
