#pragma once
// The engine's implementation: finds, creates, opens and closes the databases of one guild and routes calls to them.
// Any executor; the directory of open databases is guarded by a mutex that is never held across a suspension.

#include "database/database.hpp"
#include "database/database_administration.hpp"
#include "database/dropped_record.hpp"
#include "database/engine.hpp"
#include "database/storage_upkeep.hpp"

namespace dbcord::database {

class engine_impl final : public engine, private storage_upkeep, private database_administration {
 public:
  engine_impl(const actor::environment& env, message_store& store, engine_options options);

  actor::task<base::result<void>> open(base::steady_time deadline) override;
  actor::task<void> close(base::steady_time deadline) override;
  actor::task<base::result<database_summary>> create_database(std::string name, write_context context) override;
  std::vector<std::string> databases() const override;
  actor::task<reading_caveat> caveat(std::string database, std::string table) override;
  actor::task<base::result<void>> look_for(std::string name, base::steady_time deadline) override;
  std::vector<std::string> tables(std::string database) const override;
  std::vector<std::string> failed() const override;

  actor::task<base::result<table_summary>> create_table(std::string database, std::string table, std::string primary_key,
                                                        write_context context) override;
  actor::task<base::result<write_receipt>> insert(std::string database, std::string table, new_row value,
                                                  write_context context) override;
  actor::task<base::result<write_receipt>> update(std::string database, std::string table, std::string key, std::string patch_json,
                                                  write_context context) override;
  actor::task<base::result<write_receipt>> remove(std::string database, std::string table, std::string key,
                                                  write_context context) override;
  actor::task<base::result<import_report>> import(std::string database, std::string table, std::vector<new_row> rows,
                                                  write_context context) override;
  actor::task<base::result<transaction_receipt>> transact(std::string database, std::vector<row_operation> steps, write_context context) override;
  actor::task<base::result<row>> get(std::string database, std::string table, std::string key, read_context context) override;
  actor::task<base::result<row>> get_as_of(std::string database, std::string table, std::string key, moment when, read_context context) override;
  actor::task<base::result<history_answer>> history(std::string database, std::string table, history_request request,
                                                    read_context context) override;
  actor::task<base::result<write_receipt>> set_history(std::string database, std::string table, std::uint64_t versions, std::uint64_t days,
                                                       write_context context) override;
  actor::task<base::result<find_answer>> find(std::string database, std::string table, find_request request,
                                              read_context context) override;
  actor::task<base::result<database_summary>> inspect(std::string database, read_context context) override;
  actor::task<base::result<verify_report>> verify(std::string database, std::string table, read_context context) override;
  actor::task<base::result<snapshot_summary>> snapshot(std::string database, std::string table, read_context context) override;
  actor::task<base::result<restore_report>> restore(std::string database, base::message_id last_part, std::string table,
                                                    write_context context) override;
  void messages_deleted(base::channel_id channel, std::vector<base::message_id> messages) override;
  void channel_deleted(base::channel_id channel) override;
  void events_missed() override;
  storage_upkeep& storage() override { return *this; }
  actor::task<base::result<write_receipt>> set_layout(std::string database, std::string table, protocol::table_layout layout,
                                                      write_context context) override;
  database_administration& administration() override { return *this; }
  actor::task<base::result<database_snapshot_summary>> snapshot_database(std::string database, read_context context) override;
  actor::task<base::result<std::vector<kept_snapshot>>> snapshots(std::string database, read_context context) override;
  actor::task<base::result<snapshot_file>> read_snapshot_part(std::string database, base::message_id part, read_context context) override;
  actor::task<base::result<database_restore_report>> restore_database(std::string database, base::message_id last_part, std::string as,
                                                                      write_context context) override;
  actor::task<base::result<std::uint64_t>> drop_snapshot(std::string database, base::message_id part, read_context context) override;
  actor::task<base::result<database_figures>> figures(std::string database, read_context context) override;
  memory_figures memory() const override;
  actor::task<base::result<deletion_decision>> set_deletions(std::string database, deletion_policy policy, write_context context) override;
  base::result<deletion_status> deletions(std::string database) const override;
  actor::task<base::result<write_receipt>> drop_database(std::string name, write_context context) override;
  actor::task<base::result<database_summary>> begin_restore(std::string name, write_context context) override;
  actor::task<base::result<void>> end_restore(std::string name, write_context context) override;
  std::optional<unfinished_restore> restoring(std::string name) const override;
  actor::task<base::result<alteration_report>> alter_columns(std::string database, std::string table, protocol::column_change change, bool force,
                                                             write_context context) override;
  void keep_threads_in(thread_store& threads) override { threads_ = &threads; }
  actor::task<base::result<write_receipt>> set_row_threads(std::string database, std::string table, bool on, write_context context) override;
  base::result<row_thread_status> row_threads_of(std::string database) const override;
  actor::task<base::result<write_receipt>> create_shown_index(std::string database, std::string table, std::string field, bool unique,
                                                              write_context context) override;
  actor::task<base::result<index_channel_change>> set_index_channel(std::string database, std::string table, std::string field, bool on,
                                                                    write_context context) override;
  base::result<std::vector<index_channel_status>> index_channels_of(std::string database) const override;
  actor::task<base::result<thread_report>> show_in_thread(std::string database, std::string table, std::string key, read_context context) override;
  actor::task<base::result<command_outcome>> outcome_of(std::string idempotency_key, read_context context) override;
  actor::task<base::result<move_report>> move_table(std::string database, std::string table, write_context context) override;
  actor::task<base::result<vacuum_report>> vacuum(std::string database, std::string table, bool scan, read_context context) override;
  actor::task<base::result<purge_report>> purge(std::string database, std::string table, std::string key, write_context context) override;
  actor::task<base::result<table_summary>> inspect_table(std::string database, std::string table, read_context context) override;
  actor::task<base::result<write_receipt>> set_schema(std::string database, std::string table, std::string schema_json, bool force,
                                                      write_context context) override;
  actor::task<base::result<write_receipt>> create_index(std::string database, std::string table, std::string field, bool unique,
                                                        write_context context) override;
  actor::task<base::result<write_receipt>> drop_index(std::string database, std::string table, std::string field,
                                                      write_context context) override;
  actor::task<base::result<write_receipt>> replace(std::string database, std::string table, std::string key, std::string row_json,
                                                   write_context context) override;
  actor::task<base::result<write_receipt>> drop_table(std::string database, std::string table, write_context context) override;
  actor::task<base::result<write_receipt>> set_access(std::string database, protocol::access_rules rules, write_context context) override;
  protocol::access_rules access(std::string database) const override;
  actor::task<std::vector<std::string>> suggest(std::string database, std::string table, suggestion what, std::string typed, std::size_t limit,
                                                base::steady_time deadline) override;
  std::optional<table_place> locate(base::channel_id channel) const override;
  actor::task<base::result<reindex_report>> reindex(std::string database, std::string table, read_context context) override;
  actor::task<base::result<repair_report>> repair(std::string database, std::string table, verify_report found, read_context context) override;

