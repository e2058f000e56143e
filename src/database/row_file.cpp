#include "database/row_file.hpp"

namespace dbcord::database {

actor::task<base::result<bool>> file_is_whole(message_store& store, table_ptr table, const protocol::row_header& header, const stored_message& message,
                                              call_options options) {
  if (!header.attached) co_return true;
  row_copy copy{header.key, header.lsn, message.id};
  auto awaited = co_await table->file_awaited_of(std::move(copy));
  if (!awaited) co_return true;
  if (message.attachments.empty()) co_return false;
  auto file = message.attachments.front();
  if (awaited->bytes) co_return file.size == *awaited->bytes;
  auto bytes = co_await store.download(std::move(file), options);
  if (!bytes && bytes.error().code == store_errc::not_found) co_return false;
  if (!bytes) co_return bytes.error();
  co_return protocol::decode_row_json(header, message.content, std::move(*bytes)).has_value();
}

}  // namespace dbcord::database
