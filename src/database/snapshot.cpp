#include "database/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/patient_post.hpp"
#include "database/snapshot_message.hpp"
#include "protocol/dump_part.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::database {
namespace {

actor::task<base::result<located_table_part>> find_table_part(message_store& store, base::channel_id channel, base::message_id message,
                                                              call_options options) {
  auto found = co_await fetch_snapshot_message(store, channel, message, options);
  if (!found) co_return found.error();
  auto header = protocol::decode_snapshot_part(found->content);
  if (header) co_return located_table_part{message, std::move(*header)};
  if (protocol::decode_dump_part(found->content)) {
    co_return base::error(errc::damaged, fmt::format("message {} is a snapshot of a whole database; give the new database's name in as", message.str()));
  }
  co_return unusable_snapshot(fmt::format("message {} is no part of a snapshot", message.str()));
}

}  // namespace

table_part_writer::table_part_writer(const actor::environment& env, message_store& store, base::channel_id channel, const protocol::snapshot_head& head,
                                     std::uint64_t lsn, std::uint64_t rows, base::steady_time deadline, std::size_t part_bytes_max)
    : env_(env),
      store_(store),
      channel_(channel),
      table_(head.table),
      deadline_(deadline),
      part_bytes_max_(part_bytes_max),
      bytes_(protocol::encode_snapshot_head(head) + "\n") {
  next_.snapshot = env.random.token(16);
  next_.lsn = lsn;
  next_.rows = rows;
  done_.rows = rows;
  done_.lsn = lsn;
}

actor::task<base::result<void>> table_part_writer::add(std::string_view row) {
  if (bytes_.size() + row.size() > part_bytes_max_) {
    auto posted = co_await post(false);
    if (!posted) co_return posted.error();
  }
  bytes_ += row;
  bytes_ += '\n';
  co_return base::result<void>();
}

actor::task<base::result<snapshot_summary>> table_part_writer::finish() {
  auto posted = co_await post(true);
  if (!posted) co_return posted.error();
  co_return done_;
}

actor::task<base::result<void>> table_part_writer::post(bool last) {
  next_.count = last ? next_.number : next_.number + 1;
  next_.hash = protocol::record_hash(bytes_);
  new_message message;
  message.content = protocol::encode_snapshot_part(next_, table_);
  new_attachment file;
  file.filename = fmt::format("{}-{}.jsonl", table_, next_.number);
  done_.bytes += bytes_.size();
  file.bytes = std::exchange(bytes_, {});
  message.attachments.push_back(std::move(file));
  auto sent = co_await post_patiently(env_, store_, channel_, std::move(message), deadline_);
  if (!sent) co_return sent.error();
  done_.location = {store_.guild(), channel_, *sent};
  done_.parts = next_.number;
  next_.previous = *sent;
  ++next_.number;
  co_return base::result<void>();
}

actor::task<base::result<std::vector<located_table_part>>> find_table_parts(message_store& store, base::channel_id channel, base::message_id last,
                                                                            call_options options) {
  std::vector<located_table_part> parts;
  for (auto next = last; next;) {
    auto part = co_await find_table_part(store, channel, next, options);
    if (!part) co_return part.error();
    const auto& header = part->header;
    bool is_last = header.number == header.count;
    if (parts.empty() && !is_last) co_return unusable_snapshot(fmt::format("this is part {} of it; name the last one", header.number));
    bool fits = parts.empty() || (header.number + 1 == parts.back().header.number && header.snapshot == parts.back().header.snapshot);
    if (!fits) co_return unusable_snapshot("its parts do not belong together");
    next = header.previous;
    parts.push_back(std::move(*part));
  }
  std::reverse(parts.begin(), parts.end());
  co_return parts;
}

actor::task<base::result<std::optional<std::string>>> table_part_reader::next_line() {
  while (taken_ == bytes_.size()) {
    if (read_ == parts_.size()) co_return std::optional<std::string>();
    const auto& part = parts_[read_++];
    bytes_ = {};
    taken_ = 0;
    auto found = co_await fetch_snapshot_message(store_, channel_, part.message, options_);  // the URL of its attachment expires
    if (!found) co_return found.error();
    auto bytes = co_await download_snapshot_part(store_, std::move(found->attachments), part.header.number, part.header.hash, options_);
    if (!bytes) co_return bytes.error();
    bytes_ = std::move(*bytes);
  }
  auto line = std::string_view(bytes_).substr(taken_);
  line = line.substr(0, line.find('\n'));
  taken_ = std::min(bytes_.size(), taken_ + line.size() + 1);
  co_return std::optional(std::string(line));
}

actor::task<base::result<protocol::snapshot_head>> table_part_reader::head() {
  auto line = co_await next_line();
  if (!line) co_return line.error();
  if (!*line) co_return unusable_snapshot("it is empty");
  auto head = protocol::decode_snapshot_head(**line);
  if (!head) co_return unusable_snapshot(head.error().message);
  co_return std::move(*head);
}

actor::task<base::result<std::optional<std::string>>> table_part_reader::next() {
  auto line = co_await next_line();
  if (!line) co_return line.error();
  rows_ += line->has_value();
  if (rows_ > stated() || (!*line && rows_ < stated())) co_return unusable_snapshot(fmt::format("it holds {} rows but states {}", rows_, stated()));
  co_return std::move(*line);
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
