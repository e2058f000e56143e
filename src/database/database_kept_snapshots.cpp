// Snapshots that were taken, of tables and of the whole database: listed, read part by part, dropped.

#include <fmt/format.h>

#include <algorithm>

#include "database/database.hpp"
#include "database/dump_parts.hpp"
#include "database/message_removal.hpp"
#include "database/snapshot.hpp"
#include "database/snapshot_listing.hpp"

namespace dbcord::database {

dbcord::actor::task<base::result<std::optional<base::channel_id>>> database::present_snapshot_channel(base::steady_time deadline) {
  auto present = co_await directory_.list(deadline);
  if (!present) co_return present.error();
  protocol::channel_topic topic{protocol::channel_role::snapshots, record_.id, record_.name, {}};
  auto channels = with_topic(present->value, topic);
  if (channels.empty()) co_return std::optional<base::channel_id>();
  co_return std::optional(channels.front().id);  // as snapshot_channel() takes
}

dbcord::actor::task<base::result<std::vector<listed_snapshot>>> database::list_snapshots(base::steady_time deadline) {
  auto channel = co_await present_snapshot_channel(deadline);
  if (!channel) co_return channel.error();
  if (!*channel) co_return std::vector<listed_snapshot>();
  call_options options{priority::read, deadline};
  co_return co_await list_snapshot_messages(store_, **channel, options);
}

dbcord::actor::task<base::result<std::vector<kept_snapshot>>> database::snapshots(read_context context) {
  auto listed = co_await list_snapshots(context.deadline);
  if (!listed) co_return listed.error();
  std::vector<kept_snapshot> kept;
  for (auto& snapshot : *listed) kept.push_back(std::move(snapshot.summary));
  co_return kept;
}

dbcord::actor::task<base::result<snapshot_file>> database::read_snapshot_part(base::message_id part, read_context context) {
  auto channel = co_await snapshot_channel(context.deadline);
  if (!channel) co_return channel.error();
  call_options options{priority::read, context.deadline};
  auto of_table = co_await read_table_part(store_, *channel, part, options);
  if (!of_table) co_return of_table.error();
  if (*of_table) co_return std::move(**of_table);
  auto found = co_await find_dump_parts(store_, *channel, part, false, options);
  if (!found) co_return found.error();
  auto header = found->front().header;
  auto bytes = co_await read_dump_part(store_, *channel, std::move(found->front()), options);
  if (!bytes) co_return bytes.error();
  co_return snapshot_file{header.number, header.offset, header.previous, std::move(*bytes), fmt::format("{}-{}.jsonl.zst", record_.name, header.number)};
}

dbcord::actor::task<base::result<std::uint64_t>> database::drop_snapshot(base::message_id part, read_context context) {
  auto listed = co_await list_snapshots(context.deadline);
  if (!listed) co_return listed.error();
  auto has_part = [part](const listed_snapshot& s) { return std::binary_search(s.messages.begin(), s.messages.end(), part); };
  auto found = std::find_if(listed->begin(), listed->end(), has_part);
  if (found == listed->end()) {
    co_return base::error(errc::damaged, fmt::format("there is no snapshot {} of {}: it was deleted, or is of another database", part.str(), record_.name));
  }
  auto count = found->messages.size();
  removal_context removal{env(), store_, log_, context.deadline};
  auto removing = remove_messages(removal, found->summary.location.channel, std::move(found->messages));
  auto done = co_await std::move(removing);
  if (!done) co_return done.error();
  co_return count;
}

}  // namespace dbcord::database
