#include "database/dump_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/patient_post.hpp"
#include "database/snapshot_message.hpp"
#include "protocol/log_record.hpp"
#include "protocol/snapshot_part.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t unpacked_dump_part = 64 * 1024 * 1024;  // bytes of a part before compression, at most

actor::task<base::result<located_dump_part>> find_one(message_store& store, base::channel_id channel, base::message_id message, call_options options) {
  auto found = co_await fetch_snapshot_message(store, channel, message, options);
  if (!found) co_return found.error();
  auto header = protocol::decode_dump_part(found->content);
  if (header) co_return located_dump_part{message, std::move(*header)};
  if (protocol::decode_snapshot_part(found->content)) {
    co_return base::error(errc::damaged, fmt::format("message {} is a snapshot of a table, not of a database", message.str()));
  }
  co_return unusable_snapshot(fmt::format("message {} is no part of a snapshot", message.str()));
}

}  // namespace

dump_part_writer::dump_part_writer(const actor::environment& env, message_store& store, base::channel_id channel, std::string database, std::uint64_t lsn,
                                   std::uint64_t tables, base::steady_time deadline, std::size_t part_bytes_max)
    : env_(env), store_(store), channel_(channel), database_(std::move(database)), deadline_(deadline), part_bytes_max_(part_bytes_max) {
  next_.snapshot = env.random.token(16);
  next_.lsn = lsn;
  next_.tables = tables;
}

actor::task<base::result<void>> dump_part_writer::add(std::string line, std::uint64_t rows) {
  bool full = packer_.size() + line.size() > part_bytes_max_ || packer_.taken() + line.size() > unpacked_dump_part;
  if (packer_.taken() > 0 && full) {
    auto posted = co_await post();
    if (!posted) co_return posted.error();
  }
  packer_.append(line);
  next_.rows += rows;
  co_return base::result<void>();
}

actor::task<base::result<database_snapshot_summary>> dump_part_writer::finish() {
  next_.last = true;
  auto posted = co_await post();
  if (!posted) co_return posted.error();
  co_return database_snapshot_summary{next_.tables, next_.rows, next_.offset, next_.number - 1, next_.lsn, newest_};
}

actor::task<base::result<void>> dump_part_writer::post() {
  new_attachment file;
  file.bytes = packer_.finish();
  file.filename = fmt::format("{}-{}.jsonl.zst", database_, next_.number);
  next_.size = file.bytes.size();
  next_.hash = protocol::record_hash(file.bytes);
  new_message message;
  message.content = protocol::encode_dump_part(next_, database_);
  message.attachments.push_back(std::move(file));
  auto sent = co_await post_patiently(env_, store_, channel_, std::move(message), deadline_);
  if (!sent) co_return sent.error();
  newest_ = {store_.guild(), channel_, *sent};
  next_.previous = *sent;
  next_.offset += next_.size;
  ++next_.number;
  co_return base::result<void>();
}

actor::task<base::result<std::vector<located_dump_part>>> find_dump_parts(message_store& store, base::channel_id channel, base::message_id part, bool whole,
                                                                          call_options options) {
  std::vector<located_dump_part> parts;
  for (auto message = part; message;) {
    auto found = co_await find_one(store, channel, message, options);
    if (!found) co_return found.error();
    const auto& header = found->header;
    if (parts.empty() && whole && !header.last) co_return unusable_snapshot(fmt::format("this is part {} of it; name the last one", header.number));
    bool fits = parts.empty() || (header.number + 1 == parts.back().header.number && header.snapshot == parts.back().header.snapshot &&
                                  header.offset + header.size == parts.back().header.offset);
    if (!fits) co_return unusable_snapshot("its parts do not belong together");
    message = whole ? header.previous : base::message_id{};
    parts.push_back(std::move(*found));
  }
  std::reverse(parts.begin(), parts.end());
  co_return parts;
}

actor::task<base::result<std::string>> read_dump_part(message_store& store, base::channel_id channel, located_dump_part part, call_options options) {
  auto found = co_await fetch_snapshot_message(store, channel, part.message, options);  // the URL of its attachment expires
  if (!found) co_return found.error();
  co_return co_await download_snapshot_part(store, std::move(found->attachments), part.header.number, part.header.hash, options);
}

actor::task<base::result<std::optional<protocol::dump_item>>> dump_part_reader::next() {
  for (;;) {
    auto item = stream_.next();
    if (!item) co_return unusable_snapshot(item.error().message);
    if (*item) co_return std::move(*item);
    if (read_ == parts_.size()) {
      auto complete = stream_.finish();
      if (!complete) co_return unusable_snapshot(complete.error().message);
      co_return std::optional<protocol::dump_item>();
    }
    auto bytes = co_await read_dump_part(store_, channel_, parts_[read_++], options_);
    if (!bytes) co_return bytes.error();
    stream_.feed(std::move(*bytes));
  }
}

}  // namespace dbcord::database
