#pragma once
// A database::engine that records its calls and answers as scripted; so that commands and the dispatcher are tested without a
// database. One thread.

#include <optional>
#include <string>
#include <vector>

#include "actor/event.hpp"
#include "database/database_administration.hpp"
#include "database/engine.hpp"
#include "database/row_operation.hpp"
#include "database/storage_upkeep.hpp"

namespace dbcord::test {

// The place in replies: of the channel and message that its answers name.
inline const std::string at = "https://discord.com/channels/1/2/3";

class fake_engine final : public database::engine, public database::storage_upkeep, public database::database_administration {
 public:
  // What the next call of that kind answers, until changed.
  base::result<database::database_summary> database_answer = database::database_summary{};
  base::result<database::table_summary> table_answer = database::table_summary{};
  base::result<database::transaction_receipt> transaction_answer = database::transaction_receipt{};
  base::result<database::write_receipt> write_answer = receipt(1);
  base::result<database::row> get_answer = base::error(database::errc::unknown_key);
  base::result<database::find_answer> find_answer = database::find_answer{};
  base::result<database::snapshot_summary> snapshot_answer = database::snapshot_summary{};
  base::result<database::restore_report> restore_answer = database::restore_report{};
  base::result<database::database_snapshot_summary> database_snapshot_answer = database::database_snapshot_summary{};
  base::result<std::vector<database::kept_snapshot>> snapshots_answer = std::vector<database::kept_snapshot>{};
  base::result<database::snapshot_file> part_answer = database::snapshot_file{};
  base::result<database::database_restore_report> database_restore_answer = database::database_restore_report{};
  base::result<std::uint64_t> drop_snapshot_answer = 1;
  base::result<database::database_figures> figures_answer = database::database_figures{};
  database::memory_figures memory_answer;
  base::result<database::deletion_decision> decision_answer = database::deletion_decision{receipt(1), 0, 0};
  base::result<database::deletion_status> deletion_answer = database::deletion_status{};
  base::result<database::verify_report> verify_answer = database::verify_report{};
  base::result<database::vacuum_report> vacuum_answer = database::vacuum_report{};
  base::result<database::purge_report> purge_answer = database::purge_report{};
  base::result<database::import_report> import_answer = database::import_report{};
  base::result<database::reindex_report> reindex_answer = database::reindex_report{};
  base::result<database::repair_report> repair_answer = database::repair_report{};
  protocol::access_rules access_answer;
  base::result<void> look_answer;
  database::reading_caveat known_caveat;
  std::vector<std::string> looked_for;
  std::vector<std::string> suggestions;
  std::vector<std::string> some_rows;
  base::channel_id table_channel{2};
  std::vector<std::string> database_names;
  std::vector<std::string> closed;  // that could not be opened, with the reasons
  std::vector<std::string> table_names;
  std::string throws;  // not empty: every call throws this
  base::duration takes{};  // virtual time of every call
  const actor::environment* env = nullptr;  // needed for `takes`

  // What was asked: "insert prod users u_1 {...}"
  std::vector<std::string> calls;
  std::optional<database::write_context> write_context;
  std::optional<database::find_request> find_request;
  std::vector<database::new_row> imported;
  std::uint64_t running = 0;

  static database::message_link link() { return {base::guild_id{1}, base::channel_id{2}, base::message_id{3}}; }
  static database::write_receipt receipt(std::uint64_t version) {
    database::write_receipt r;
    r.version = version;
    r.location = link();
    return r;
  }
  static database::row row(std::string key, std::uint64_t version, std::string json) {
    database::row r;
    r.key = std::move(key);
    r.version = version;
    r.json = std::move(json);
    r.location = link();
    return r;
  }

  actor::task<base::result<void>> open(base::steady_time) override { co_return base::result<void>(); }
  actor::task<void> close(base::steady_time) override { co_return; }
  actor::task<database::reading_caveat> caveat(std::string, std::string) override { co_return known_caveat; }
  actor::task<base::result<void>> look_for(std::string name, base::steady_time) override {
    looked_for.push_back(std::move(name));
    co_return look_answer;
  }
  std::vector<std::string> databases() const override { return database_names; }
  std::vector<std::string> failed() const override { return closed; }
  std::vector<std::string> tables(std::string) const override { return table_names; }

