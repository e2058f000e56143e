#include "database/snapshot_erasure.hpp"

#include <algorithm>
#include <map>

#include "database/dump_parts.hpp"
#include "database/snapshot_listing.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/json_node.hpp"

namespace dbcord::database {
namespace {

// A table's, or of dump parts: a whole database's.
struct found_snapshot {
  std::vector<base::message_id> messages;
  base::message_id last;  // zero: not there
  std::vector<located_dump_part> dump;  // in the order of its parts
};

bool is_row(std::string_view json, const std::string& primary_key, const std::string& key) {
  auto row = protocol::parse_json(json);
  const auto* field = row ? row->find(primary_key) : nullptr;
  return field && protocol::key_text(*field) == key;
}

actor::task<base::result<bool>> table_snapshot_holds(message_store& store, base::channel_id channel, base::message_id last, std::string table, std::string key,
                                                     call_options options) {
  auto parts = co_await find_table_parts(store, channel, last, options);
  if (!parts) co_return parts.error();
  table_part_reader reader(store, channel, std::move(*parts), options);
  auto head = co_await reader.head();
  if (!head) co_return head.error();
  bool found = false;
  for (;;) {
    auto row = co_await reader.next();
    if (!row) co_return row.error();
    if (!*row) co_return found;
    found = found || (head->table == table && is_row(**row, head->primary_key, key));
  }
}

actor::task<base::result<bool>> dump_holds(message_store& store, base::channel_id channel, std::vector<located_dump_part> parts, std::string table,
                                           std::string key, call_options options) {
  dump_part_reader reader(store, channel, std::move(parts), options);
  std::optional<std::string> primary_key;  // of the table, while its rows come
  bool found = false;
  for (;;) {
    auto item = co_await reader.next();
    if (!item) co_return item.error();
    if (!*item) co_return found;
    if (auto* head = std::get_if<protocol::dump_table>(&**item)) {
      primary_key = head->head.table == table ? std::optional(std::move(head->head.primary_key)) : std::nullopt;
    }
    auto* row = std::get_if<protocol::dump_row>(&**item);
    if (row && primary_key && is_row(row->json, *primary_key, key)) found = true;
  }
}

using snapshots_by_name = std::map<std::string, found_snapshot>;

void note(snapshots_by_name& snapshots, const stored_message& m) {
  if (auto part = protocol::decode_snapshot_part(m.content)) {
    auto& snapshot = snapshots[part->snapshot];
    snapshot.messages.push_back(m.id);
    if (part->number == part->count) snapshot.last = m.id;
  } else if (auto dumped = protocol::decode_dump_part(m.content)) {
    auto& snapshot = snapshots[dumped->snapshot];
    snapshot.messages.push_back(m.id);
    if (dumped->last) snapshot.last = m.id;
    snapshot.dump.push_back({m.id, std::move(*dumped)});
  }
}

// What the last part names, the last part first; a part that a lost answer has left twice is no part of it.
std::vector<located_dump_part> chain_of(std::vector<located_dump_part> parts, base::message_id last) {
  std::vector<located_dump_part> chain;
  for (auto next = last; next;) {
    auto part = std::find_if(parts.begin(), parts.end(), [next](const located_dump_part& p) { return p.message == next; });
    if (part == parts.end()) break;  // the reader finds that something is missing
    next = part->header.previous;
    chain.push_back(std::move(*part));
    parts.erase(part);
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

}  // namespace

actor::task<base::result<snapshot_findings>> find_in_snapshots(message_store& store, base::channel_id channel, std::string table, std::string key,
                                                               call_options options) {
  snapshots_by_name snapshots;
  auto read = co_await each_snapshot_message(store, channel, [&](const stored_message& m) { note(snapshots, m); }, options);
  if (!read) co_return read.error();
  snapshot_findings found;
  for (auto& [name, snapshot] : snapshots) {
    ++found.looked_at;
    if (!snapshot.last) {
      ++found.unreadable;
      continue;
    }
    base::result<bool> has = false;
    if (snapshot.dump.empty()) {
      has = co_await table_snapshot_holds(store, channel, snapshot.last, table, key, options);
    } else {
      has = co_await dump_holds(store, channel, chain_of(std::move(snapshot.dump), snapshot.last), table, key, options);
    }
    if (!has && has.error().code != errc::damaged) co_return has.error();
    if (!has) ++found.unreadable;
    if (has && *has) found.holding.push_back(std::move(snapshot.messages));
  }
  co_return found;
}

}  // namespace dbcord::database
