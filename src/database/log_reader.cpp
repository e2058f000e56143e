#include "database/log_reader.hpp"

namespace dbcord::database {
namespace {

constexpr int page_size = 100;  // Discord docs, Get Channel Messages

base::error not_shown() {
  return {store_errc::not_done, "Discord shows no messages where there are some: reading the message history may not be allowed now"};
}

// A channel that seems to be empty: whether it says of itself that it has messages.
actor::task<base::result<void>> confirm_empty(message_store& store, base::channel_id channel, call_options options) {
  auto present = co_await store.channels(options);
  if (!present) co_return present.error();
  for (const auto& c : present->value) {
    if (c.id == channel && c.last_message) co_return not_shown();
  }
  co_return base::result<void>();
}

}  // namespace

// Without READ_MESSAGE_HISTORY a channel looks empty (Discord docs, Get Channel Messages), not forbidden. So each further page
// begins with a message that is known, and a channel that shows nothing at all must have no last message.
actor::task<base::result<dated<std::vector<stored_message>>>> read_all(message_store& store, base::channel_id channel,
                                                                       base::message_id after, call_options options) {
  dated<std::vector<stored_message>> all;
  base::message_id known;
  for (;;) {
    base::message_id cursor = known ? base::message_id{known.value - 1} : after;
    auto page = co_await store.history_after(channel, cursor, page_size, options);
    if (!page) co_return page.error();
    all.date = page->date;
    auto& shown = page->value;
    bool last = shown.size() < static_cast<std::size_t>(page_size);
    if (known) {
      if (shown.empty() || shown.front().id != known) co_return not_shown();
      shown.erase(shown.begin());
    }
    if (!shown.empty()) known = shown.back().id;
    std::move(shown.begin(), shown.end(), std::back_inserter(all.value));
    if (!last) continue;
    if (all.value.empty() && !after) {
      auto empty = co_await confirm_empty(store, channel, options);
      if (!empty) co_return empty.error();
    }
    co_return all;
  }
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

actor::task<base::result<std::string>> read_body(message_store& store, found_record found, call_options options) {
  std::optional<std::string> attachment;
  if (found.record.header.attached && !found.message.attachments.empty()) {
    auto info = found.message.attachments.front();
    auto bytes = co_await store.download(std::move(info), options);
    if (!bytes) co_return bytes.error();
    attachment = std::move(*bytes);
  }
  co_return protocol::decode_body(found.record.header, found.message.content, attachment);
}

}  // namespace dbcord::database