  actor::task<base::result<database::database_summary>> create_database(std::string name,
                                                                        database::write_context context) override {
    co_await called("create_database " + name, std::move(context));
    co_return database_answer;
  }
  actor::task<base::result<database::table_summary>> create_table(std::string database, std::string table,
                                                                  std::string primary_key,
                                                                  database::write_context context) override {
    co_await called("create_table " + database + " " + table + " " + primary_key, std::move(context));
    co_return table_answer;
  }
  actor::task<base::result<database::write_receipt>> insert(std::string database, std::string table, database::new_row value,
                                                            database::write_context context) override {
    co_await called("insert " + database + " " + table + " " + value.key + " " + value.json, std::move(context));
    co_return write_answer;
  }
  base::result<database::history_answer> history_answer = database::history_answer{};
  database::moment asked_moment;
  actor::task<base::result<database::row>> get_as_of(std::string database, std::string table, std::string key, database::moment when,
                                                     database::read_context) override {
    asked_moment = when;
    co_await called("get_as_of " + database + " " + table + " " + key, std::nullopt);
    co_return get_answer;
  }
  actor::task<base::result<database::history_answer>> history(std::string database, std::string table, database::history_request request,
                                                              database::read_context) override {
    co_await called("history " + database + " " + table + " " + request.key + " " + std::to_string(request.limit), std::nullopt);
    co_return history_answer;
  }
  actor::task<base::result<database::write_receipt>> set_history(std::string database, std::string table, std::uint64_t versions,
                                                                 std::uint64_t days, database::write_context context) override {
    co_await called("set_history " + database + " " + table + " " + std::to_string(versions) + " " + std::to_string(days), std::move(context));
    co_return write_answer;
  }
  void messages_deleted(base::channel_id channel, std::vector<base::message_id> messages) override {
    calls.push_back("messages_deleted " + std::to_string(channel.value));
    for (auto m : messages) calls.back() += " " + std::to_string(m.value);
  }
  void channel_deleted(base::channel_id channel) override { calls.push_back("channel_deleted " + std::to_string(channel.value)); }
  void events_missed() override { calls.push_back("events_missed"); }
  actor::task<base::result<database::transaction_receipt>> transact(std::string database, std::vector<database::row_operation> steps,
                                                                    database::write_context context) override {
    co_await called("transact " + database + " " + std::to_string(steps.size()), std::move(context));
    co_return transaction_answer;
  }
  actor::task<base::result<database::write_receipt>> update(std::string database, std::string table, std::string key,
                                                            std::string patch, database::write_context context) override {
    co_await called("update " + database + " " + table + " " + key + " " + patch, std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::write_receipt>> remove(std::string database, std::string table, std::string key,
                                                            database::write_context context) override {
    co_await called("remove " + database + " " + table + " " + key, std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::write_receipt>> set_schema(std::string database, std::string table, std::string schema, bool force,
                                                                database::write_context context) override {
    co_await called("set_schema " + database + " " + table + " " + schema + (force ? " force" : ""), std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::write_receipt>> create_index(std::string database, std::string table, std::string field, bool unique,
                                                                  database::write_context context) override {
    co_await called("create_index " + database + " " + table + " " + field + (unique ? " unique" : ""), std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::write_receipt>> drop_index(std::string database, std::string table, std::string field,
                                                                database::write_context context) override {
    co_await called("drop_index " + database + " " + table + " " + field, std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::verify_report>> verify(std::string database, std::string table, database::read_context) override {
    co_await called("verify " + database + " " + table, std::nullopt);
    co_return verify_answer;
  }
  database::storage_upkeep& storage() override { return *this; }
  actor::task<base::result<database::write_receipt>> set_layout(std::string database, std::string table, protocol::table_layout layout,
                                                                database::write_context context) override {
    co_await called("set_layout " + database + " " + table + " " + std::string(protocol::to_string(layout)), std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::vacuum_report>> vacuum(std::string database, std::string table, bool, database::read_context) override {
    co_await called("vacuum " + database + " " + table, std::nullopt);
    co_return vacuum_answer;
  }
  base::result<database::move_report> move_answer = database::move_report{};
  base::result<database::command_outcome> outcome_answer = database::command_outcome{};
  actor::task<base::result<database::command_outcome>> outcome_of(std::string key, database::read_context) override {
    co_await called("outcome_of " + key, std::nullopt);
    co_return outcome_answer;
  }
  actor::task<base::result<database::move_report>> move_table(std::string database, std::string table, database::write_context context) override {
    co_await called("move_table " + database + " " + table, std::move(context));
    co_return move_answer;
  }
  actor::task<base::result<database::purge_report>> purge(std::string database, std::string table, std::string key,
                                                          database::write_context context) override {
    co_await called("purge " + database + " " + table + " " + key, std::move(context));
    co_return purge_answer;
  }
  database::database_administration& administration() override { return *this; }
  actor::task<base::result<database::database_figures>> figures(std::string database, database::read_context) override {
    co_await called("figures " + database, std::nullopt);
    co_return figures_answer;
  }
  database::memory_figures memory() const override { return memory_answer; }
  actor::task<base::result<database::write_receipt>> drop_database(std::string name, database::write_context context) override {
    co_await called("drop_database " + name, std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::database_summary>> begin_restore(std::string name, database::write_context context) override {
    co_await called("begin_restore " + name, std::move(context));
    co_return database_answer;
  }
  actor::task<base::result<void>> end_restore(std::string name, database::write_context context) override {
    co_await called("end_restore " + name, std::move(context));
    if (!database_answer) co_return database_answer.error();
    co_return base::result<void>();
  }
  std::optional<database::unfinished_restore> unfinished_answer;
  std::optional<database::unfinished_restore> restoring(std::string) const override { return unfinished_answer; }
  actor::task<base::result<database::deletion_decision>> set_deletions(std::string database, database::deletion_policy policy,
                                                                       database::write_context context) override {
    co_await called("set_deletions " + database + (policy == database::deletion_policy::accept ? " accept" : " restore"), std::move(context));
    if (decision_answer && deletion_answer) deletion_answer->policy = policy;
    co_return decision_answer;
  }
  base::result<database::deletion_status> deletions(std::string) const override { return deletion_answer; }
  actor::task<base::result<database::alteration_report>> alter_columns(std::string database, std::string table, protocol::column_change change, bool force,
                                                                       database::write_context context) override {
    co_await called("alter_columns " + database + " " + table + " " + change.json() + (force ? " force" : ""), std::move(context));
    if (!write_answer) co_return write_answer.error();
    co_return database::alteration_report{*write_answer, "{}"};
  }
  base::result<database::thread_report> thread_answer = database::thread_report{base::channel_id{9}};
  void keep_threads_in(database::thread_store&) override {}
  base::result<database::row_thread_status> threads_answer = database::row_thread_status{};
  base::result<database::row_thread_status> row_threads_of(std::string) const override { return threads_answer; }
  actor::task<base::result<database::write_receipt>> set_row_threads(std::string database, std::string table, bool on, database::write_context context) override {
    co_await called("set_row_threads " + database + " " + table + (on ? " on" : " off"), std::move(context));
    co_return write_answer;
  }
  base::result<database::index_channel_change> index_channel_answer = database::index_channel_change{};
  actor::task<base::result<database::index_channel_change>> set_index_channel(std::string database, std::string table, std::string field, bool on,
                                                                              database::write_context context) override {
    co_await called("set_index_channel " + database + " " + table + " " + field + (on ? " on" : " off"), std::move(context));
    if (!write_answer) co_return write_answer.error();
    co_return index_channel_answer;
  }
  base::result<std::vector<database::index_channel_status>> index_channels_answer = std::vector<database::index_channel_status>();
  base::result<std::vector<database::index_channel_status>> index_channels_of(std::string) const override { return index_channels_answer; }
  actor::task<base::result<database::write_receipt>> create_shown_index(std::string database, std::string table, std::string field, bool unique,
                                                                        database::write_context context) override {
    co_await called("create_shown_index " + database + " " + table + " " + field + (unique ? " unique" : ""), std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::thread_report>> show_in_thread(std::string database, std::string table, std::string key,
                                                                    database::read_context) override {
    co_await called("show_in_thread " + database + " " + table + " " + key, std::nullopt);
    co_return thread_answer;
  }
  actor::task<base::result<database::database_snapshot_summary>> snapshot_database(std::string database, database::read_context) override {
    co_await called("snapshot_database " + database, std::nullopt);
    co_return database_snapshot_answer;
  }
  actor::task<base::result<std::vector<database::kept_snapshot>>> snapshots(std::string database, database::read_context) override {
    co_await called("snapshots " + database, std::nullopt);
    co_return snapshots_answer;
  }
  actor::task<base::result<database::snapshot_file>> read_snapshot_part(std::string database, base::message_id part, database::read_context) override {
    co_await called("read_snapshot_part " + database + " " + part.str(), std::nullopt);
    co_return part_answer;
  }
  actor::task<base::result<database::database_restore_report>> restore_database(std::string database, base::message_id last_part, std::string as,
                                                                                database::write_context context) override {
    co_await called("restore_database " + database + " " + last_part.str() + " " + as, std::move(context));
    co_return database_restore_answer;
  }
  actor::task<base::result<std::uint64_t>> drop_snapshot(std::string database, base::message_id part, database::read_context) override {
    co_await called("drop_snapshot " + database + " " + part.str(), std::nullopt);
    co_return drop_snapshot_answer;
  }
  actor::task<base::result<database::snapshot_summary>> snapshot(std::string database, std::string table, database::read_context) override {
    co_await called("snapshot " + database + " " + table, std::nullopt);
    co_return snapshot_answer;
  }
  actor::task<base::result<database::restore_report>> restore(std::string database, base::message_id last_part, std::string table,
                                                              database::write_context context) override {
    co_await called("restore " + database + " " + last_part.str() + " " + table, std::move(context));
    co_return restore_answer;
  }
  actor::task<base::result<database::table_summary>> inspect_table(std::string database, std::string table,
                                                                   database::read_context) override {
    co_await called("inspect_table " + database + " " + table, std::nullopt);
    co_return table_answer;
  }
  actor::task<base::result<database::import_report>> import(std::string database, std::string table,
                                                            std::vector<database::new_row> rows,
                                                            database::write_context context) override {
    imported = std::move(rows);
    co_await called("import " + database + " " + table, std::move(context));
    co_return import_answer;
  }
  actor::task<base::result<database::row>> get(std::string database, std::string table, std::string key,
                                               database::read_context) override {
    co_await called("get " + database + " " + table + " " + key, std::nullopt);
    co_return get_answer;
  }
  actor::task<base::result<database::find_answer>> find(std::string database, std::string table,
                                                        database::find_request request, database::read_context) override {
    find_request = request;
    co_await called("find " + database + " " + table + " " + request.where_json, std::nullopt);
    co_return find_answer;
  }
  actor::task<base::result<database::database_summary>> inspect(std::string database, database::read_context) override {
    co_await called("inspect " + database, std::nullopt);
    co_return database_answer;
  }
  actor::task<base::result<database::write_receipt>> replace(std::string database, std::string table, std::string key, std::string json,
                                                             database::write_context context) override {
    co_await called("replace " + database + " " + table + " " + key + " " + json, std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::write_receipt>> drop_table(std::string database, std::string table,
                                                                database::write_context context) override {
    co_await called("drop_table " + database + " " + table, std::move(context));
    co_return write_answer;
  }
  actor::task<base::result<database::write_receipt>> set_access(std::string database, protocol::access_rules rules,
                                                                database::write_context context) override {
    co_await called("set_access " + database + " " + rules.json(), std::move(context));
    co_return write_answer;
  }
  protocol::access_rules access(std::string) const override { return access_answer; }
  actor::task<std::vector<std::string>> suggest(std::string database, std::string table, database::suggestion what, std::string typed,
                                                std::size_t, base::steady_time) override {
    co_await called("suggest " + database + " " + table + " " + std::to_string(static_cast<int>(what)) + " " + typed, std::nullopt);
    if (what == database::suggestion::rows) co_return some_rows;
    co_return suggestions;
  }
  std::optional<database::table_place> locate(base::channel_id channel) const override {
    if (channel != table_channel) return std::nullopt;
    return database::table_place{"prod", "users"};
  }
  actor::task<base::result<database::reindex_report>> reindex(std::string database, std::string table, database::read_context) override {
    co_await called("reindex " + database + " " + table, std::nullopt);
    co_return reindex_answer;
  }
  actor::task<base::result<database::repair_report>> repair(std::string database, std::string table, database::verify_report found,
                                                            database::read_context) override {
    co_await called("repair " + database + " " + table + " " + std::to_string(found.problems), std::nullopt);
    co_return repair_answer;
  }

 private:
  actor::task<void> called(std::string what, std::optional<database::write_context> context) {
    calls.push_back(std::move(what));
    if (context) write_context = std::move(context);
    ++running;
    if (takes.count() > 0) co_await actor::sleep_for(*env, takes);
    --running;
    if (!throws.empty()) throw std::runtime_error(throws);
  }
};

}  // namespace dbcord::test
