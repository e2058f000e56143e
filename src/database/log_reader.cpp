#include "database/log_reader.hpp"

#include <fmt/format.h>

#include <deque>

#include "database/channel_pages.hpp"
#include "database/errors.hpp"
#include "database/whole_record.hpp"
#include "protocol/roll_record.hpp"

namespace dbcord::database {
actor::task<base::result<dated<std::vector<stored_message>>>> read_rest(channel_pages& pages, call_options options) {
  dated<std::vector<stored_message>> all;
  for (;;) {
    auto page = co_await pages.next(options);
    if (!page) co_return page.error();
    all.date = pages.date();
    if (page->empty()) co_return all;
    std::move(page->begin(), page->end(), std::back_inserter(all.value));
  }
}

actor::task<base::result<dated<std::vector<stored_message>>>> read_all(message_store& store, base::channel_id channel,
                                                                       base::message_id after, call_options options) {
  channel_pages pages(store, channel, after);
  co_return co_await read_rest(pages, options);
}

std::optional<found_record> as_record(const message_store& store, const stored_message& message) {
  if (message.author != store.self()) return std::nullopt;
  auto header = protocol::decode_header(message.content);
  if (!header) return std::nullopt;
  return found_record{{std::move(*header), message.channel, {}}, message};
}

actor::task<base::result<dated<std::vector<found_record>>>> read_log(message_store& store, base::channel_id channel,
                                                                     base::message_id after, call_options options) {
  auto messages = co_await read_all(store, channel, after, options);
  if (!messages) co_return messages.error();
  dated<std::vector<found_record>> found;
  found.date = messages->date;
  for (const auto& m : messages->value) {
    if (auto record = as_record(store, m)) found.value.push_back(std::move(*record));
  }
  co_return found;
}

log_start start_behind(protocol::chain_anchor anchor, base::message_id record) {
  constexpr auto overlap = std::chrono::seconds(10);
  return {std::move(anchor), base::id_at<base::message_id>(base::created_at(record) - overlap)};
}

namespace {

// Where the log goes on after a roll. A roll whose body is no roll leads nowhere: nothing can count behind it.
actor::task<base::result<base::channel_id>> roll_target(message_store& store, found_record& roll, call_options options) {
  auto lsn = roll.record.header.lsn;
  auto body = co_await read_body(store, roll, options);
  if (!body) co_return body.error();
  auto decoded = protocol::decode_roll(*body);
  if (decoded) co_return decoded->channel;
  co_return base::error(errc::damaged, fmt::format("log record {} should say in which channel the log goes on, and does not", lsn));
}

}  // namespace

actor::task<base::result<walked_log>> walk_log(message_store& store, log_reads& reads, std::vector<base::channel_id> channels, base::message_id after,
                                               call_options options) {
  walked_log walked;
  auto first = channels.empty() ? base::channel_id() : channels.front();
  std::deque<base::channel_id> todo(channels.begin(), channels.end());
  for (; !todo.empty(); todo.pop_front()) {
    auto channel = todo.front();
    if (walked.last.contains(channel) || walked.missing.contains(channel)) continue;
    auto above = channel == first ? after : base::message_id();
    auto messages = co_await reads.read(channel, above, options);
    if (!messages && messages.error().code == store_errc::not_found) {
      walked.missing.insert(channel);
      continue;
    }
    if (!messages) co_return messages.error();
    const auto& [all, date, emptied] = **messages;
    walked.date = std::max(walked.date, date);
    if (emptied) walked.emptied.insert(channel);
    walked.last[channel] = all.empty() || all.back().id <= above ? base::message_id() : all.back().id;
    std::vector<found_record> found;
    for (const auto& m : all) {
      auto record = m.id > above ? as_record(store, m) : std::nullopt;
      if (record) found.push_back(std::move(*record));
    }
    for (auto& record : one_of_each(std::move(found))) {
      if (record.record.header.kind == protocol::record_kind::roll && is_whole(record)) {
        auto target = co_await roll_target(store, record, options);
        if (!target) co_return target.error();
        record.record.roll_to = *target;
        todo.push_back(*target);
      }
      walked.records.push_back(std::move(record));
    }
  }
  co_return walked;
}

bool is_damage_of_body(const base::error& e) { return e.code.category() != store_category() || e.code == store_errc::not_found; }

namespace {

actor::task<base::result<std::string>> read_copy(message_store& store, const protocol::log_header& header, const stored_message& message, call_options options) {
  std::optional<std::string> attachment;
  if (header.attached && !message.attachments.empty()) {
    auto info = message.attachments.front();
    auto bytes = co_await store.download(std::move(info), options);
    if (!bytes && bytes.error().code == store_errc::not_found) {  // or its address, which Discord signs for a day, counts for nothing any more
      auto now = co_await store.fetch(message.channel, message.id, options);
      if (!now) co_return now.error();
      if (now->value.attachments.empty()) co_return bytes.error();
      auto again = now->value.attachments.front();
      bytes = co_await store.download(std::move(again), options);
    }
    if (!bytes) co_return bytes.error();
    attachment = std::move(*bytes);
  }
  co_return protocol::decode_body(header, message.content, attachment);
}

}  // namespace

actor::task<base::result<std::string>> read_body(message_store& store, found_record& found, call_options options) {
  auto body = co_await read_copy(store, found.record.header, found.message, options);
  for (auto& copy : found.copies) {
    if (body || !is_damage_of_body(body.error())) co_return body;
    auto another = co_await read_copy(store, found.record.header, copy, options);
    if (!another && is_damage_of_body(another.error())) continue;
    if (another) std::swap(found.message, copy);
    co_return another;
  }
  co_return body;
}

}  // namespace dbcord::database
