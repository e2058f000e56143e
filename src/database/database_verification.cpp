// Verification of a table and of what the whole database needs at its next start; and the mending of what it found.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "database/catalog_verification.hpp"
#include "database/checkpoint_verification.hpp"
#include "database/database.hpp"
#include "database/history_page.hpp"
#include "database/log_verification.hpp"
#include "database/patient_post.hpp"
#include "database/snapshot_verification.hpp"
#include "database/suspect_places.hpp"
#include "database/table_drain.hpp"

namespace dbcord::database {
namespace {

bool is_of_kind(const verify_finding& f, std::string_view kind) { return f.kind == kind && !f.beyond_repair; }

bool has_kind(const verify_report& found, std::string_view kind) {
  return std::any_of(found.findings.begin(), found.findings.end(), [&](const auto& f) { return is_of_kind(f, kind); });
}

// What of it is about one table.
verify_report found_of(const verify_report& found, const std::string& table) {
  verify_report part;
  auto is_its = [&](const verify_finding& f) { return f.table == table; };
  std::copy_if(found.findings.begin(), found.findings.end(), std::back_inserter(part.findings), is_its);
  std::copy_if(found.notes.begin(), found.notes.end(), std::back_inserter(part.notes), is_its);
  return part;
}

}  // namespace

verification_context database::verification(const read_context& context) {
  auto start = [this] { return checkpointer_.oldest_kept().value_or(log_start{anchor_of(record_), {}}); };
  bool writes = options_.checkpoints.enabled && !log_.closed_reason() && !log_.read_only_reason();
  return {env(), store_, log_.segments(), values_, std::move(start), log_.status().lsn, options_.staleness, context.deadline, context.progress, writes};
}

// What it said when it was opened; of a log that is gone as a whole nothing else would tell.
void database::verify_nothing_is_lost(verify_findings& findings) {
  auto lost = log_.read_only_reason();
  if (!lost) return;
  auto found = finding_of(log_kind, {}, lost->message);
  found.beyond_repair = true;
  findings.add_problem(std::move(found));
}

// What people write where only dbcord writes. The newest page of each channel: an older message has been told of before, or is behind a hundred of ours.
dbcord::actor::task<base::result<void>> database::verify_strangers(call_options options, verify_findings& findings) {
  std::vector<std::pair<base::channel_id, std::string_view>> channels{{record_.control, "#dbc-control"}};
  auto kept = checkpointer_.kept();
  if (!kept.empty()) channels.emplace_back(kept.back().channel, "#dbc-checkpoints");
  for (const auto& [channel, name] : channels) {
    auto page = co_await store_.history_before(channel, {}, history_page_max, options);
    if (!page && page.error().code == store_errc::not_found) continue;  // told by the catalog's verification
    if (!page) co_return page.error();
    for (const auto& m : page->value) {
      if (m.author != store_.self()) findings.add_foreign(fmt::format("this message in {} is not by dbcord; it counts for nothing", name), m);
    }
  }
  co_return base::result<void>();
}

dbcord::actor::task<base::result<void>> database::verify_snapshots_present(const verification_context& about, verify_findings& findings) {
  auto channel = co_await present_snapshot_channel(about.deadline);
  if (!channel) co_return channel.error();
  if (!*channel) co_return base::result<void>();
  co_return co_await verify_snapshots(about, **channel, snapshots_in_hand_, findings);
}

expected_catalog database::catalog_now() const {
  using protocol::channel_role;
  expected_catalog expected;
  expected.creation = record_;
  for (const auto& table : all_tables()) {
    auto definition = table->definition();
    definition.channel = table->channels().current;
    auto message = description_of({definition.table, definition.channel});
    if (message) expected.tables.push_back({std::move(definition), *message});
  }
  auto add = [&](base::channel_id channel, channel_role role, std::string object) {
    expected.channels.emplace_back(channel, protocol::channel_topic{role, record_.id, record_.name, std::move(object)});
  };
  add(record_.catalog, channel_role::catalog, {});
  add(record_.control, channel_role::control, {});
  for (const auto& segment : log_.segments().all()) add(segment.channel, channel_role::log, std::to_string(segment.number));
  auto kept = checkpointer_.kept();
  if (!kept.empty()) add(kept.back().channel, channel_role::checkpoints, {});
  return expected;
}

base::result<std::vector<table_ptr>> database::tables_named(const std::string& table) const {
  if (table.empty()) return all_tables();
  auto target = find_table(table);
  if (!target) return target.error();
  return std::vector<table_ptr>{*target};
}

// Of several tables those that are dropped meanwhile are left out.
dbcord::actor::task<base::result<void>> database::verify_tables(const std::vector<table_ptr>& tables, verification_context about, verify_findings& findings) {
  std::uint64_t total = 0;
  for (const auto& table : tables) {
    auto places = co_await table->count_places(about.deadline);
    if (!places) co_return places.error();
    total += *places;
  }
  set_total(about.progress, total);
  for (const auto& table : tables) {
    if (table->dropped() && tables.size() > 1) continue;
    findings.turn_to(table->definition().name);
    auto verified = co_await verify_table(about, table, findings);
    if (!verified) co_return verified;
    auto shown = co_await index_channels_.verify(table, findings, about.deadline);
    if (!shown) co_return shown;
  }
  findings.turn_to({});
  co_return base::result<void>();
}

dbcord::actor::task<base::result<verify_report>> database::verify(std::string table, read_context context) {
  auto tables = tables_named(table);
  if (!tables) co_return co_await confirm_refusal(tables.error(), context.deadline);
  auto expected = catalog_now();
  verify_report report;
  report.tables = tables->size();
  verify_findings findings(report, store_);
  verify_nothing_is_lost(findings);
  auto verified = co_await verify_tables(*tables, verification(context), findings);
  if (!verified) co_return verified.error();
  auto kept = checkpointer_.kept();    // the tables may have taken long,
  auto about = verification(context);  // and log and checkpoints have gone on
  auto named = co_await verify_log(about, findings);
  if (!named) co_return named.error();
  auto checkpoints = co_await verify_checkpoints(about, checkpointer_, kept, *named, findings);
  if (!checkpoints) co_return checkpoints.error();
  auto catalog = co_await verify_catalog(about, expected, findings);
  if (!catalog) co_return catalog.error();
  auto strangers = co_await verify_strangers(about.options(), findings);
  if (!strangers) co_return strangers.error();
  auto snapshots = co_await verify_snapshots_present(about, findings);
  if (!snapshots) co_return snapshots.error();
  // What a process that has taken the database over meanwhile has changed would be told as lost.
  auto current = co_await log_.confirm_readable(context.deadline);
  if (!current) co_return current.error();
  co_return report;
}

// ---- mending ----

dbcord::actor::task<base::result<repair_report>> database::repair(std::string table, verify_report found, read_context context) {
  auto tables = tables_named(table);
  if (!tables) co_return co_await confirm_refusal(tables.error(), context.deadline);
  if (auto closed = log_.closed_reason()) co_return *closed;
  repair_report report;
  auto lost = [](const verify_finding& f) { return f.beyond_repair; };
  report.beyond_repair = static_cast<std::uint64_t>(std::count_if(found.findings.begin(), found.findings.end(), lost));
  for (const auto& target : *tables) {
    auto mended = co_await repair_table(target, found_of(found, target->definition().name), report, context.deadline);
    if (!mended) co_return mended.error();
  }
  if (has_kind(found, catalog_kind)) co_await repair_catalog(report, context);
  bool log_lacks = has_kind(found, log_kind);  // what it held is in memory
  if (log_lacks || has_kind(found, checkpoint_kind)) {
    auto renewed = co_await checkpointer_.renew(false, context.deadline);
    report.log_left_behind = log_lacks && renewed;
    if (renewed) report.checkpoints = checkpointer_.kept().size();
    else report.failed.push_back("no new checkpoint: " + renewed.error().message);
  }
  co_return report;
}

dbcord::actor::task<base::result<void>> database::repair_table(table_ptr table, verify_report found, repair_report& report, base::steady_time deadline) {
  co_await repair_rows(table, found, report);
  co_await repair_history(table, found, report, deadline);
  co_await give_up_versions(table, found, report);
  for (auto& field : co_await table->rebuild_indexes()) report.indexes.push_back(std::move(field));
  if (!has_kind(found, index_channel_kind)) co_return base::result<void>();
  auto rewritten = co_await index_channels_.rewrite(table, deadline);
  report.index_channels += rewritten.written;
  std::move(rewritten.not_written.begin(), rewritten.not_written.end(), std::back_inserter(report.failed));
  if (!rewritten.removed) report.failed.push_back("older pages of an index's channel: " + rewritten.removed.error().message);
  co_return base::result<void>();
}

dbcord::actor::task<void> database::repair_rows(table_ptr table, const verify_report& found, repair_report& report) {
  std::vector<table_actor::lost_message> lost;
  for (const auto& f : found.findings) {
    if ((is_of_kind(f, "missing") || is_of_kind(f, "damaged")) && !f.key.empty()) lost.push_back({f.key, f.row_message});
  }
  report.rewritten += co_await table->rewrite(std::move(lost));
}

// What the log still has is written again, with all else that lies in those messages: as a page that is emptied.
dbcord::actor::task<void> database::repair_history(table_ptr table, const verify_report& found, repair_report& report, base::steady_time deadline) {
  std::set<base::message_id> messages;
  for (const auto& note : found.notes) {
    if (note.kind == history_kind && note.row_message) messages.insert(note.row_message);
  }
  if (messages.empty()) co_return;
  drain_context draining{env(), store_, values_, when_stopping(), deadline, nullptr};
  leaving_places places{std::move(messages), 0};
  table_drain drain(std::move(draining), table, std::move(places));
  auto done = co_await drain.run();
  report.versions += drain.versions_moved();
  if (!done && !drain.only_lost_left()) report.failed.push_back("older versions: " + done.error().message);
}

// Those that only the log had, and whose records are gone or damaged: they would hold it back for ever.
dbcord::actor::task<void> database::give_up_versions(table_ptr table, const verify_report& found, repair_report& report) {
  std::set<table_state::version_id> lost;
  for (const auto& f : found.findings) {
    if (f.kind == history_kind && f.beyond_repair && !f.row_message) lost.emplace(f.key, f.version, f.lsn);
  }
  if (!lost.empty()) report.versions_lost += co_await table->lose_versions(std::move(lost));
}

// It is read once more, so that what somebody else has mended is not written twice.
dbcord::actor::task<void> database::repair_catalog(repair_report& report, read_context context) {
  verify_report scratch;
  verify_findings findings(scratch, store_);
  auto expected = catalog_now();
  auto about = verification(context);
  auto checked = co_await verify_catalog(about, expected, findings);
  if (!checked) {
    report.failed.push_back("catalog: " + checked.error().message);
    co_return;
  }
  for (auto& text : checked->missing) {
    auto descriptor = decode_table_descriptor(text);
    new_message message;
    message.content = std::move(text);
    auto sent = co_await post_patiently(env(), store_, record_.catalog, std::move(message), context.deadline);
    if (sent) {
      ++report.catalog_records;
      if (descriptor) note_described(*descriptor, *sent);
    } else {
      report.failed.push_back("catalog: " + sent.error().message);
    }
  }
}

}  // namespace dbcord::database
