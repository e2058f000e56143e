#include "database/snapshot_listing.hpp"

#include <algorithm>
#include <map>

#include "database/channel_pages.hpp"
#include "protocol/dump_part.hpp"
#include "protocol/snapshot_part.hpp"

namespace dbcord::database {
namespace {

// What its header says, whichever kind of snapshot it is of.
struct listed_part {
  base::message_id message;
  base::message_id previous;
  std::uint64_t number = 0;
  bool last = false;
  std::uint64_t bytes = 0;
};

struct snapshot_in_parts {
  kept_snapshot summary;
  std::vector<listed_part> parts;
};

using snapshots_by_token = std::map<std::string, snapshot_in_parts>;

void note_part(snapshots_by_token& snapshots, const stored_message& m) {
  listed_part part{m.id, {}, 0, false, m.attachments.empty() ? 0 : m.attachments.front().size};
  kept_snapshot told;
  std::string token;
  if (auto of_table = protocol::decode_snapshot_part(m.content)) {
    part.previous = of_table->previous;
    part.number = of_table->number;
    part.last = of_table->number == of_table->count;
    told.table = protocol::snapshot_table(m.content);
    told.tables = 1;
    told.rows = of_table->rows;
    told.lsn = of_table->lsn;
    token = of_table->snapshot;
  } else if (auto of_database = protocol::decode_dump_part(m.content)) {
    part.previous = of_database->previous;
    part.number = of_database->number;
    part.last = of_database->last;
    told.tables = of_database->tables;
    told.rows = of_database->rows;  // so far
    told.lsn = of_database->lsn;
    token = of_database->snapshot;
  } else {
    return;
  }
  auto& snapshot = snapshots[token];
  if (part.number >= snapshot.summary.parts) {
    told.parts = part.number;
    told.location.message = m.id;
    snapshot.summary = std::move(told);
  }
  snapshot.parts.push_back(part);
}

// Whether every part that the last one stands on is there; their bytes.
void follow_chain(snapshot_in_parts& snapshot) {
  auto& summary = snapshot.summary;
  auto next = summary.location.message;
  for (auto number = summary.parts; number > 0; --number) {
    auto part = std::find_if(snapshot.parts.begin(), snapshot.parts.end(), [next](const listed_part& p) { return p.message == next; });
    if (part == snapshot.parts.end() || part->number != number) return;
    if (number == summary.parts && !part->last) return;
    summary.bytes += part->bytes;
    next = part->previous;
  }
  summary.whole = true;
}

listed_snapshot summed_up(snapshot_in_parts snapshot, base::guild_id guild, base::channel_id channel) {
  follow_chain(snapshot);
  listed_snapshot listed;
  for (const auto& part : snapshot.parts) listed.messages.push_back(part.message);
  std::sort(listed.messages.begin(), listed.messages.end());
  listed.summary = std::move(snapshot.summary);
  listed.summary.taken = base::created_at(listed.messages.front());
  listed.summary.location.guild = guild;
  listed.summary.location.channel = channel;
  return listed;
}

}  // namespace

actor::task<base::result<void>> each_snapshot_message(message_store& store, base::channel_id channel, std::function<void(const stored_message&)> visit,
                                                      call_options options) {
  channel_pages pages(store, channel);
  pages.allow_emptied();
  for (;;) {
    auto messages = co_await pages.next(options);
    if (!messages) co_return messages.error();
    if (messages->empty()) co_return base::result<void>();
    for (const auto& m : *messages) {
      if (m.author == store.self()) visit(m);
    }
  }
}

actor::task<base::result<std::vector<listed_snapshot>>> list_snapshot_messages(message_store& store, base::channel_id channel, call_options options) {
  snapshots_by_token snapshots;
  auto read = co_await each_snapshot_message(store, channel, [&](const stored_message& m) { note_part(snapshots, m); }, options);
  if (!read) co_return read.error();
  std::vector<listed_snapshot> listed;
  for (auto& [token, snapshot] : snapshots) listed.push_back(summed_up(std::move(snapshot), store.guild(), channel));
  std::sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) { return a.messages.front() < b.messages.front(); });
  co_return listed;
}

}  // namespace dbcord::database
