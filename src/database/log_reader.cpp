#include "database/log_reader.hpp"

namespace dbcord::database {
namespace {

constexpr int page_size = 100;  // Discord docs, Get Channel Messages

}  // namespace

actor::task<base::result<dated<std::vector<stored_message>>>> read_all(message_store& store, base::channel_id channel,
                                                                       base::message_id after, call_options options) {
  dated<std::vector<stored_message>> all;
  for (;;) {
    auto page = co_await store.history_after(channel, after, page_size, options);
    if (!page) co_return page.error();
    all.date = page->date;
    bool last = page->value.size() < static_cast<std::size_t>(page_size);
    if (!page->value.empty()) after = page->value.back().id;
    std::move(page->value.begin(), page->value.end(), std::back_inserter(all.value));
    if (last) co_return all;
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
