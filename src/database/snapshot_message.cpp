#include "database/snapshot_message.hpp"

#include <fmt/format.h>

#include "protocol/log_record.hpp"

namespace dbcord::database {

base::error unusable_snapshot(std::string what) { return {errc::damaged, "the snapshot cannot be used: " + std::move(what)}; }

actor::task<base::result<stored_message>> fetch_snapshot_message(message_store& store, base::channel_id channel, base::message_id message,
                                                                 call_options options) {
  auto found = co_await store.fetch(channel, message, options);
  if (!found && found.error().code == store_errc::not_found) co_return unusable_snapshot(fmt::format("message {} is not in the channel of its snapshots: it was deleted, or is of another database", message.str()));
  if (!found) co_return found.error();
  if (found->value.author != store.self()) co_return unusable_snapshot(fmt::format("message {} is no part of a snapshot", message.str()));
  co_return std::move(found->value);
}

actor::task<base::result<std::string>> download_snapshot_part(message_store& store, std::vector<attachment_info> attachments, std::uint64_t number,
                                                              std::string hash, call_options options) {
  if (attachments.empty()) co_return unusable_snapshot(fmt::format("part {} has no attachment", number));
  auto bytes = co_await store.download(std::move(attachments.front()), options);
  if (!bytes && bytes.error().code == store_errc::not_found) co_return unusable_snapshot(fmt::format("the attachment of part {} is gone", number));
  if (!bytes) co_return bytes.error();
  if (protocol::record_hash(*bytes) != hash) co_return unusable_snapshot(fmt::format("the checksum of part {} is wrong", number));
  co_return std::move(*bytes);
}

}  // namespace dbcord::database
