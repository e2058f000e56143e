#include "database/snapshot_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

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
  std::optional<std::uint64_t> stated_bytes = {};  // a table's part does not say
  bool has_file = false;
};

struct snapshot_in_parts {
  kept_snapshot summary;
  std::vector<listed_part> parts;
};

using snapshots_by_token = std::map<std::string, snapshot_in_parts>;

// False: it is none.
bool note_part(snapshots_by_token& snapshots, const stored_message& m) {
  listed_part part{m.id, {}, 0, false, m.attachments.empty() ? 0 : m.attachments.front().size};
  part.has_file = !m.attachments.empty();
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
    part.stated_bytes = of_database->size;
    told.tables = of_database->tables;
    told.rows = of_database->rows;  // so far
    told.lsn = of_database->lsn;
    token = of_database->snapshot;
  } else {
    return false;
  }
  auto& snapshot = snapshots[token];
  if (part.number >= snapshot.summary.parts) {
    told.parts = part.number;
    told.location.message = m.id;
    snapshot.summary = std::move(told);
  }
  snapshot.parts.push_back(part);
  return true;
}

// What is wrong with a part that is there; empty: nothing.
std::string flaw_of(const listed_part& part, std::uint64_t number) {
  if (part.number != number) return fmt::format("part {} names part {} as the one before it", number + 1, part.number);
  if (!part.has_file) return fmt::format("part {} has no attachment", number);
  if (part.bytes == 0) return fmt::format("the attachment of part {} is empty", number);
  if (part.stated_bytes && *part.stated_bytes != part.bytes) return fmt::format("the attachment of part {} has {} of its {} bytes", number, part.bytes, *part.stated_bytes);
  return {};
}

// Whether every part that the last one stands on is there, and as it says; their bytes. What stands before a part that is missing is known to nobody.
void follow_chain(snapshot_in_parts& snapshot, listed_snapshot& listed) {
  auto& summary = snapshot.summary;
  auto is_at = [](base::message_id id) { return [id](const listed_part& p) { return p.message == id; }; };
  auto part = std::find_if(snapshot.parts.begin(), snapshot.parts.end(), is_at(summary.location.message));
  listed.ended = part->last;
  if (!listed.ended) return;
  std::set<base::message_id> chain;
  for (auto number = summary.parts; number > 0; --number) {
    if (auto flaw = flaw_of(*part, number); !flaw.empty()) listed.flaws.push_back({std::move(flaw), part->message});
    if (part->number != number) return;
    summary.bytes += part->bytes;
    chain.insert(part->message);
    if (number == 1) break;
    auto before = std::find_if(snapshot.parts.begin(), snapshot.parts.end(), is_at(part->previous));
    if (before == snapshot.parts.end()) {
      listed.flaws.push_back({fmt::format("part {} is gone", number - 1), part->message});
      return;
    }
    part = before;
  }
  summary.whole = listed.flaws.empty();
  for (const auto& p : snapshot.parts) {
    if (!chain.contains(p.message)) listed.spare.push_back(p.message);
  }
}

listed_snapshot summed_up(snapshot_in_parts snapshot, base::guild_id guild, base::channel_id channel) {
  listed_snapshot listed;
  follow_chain(snapshot, listed);
  for (const auto& part : snapshot.parts) listed.messages.push_back(part.message);
  std::sort(listed.messages.begin(), listed.messages.end());
  listed.summary = std::move(snapshot.summary);
  listed.summary.taken = base::created_at(listed.messages.front());
  listed.summary.location.guild = guild;
  listed.summary.location.channel = channel;
  return listed;
}

// Whosever they are; answers the date of the last answer.
actor::task<base::result<base::system_time>> each_message_there(message_store& store, base::channel_id channel, std::function<void(const stored_message&)> visit,
                                                                call_options options) {
  channel_pages pages(store, channel);
  pages.allow_emptied();
  for (;;) {
    auto messages = co_await pages.next(options);
    if (!messages) co_return messages.error();
    if (messages->empty()) co_return pages.date();
    for (const auto& m : *messages) visit(m);
  }
}

}  // namespace

actor::task<base::result<void>> each_snapshot_message(message_store& store, base::channel_id channel, std::function<void(const stored_message&)> visit,
                                                      call_options options) {
  auto ours = [&](const stored_message& m) {
    if (m.author == store.self()) visit(m);
  };
  auto read = co_await each_message_there(store, channel, ours, options);
  if (!read) co_return read.error();
  co_return base::result<void>();
}

actor::task<base::result<snapshot_listing>> read_snapshot_listing(message_store& store, base::channel_id channel, call_options options) {
  snapshots_by_token snapshots;
  snapshot_listing listing;
  auto note = [&](const stored_message& m) {
    if (m.author != store.self()) listing.strangers.push_back(m.id);
    else if (!note_part(snapshots, m)) listing.no_parts.push_back(m.id);
  };
  auto read = co_await each_message_there(store, channel, note, options);
  if (!read) co_return read.error();
  listing.date = *read;
  for (auto& [token, snapshot] : snapshots) {
    listing.snapshots.push_back(summed_up(std::move(snapshot), store.guild(), channel));
    listing.snapshots.back().token = token;
  }
  std::sort(listing.snapshots.begin(), listing.snapshots.end(), [](const auto& a, const auto& b) { return a.messages.front() < b.messages.front(); });
  co_return listing;
}

actor::task<base::result<std::vector<listed_snapshot>>> list_snapshot_messages(message_store& store, base::channel_id channel, call_options options) {
  auto listing = co_await read_snapshot_listing(store, channel, options);
  if (!listing) co_return listing.error();
  co_return std::move(listing->snapshots);
}

}  // namespace dbcord::database
