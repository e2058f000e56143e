#include "database/snapshot_erasure.hpp"

#include <algorithm>
#include <map>

#include "database/log_reader.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/json_node.hpp"

namespace dbcord::database {
namespace {

struct found_snapshot {
  std::vector<base::message_id> messages;
  base::message_id last;  // zero: not there
};

bool holds(const table_dump& dump, const std::string& table, const std::string& key) {
  if (dump.head.table != table) return false;
  return std::any_of(dump.rows.begin(), dump.rows.end(), [&](const std::string& json) {
    auto row = protocol::parse_json(json);
    const auto* field = row ? row->find(dump.head.primary_key) : nullptr;
    return field && protocol::key_text(*field) == key;
  });
}

}  // namespace

actor::task<base::result<snapshot_findings>> find_in_snapshots(message_store& store, base::channel_id channel, std::string table, std::string key,
                                                               call_options options) {
  auto messages = co_await read_all(store, channel, {}, options);
  if (!messages) co_return messages.error();
  std::map<std::string, found_snapshot> snapshots;
  for (const auto& m : messages->value) {
    auto part = m.author == store.self() ? protocol::decode_snapshot_part(m.content) : std::nullopt;
    if (!part) continue;
    auto& snapshot = snapshots[part->snapshot];
    snapshot.messages.push_back(m.id);
    if (part->number == part->count) snapshot.last = m.id;
  }
  snapshot_findings found;
  for (auto& [name, snapshot] : snapshots) {
    ++found.looked_at;
    if (!snapshot.last) {
      ++found.unreadable;
      continue;
    }
    auto dump = co_await read_snapshot(store, channel, snapshot.last, options);
    if (!dump && dump.error().code != errc::damaged) co_return dump.error();
    if (!dump) ++found.unreadable;
    if (dump && holds(*dump, table, key)) found.holding.push_back(std::move(snapshot.messages));
  }
  co_return found;
}

}  // namespace dbcord::database
