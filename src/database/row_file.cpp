#include "database/row_file.hpp"

namespace dbcord::database {
namespace {

// Looks at the file if the message may become a place; reads it only where the table does not know its size. An error may pass.
actor::task<base::result<file_state>> state_of_file(message_store& store, table_ptr table, const protocol::row_header& header, const stored_message& message,
                                                    call_options options) {
  if (!header.attached) co_return file_state::whole;
  row_copy copy{header.key, header.version, header.lsn, message.id};
  auto awaited = co_await table->file_awaited_of(std::move(copy));
  if (!awaited) co_return file_state::unseen;
  if (message.attachments.empty()) co_return file_state::cut;
  auto file = message.attachments.front();
  if (awaited->bytes) co_return file.size == *awaited->bytes ? file_state::whole : file_state::cut;
  auto bytes = co_await store.download(std::move(file), options);
  if (!bytes && bytes.error().code == store_errc::not_found) co_return file_state::cut;
  if (!bytes) co_return bytes.error();
  auto json = protocol::decode_row_json(header, message.content, std::move(*bytes));
  co_return json ? file_state::whole : file_state::cut;
}

}  // namespace

// Meanwhile the place that the row had may be lost, so that the message may become one after all: then its file is looked at.
actor::task<base::result<void>> count_row(message_store& store, table_ptr table, base::channel_id channel, const protocol::row_header& header,
                                          const stored_message& message, call_options options) {
  for (bool counted = false; !counted;) {
    auto file = co_await state_of_file(store, table, header, message, options);
    if (!file) co_return file.error();
    row_copy copy{header.key, header.version, header.lsn, message.id};
    counted = co_await table->found(channel, std::move(copy), *file);
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
