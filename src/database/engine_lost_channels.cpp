// The part of engine_impl that makes up for channels without which no database can be opened, and which people have deleted: the one of claims, and the
// catalog, which names the others. Both are made anew, and a creation record that names them is written; but only where no other process can be at work, or a
// person says so (accept_loss), since until everybody has read that record two processes might look for each other's claims in different channels.

#include <fmt/format.h>

#include <algorithm>

#include "database/engine_impl.hpp"
#include "database/history_page.hpp"
#include "database/log_reader.hpp"

namespace dbcord::database {
namespace {

using protocol::channel_role;

base::error lost_record(const std::string& database, std::string_view rest) {
  return {errc::damaged, fmt::format("the message in the catalog channel that makes database {} is gone (somebody has deleted it); {}", database, rest)};
}

base::error lost_channel(const std::string& database, std::string_view what, std::string_view rest) {
  return {errc::damaged, fmt::format("the {} of database {} is gone (somebody has deleted it, or dbcord may not see it); {}", what, database, rest)};
}

constexpr base::channel_id nowhere{1};  // of a log that is gone as a whole: no channel has that id

std::string how_to_go_on(const std::string& database) {
  return fmt::format("if no other dbcord process is at work there, start dbcord once with --accept-loss {} to go on with what its checkpoints and its tables' "
                     "channels still say", database);
}

// A channel in which only writers write: if something stands there, the database was made. A claim proves nothing: who found a database half dropped may have made
// that channel again, and claimed it.
bool tells_of_a_database(channel_role role) { return role == channel_role::log || role == channel_role::table || role == channel_role::checkpoints; }

std::string how_to_renew(const std::string& database) {
  return fmt::format("if no other dbcord process is at work there, start dbcord once with --accept-loss {} to have it made anew: no rows are lost by that", database);
}

}  // namespace

bool engine_impl::may_renew_channels(const std::string& database) const {
  return options_.exclusive_by_lock || options_.accepts_loss_of(database);
}

// Databases that other channels say there are, and no catalog, or one without the record of their creation: nothing is written anywhere before that. A channel in
// which never was a message says nothing: its creation was carried out late, when the database was dropped already.
std::vector<engine_impl::lost_catalog> engine_impl::without_catalog(const discovery& discovered, const std::vector<channel_info>& present) {
  std::map<std::string, lost_catalog> found;
  std::set<std::string> known, with_claims;
  std::map<std::string, base::channel_id> without_record;
  for (const auto& d : discovered.databases) {
    if (d.record) known.insert(d.id);
    else without_record.emplace(d.id, d.catalog);
  }
  for (const auto& d : discovered.dropped) known.insert(d.record.id);
  for (const auto& channel : present) {
    auto topic = protocol::decode_topic(channel.topic);
    if (topic && topic->role == channel_role::control) with_claims.insert(topic->database_id);
  }
  for (const auto& channel : present) {
    auto topic = protocol::decode_topic(channel.topic);
    if (!topic) continue;
    if (topic->role == channel_role::catalog && !without_record.contains(topic->database_id)) known.insert(topic->database_id);
    if (!tells_of_a_database(topic->role) || !channel.last_message) continue;
    // A process that stood still while its database was dropped may have made this one again, before it learns that.
    if (topic->role == channel_role::checkpoints && !with_claims.contains(topic->database_id)) continue;
    auto& lost = found[topic->database_id];
    lost.name = topic->database_name;
    lost.id = topic->database_id;
    if (auto there = without_record.find(topic->database_id); there != without_record.end()) lost.catalog = there->second;
    if (topic->role != channel_role::log) continue;
    auto number = segment_number(*topic);
    if (lost.log && lost.first_segment <= number) continue;
    lost.log = channel.id;
    lost.first_segment = number;
  }
  std::vector<lost_catalog> all;
  for (auto& [id, lost] : found) {
    if (!known.contains(id)) all.push_back(std::move(lost));
  }
  return all;
}

actor::task<base::result<creation_record>> engine_impl::renew_catalog(lost_catalog lost, base::steady_time deadline) {
  if (lost.catalog) {
    co_await actor::sleep_for(env_, options_.staleness);  // it may have been written just now
    channel_info catalog;
    catalog.id = lost.catalog;
    auto content = co_await read_catalog(std::move(catalog), deadline);
    if (!content) co_return content.error();
    if (content->creation) co_return *content->creation;
  }
  auto how = lost.log ? how_to_renew(lost.name) : how_to_go_on(lost.name);
  std::string_view what = lost.log ? "catalog channel" : "catalog channel, with all of the log,";
  if (!may_renew_channels(lost.name)) co_return lost.catalog ? lost_record(lost.name, how) : lost_channel(lost.name, what, how);
  auto chain = co_await first_predecessor(lost, deadline);
  if (!chain) co_return chain.error();
  creation_record record{lost.id, lost.name, {}, {}, lost.log ? lost.log : nowhere};
  record.chain = std::move(*chain);
  protocol::channel_topic catalog_topic{channel_role::catalog, lost.id, lost.name, {}};
  auto catalog = co_await directory_.ensure(std::move(catalog_topic), "dbc-catalog", {}, deadline);
  if (!catalog) co_return catalog.error();
  record.catalog = catalog->channel.id;
  co_return co_await renew_control(std::move(record), deadline);
}

// What the log's first record stands on. If that is truncated nothing asks for it: any checkpoint will do, and without one records are missed.
actor::task<base::result<std::string>> engine_impl::first_predecessor(lost_catalog lost, base::steady_time deadline) {
  if (!lost.log) co_return protocol::record_hash(lost.id);
  call_options options{priority::interactive, deadline};
  auto messages = co_await store_.history_after(lost.log, {}, history_page_max, options);
  if (!messages) co_return messages.error();
  for (const auto& m : messages->value) {
    auto found = as_record(store_, m);
    if (found && found->record.header.lsn == 1) co_return found->record.header.previous;
  }
  co_return protocol::record_hash(lost.id);
}

actor::task<base::result<creation_record>> engine_impl::renew_control(creation_record record, base::steady_time deadline) {
  protocol::channel_topic topic{channel_role::control, record.id, record.name, {}};
  auto control = co_await directory_.ensure(std::move(topic), "dbc-control", {}, deadline);
  if (!control) co_return control.error();
  record.control = control->channel.id;
  auto written = co_await write_creation(record, deadline);
  if (!written) co_return written.error();
  env_.log.warning("channels of a database were made anew",
                   {{"database", record.name}, {"catalog", record.catalog.value}, {"control", record.control.value}});
  co_return record;
}

actor::task<base::result<void>> engine_impl::open_known(creation_record record, base::steady_time deadline, dated<std::vector<channel_info>> present) {
  bool claims_can_be_seen = std::any_of(present.value.begin(), present.value.end(), [&](const auto& c) { return c.id == record.control; });
  if (!claims_can_be_seen) {
    if (!may_renew_channels(record.name)) co_return lost_channel(record.name, "control channel", how_to_renew(record.name));
    if (record.chain.empty()) record.chain = anchor_of(record).hash;
    auto renewed = co_await renew_control(std::move(record), deadline);
    if (!renewed) co_return renewed.error();
    record = std::move(*renewed);
  }
  auto name = record.name;
  auto opened = co_await open_one(std::move(record), {}, deadline, std::move(present));
  if (!opened || restoring(name)) co_return opened;
  co_return co_await check_declared(std::move(name), deadline);
}

// Those that cannot be had back are told of like any other that cannot be opened.
actor::task<base::result<void>> engine_impl::renew_catalogs(discovery& found, const std::vector<channel_info>& present, base::steady_time deadline) {
  for (auto& lost : without_catalog(found, present)) {
    bool taken = std::any_of(found.databases.begin(), found.databases.end(), [&](const auto& d) { return d.name == lost.name && d.id != lost.id; });
    if (taken) {
      env_.log.warning("channels of a database without a catalog are ignored: there is another one of its name", {{"database", lost.name}, {"log", lost.log.value}});
      continue;
    }
    auto record = co_await renew_catalog(lost, deadline);
    if (record) {
      found.databases.push_back({lost.name, lost.id, *record, record->catalog});
      continue;
    }
    if (record.error().code != errc::damaged) co_return record.error();
    note_failed(lost.name, record.error());
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
