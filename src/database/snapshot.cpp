#include "database/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/snapshot_message.hpp"
#include "protocol/dump_part.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::database {
namespace {

// The attachments of all parts.
std::vector<std::string> cut_parts(const table_dump& dump, std::size_t part_bytes) {
  std::vector<std::string> parts{protocol::encode_snapshot_head(dump.head) + "\n"};
  for (const auto& row : dump.rows) {
    if (parts.back().size() + row.size() > part_bytes) parts.emplace_back();
    parts.back() += row;
    parts.back() += '\n';
  }
  return parts;
}

struct read_part {
  protocol::snapshot_part header;
  std::string bytes;
};

actor::task<base::result<read_part>> fetch_part(message_store& store, base::channel_id channel, base::message_id message,
                                                call_options options) {
  auto found = co_await fetch_snapshot_message(store, channel, message, options);
  if (!found) co_return found.error();
  auto header = protocol::decode_snapshot_part(found->content);
  if (!header && protocol::decode_dump_part(found->content)) {
    co_return base::error(errc::damaged, fmt::format("message {} is a snapshot of a whole database; give the new database's name in as", message.str()));
  }
  if (!header) co_return unusable_snapshot(fmt::format("message {} is no part of a snapshot", message.str()));
  auto bytes = co_await download_snapshot_part(store, std::move(found->attachments), header->number, header->hash, options);
  if (!bytes) co_return bytes.error();
  co_return read_part{std::move(*header), std::move(*bytes)};
}

base::result<table_dump> join_parts(const std::vector<read_part>& parts) {
  table_dump dump;
  dump.lsn = parts.front().header.lsn;
  bool head_read = false;
  for (const auto& part : parts) {
    std::string_view rest = part.bytes;
    while (!rest.empty()) {
      auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (std::exchange(head_read, true)) {
        dump.rows.emplace_back(line);
        continue;
      }
      auto head = protocol::decode_snapshot_head(line);
      if (!head) return unusable_snapshot(head.error().message);
      dump.head = std::move(*head);
    }
  }
  auto stated = parts.back().header.rows;
  if (dump.rows.size() != stated) return unusable_snapshot(fmt::format("it holds {} rows but states {}", dump.rows.size(), stated));
  return dump;
}

}  // namespace

actor::task<base::result<snapshot_summary>> write_snapshot(const actor::environment& env, message_store& store, base::channel_id channel,
                                                           table_dump dump, std::size_t part_bytes, call_options options,
                                                           work_progress_ptr progress) {
  auto parts = cut_parts(dump, part_bytes);
  set_total(progress, parts.size());
  protocol::snapshot_part header;
  header.snapshot = env.random.token(16);
  header.count = parts.size();
  header.lsn = dump.lsn;
  header.rows = dump.rows.size();
  snapshot_summary done{dump.rows.size(), 0, parts.size(), dump.lsn, {}};
  for (auto& bytes : parts) {
    done.bytes += bytes.size();
    header.hash = protocol::record_hash(bytes);
    new_message message;
    message.content = protocol::encode_snapshot_part(header, dump.head.table);
    message.nonce = env.random.token(20);
    new_attachment file;
    file.filename = fmt::format("{}-{}.jsonl", dump.head.table, header.number);
    file.bytes = std::move(bytes);
    message.attachments.push_back(std::move(file));
    auto sent = co_await store.post(channel, std::move(message), options);
    if (!sent) co_return sent.error();
    add_done(progress, 1);
    if (is_cancelled(progress) && header.number < parts.size()) {
      co_return base::error(base::errc::stopping, "the snapshot was cancelled; what was written of it is not used");
    }
    done.location = {store.guild(), channel, sent->value.id};
    header.previous = sent->value.id;
    ++header.number;
  }
  co_return done;
}

actor::task<base::result<table_dump>> read_snapshot(message_store& store, base::channel_id channel, base::message_id last,
                                                    call_options options) {
  std::vector<read_part> parts;
  for (auto next = last; next;) {
    auto part = co_await fetch_part(store, channel, next, options);
    if (!part) co_return part.error();
    const auto& header = part->header;
    bool fits = parts.empty() ? header.number == header.count
                              : header.number + 1 == parts.back().header.number && header.snapshot == parts.back().header.snapshot;
    if (!fits) {
      co_return unusable_snapshot(parts.empty() ? fmt::format("this is part {} of {}; name the last one", header.number, header.count)
                                      : std::string("its parts do not belong together"));
    }
    next = header.previous;
    parts.push_back(std::move(*part));
  }
  std::reverse(parts.begin(), parts.end());
  co_return join_parts(parts);
}

actor::task<base::result<std::optional<snapshot_file>>> read_table_part(message_store& store, base::channel_id channel, base::message_id part,
                                                                        call_options options) {
  auto found = co_await fetch_snapshot_message(store, channel, part, options);
  if (!found) co_return found.error();
  auto header = protocol::decode_snapshot_part(found->content);
  if (!header) co_return std::optional<snapshot_file>();
  auto name = fmt::format("{}-{}.jsonl", protocol::snapshot_table(found->content), header->number);
  auto bytes = co_await download_snapshot_part(store, std::move(found->attachments), header->number, header->hash, options);
  if (!bytes) co_return bytes.error();
  snapshot_file file{header->number, 0, header->previous, std::move(*bytes), std::move(name)};
  for (auto before = header->previous; before;) {
    auto earlier = co_await fetch_snapshot_message(store, channel, before, options);
    if (!earlier) co_return earlier.error();
    auto its = protocol::decode_snapshot_part(earlier->content);
    bool fits = its && its->snapshot == header->snapshot && its->number + 1 == header->number && !earlier->attachments.empty();
    if (!fits) co_return unusable_snapshot("its parts do not belong together");
    file.offset += earlier->attachments.front().size;
    before = its->previous;
    header = std::move(its);
  }
  co_return std::optional(std::move(file));
}

}  // namespace dbcord::database
