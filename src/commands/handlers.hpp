#pragma once
// The handlers behind the table, one file each (dbc_<name>.cpp). They find their arguments checked against the table.

#include "commands/command.hpp"

namespace dbcord::commands {

actor::task<reply> dbc_init(services s, invocation call);
actor::task<reply> dbc_table_create(services s, invocation call);
actor::task<reply> dbc_table_list(services s, invocation call);
actor::task<reply> dbc_database_list(services s, invocation call);
actor::task<reply> dbc_schema_set(services s, invocation call);
actor::task<reply> dbc_schema_get(services s, invocation call);
actor::task<reply> dbc_schema_alter(services s, invocation call);
actor::task<reply> dbc_describe(services s, invocation call);
actor::task<reply> dbc_index_create(services s, invocation call);
actor::task<reply> dbc_index_drop(services s, invocation call);
actor::task<reply> dbc_index_channel(services s, invocation call);
actor::task<reply> dbc_insert(services s, invocation call);
actor::task<reply> dbc_get(services s, invocation call);
actor::task<reply> dbc_update(services s, invocation call);
actor::task<reply> dbc_delete(services s, invocation call);
actor::task<reply> dbc_find(services s, invocation call);
actor::task<reply> dbc_history(services s, invocation call);
actor::task<reply> dbc_history_set(services s, invocation call);
actor::task<reply> dbc_layout_set(services s, invocation call);
actor::task<reply> dbc_txn(services s, invocation call);
actor::task<reply> dbc_import(services s, invocation call);
actor::task<reply> dbc_snapshot(services s, invocation call);
actor::task<reply> dbc_snapshot_list(services s, invocation call);
actor::task<reply> dbc_snapshot_get(services s, invocation call);
actor::task<reply> dbc_snapshot_drop(services s, invocation call);
actor::task<reply> dbc_restore(services s, invocation call);
actor::task<reply> dbc_verify(services s, invocation call);
actor::task<reply> dbc_vacuum(services s, invocation call);
actor::task<reply> dbc_purge(services s, invocation call);
actor::task<reply> dbc_export(services s, invocation call);
actor::task<reply> dbc_inspect(services s, invocation call);
actor::task<reply> dbc_stats(services s, invocation call);
actor::task<reply> dbc_edit(services s, invocation call);
actor::task<reply> edit_row_of_message(services s, invocation call);
actor::task<reply> dbc_drop(services s, invocation call);
actor::task<reply> dbc_database_drop(services s, invocation call);
actor::task<reply> dbc_reindex(services s, invocation call);
actor::task<reply> dbc_jobs(services s, invocation call);
actor::task<reply> dbc_access(services s, invocation call);
actor::task<reply> dbc_policy(services s, invocation call);

// What the engine writes down about a write.
database::write_context write_context_of(const invocation& call);
database::read_context read_context_of(const invocation& call);

}  // namespace dbcord::commands