 private:
  using database_ptr = std::shared_ptr<database>;
  // The catalog channel that holds a creation record, among twins of the same database id.
  struct found_database {
    std::string name;
    std::string id;
    std::optional<creation_record> record;  // empty: its creation was never finished
    base::channel_id catalog;
  };
  // What a catalog says of its database.
  struct catalog_content {
    std::optional<creation_record> creation;
    std::optional<dropped_record> dropped;
  };
  struct dropped_database {
    dropped_record record;
    base::channel_id catalog;
  };
  struct discovery {
    std::vector<found_database> databases;
    std::vector<dropped_database> dropped;  // some of their channels are left
    std::vector<creation_record> ignored = {};  // complete, and younger than another one of the same name
  };

  base::result<database_ptr> find_database(const std::string& name) const;
  std::vector<database_ptr> all_open() const;
  base::result<database_ptr> find_any(const std::string& name) const;  // also one whose restore was interrupted
  static std::string interrupted_sentence(const std::string& name);
  actor::task<base::result<discovery>> discover(std::vector<channel_info> present, base::steady_time deadline);
  actor::task<base::result<catalog_content>> read_catalog(channel_info channel, base::steady_time deadline);
  actor::task<base::result<std::vector<stored_message>>> first_of_catalog(channel_info channel, base::steady_time deadline);
  actor::task<base::result<database_summary>> make_database(std::string name, write_context context, bool to_restore);
  // engine_lifecycle.cpp
  actor::task<void> name_is_free(std::string name, base::steady_time deadline);
  // False: the process ends.
  bool retire(const database_ptr& db);
  actor::task<void> remove_database(database_ptr db);
  actor::task<std::optional<dropped_record>> name_channels(database_ptr db, std::vector<base::channel_id> bound, actor::event wake);
  actor::task<void> delete_database(dropped_record record, base::channel_id catalog, actor::event wake);
  actor::event closing_wake();
  actor::task<bool> delete_its_categories(std::string name, base::channel_id catalog);
  void finish_drop(dropped_record record, base::channel_id catalog);
  bool closing() const;
  // How long a listing may lack what was written, with some room.
  base::duration until_shown() const { return options_.staleness + std::chrono::seconds(1); }
  // engine_lost_channels.cpp
  struct lost_catalog {
    std::string name;
    std::string id;
    base::channel_id log;  // its first segment that is left; zero: none is
    std::uint64_t first_segment = 0;
    base::channel_id catalog;  // without the record of its creation; zero: there is none
  };
  static std::vector<lost_catalog> without_catalog(const discovery& found, const std::vector<channel_info>& present);
  bool may_renew_channels(const std::string& database) const;
  actor::task<base::result<creation_record>> renew_catalog(lost_catalog lost, base::steady_time deadline);
  actor::task<base::result<std::string>> first_predecessor(lost_catalog lost, base::steady_time deadline);
  actor::task<base::result<creation_record>> renew_control(creation_record record, base::steady_time deadline);
  actor::task<base::result<void>> renew_catalogs(discovery& found, const std::vector<channel_info>& present, base::steady_time deadline);
  actor::task<base::result<void>> open_known(creation_record record, base::steady_time deadline, dated<std::vector<channel_info>> present);
  // engine_opening.cpp
  struct opening_round;
  actor::task<void> open_all(std::shared_ptr<opening_round> round);
  actor::task<void> open_waiting(std::shared_ptr<opening_round> round);
  void note_not_opened(opening_round& round, creation_record record, const base::error& why);
  void note_failed(const std::string& name, const base::error& why);
  bool is_open_beside(const creation_record& record) const;
  actor::task<void> give_up_ignored(std::vector<creation_record> ignored, const std::vector<channel_info>& present, base::steady_time deadline);
  // engine_reopening.cpp
  static bool may_open_later(const base::error& e);
  void try_again_later(creation_record record);
  actor::task<void> reopen(creation_record record, actor::event wake);
  actor::task<base::result<void>> open_again(creation_record record);
  bool is_known(const std::string& name) const;
  actor::task<base::result<void>> open_found(creation_record record, base::steady_time deadline, dated<std::vector<channel_info>> present);
  void give_up_restore(const std::string& name);
  actor::task<base::result<database_summary>> make_for_restore(std::string name, write_context context);
  bool claim_restore(const std::string& name);
  void end_claim(const std::string& name);
  actor::task<base::result<database_restore_report>> fill_database(std::vector<located_dump_part> parts, base::channel_id channel, std::string as,
                                                                   write_context context);
  actor::task<base::result<void>> open_one(creation_record record, std::optional<std::string> restorer, base::steady_time deadline, dated<std::vector<channel_info>> present);
  bool admit(const database_ptr& db, const std::optional<std::string>& restorer);
  actor::task<base::result<void>> open_unless_closing(database_ptr db, base::steady_time deadline, dated<std::vector<channel_info>> present);
  actor::task<base::result<void>> check_declared(std::string name, base::steady_time deadline);
  actor::task<base::result<void>> create_missing(std::string name, base::steady_time deadline);
  actor::task<base::result<creation_record>> create_channels(std::string name, std::string id, base::steady_time deadline);
  actor::task<base::result<void>> write_creation(creation_record record, base::steady_time deadline);
  actor::task<base::result<creation_record>> agree_on_creation(creation_record ours, dated<std::vector<channel_info>>& present, base::steady_time deadline);
  actor::task<void> give_up_creation(creation_record ours, const std::vector<channel_info>& present, base::steady_time deadline);

  const actor::environment& env_;
  message_store& store_;
  thread_store* threads_ = nullptr;
  engine_options options_;
  std::shared_ptr<shared_limits> limits_;
  channel_directory directory_;
  actor::async_mutex creating_;
  mutable std::mutex mutex_;
  std::map<std::string, database_ptr> open_;
  bool events_missed_ = false;
  std::map<std::string, std::string> failed_;  // name → reason
  std::map<std::string, unfinished_restore> unfinished_;  // of open ones
  std::set<std::string> filling_;              // names that this process restores into
  std::map<std::string, std::vector<actor::promise<bool>>> dropping_;  // dropped ones whose catalogs do not say so yet; who waits for their names
  std::vector<database_ptr> retired_;          // dropped ones, emptied: calls may still be in them
  std::set<database_ptr> opening_;
  bool closing_ = false;
  std::vector<actor::event> closing_wakes_;    // of each removal and each reopening: the process ends
  actor::task_group removals_;
  actor::task_group reopenings_;
};

}  // namespace dbcord::database
