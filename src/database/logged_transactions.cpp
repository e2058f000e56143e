#include "database/logged_transactions.hpp"

#include <fmt/format.h>

#include "database/log_reader.hpp"

namespace dbcord::database {

actor::task<base::result<std::vector<protocol::transaction>>> read_transactions(message_store& store, const log_segments& log, std::uint64_t lsn,
                                                                                base::message_id log_message, call_options options) {
  auto message = co_await store.fetch(log.channel_of(lsn), log_message, options);
  if (!message) co_return message.error();
  co_return co_await transactions_in(store, std::move(message->value), options);
}

actor::task<base::result<std::vector<protocol::transaction>>> transactions_in(message_store& store, stored_message message, call_options options) {
  auto record = as_record(store, message);
  if (!record) co_return base::error(errc::damaged, fmt::format("message {} is no log record", message.id.value));
  auto body = co_await read_body(store, *record, options);
  if (!body && body.error().code.category() != store_category()) co_return base::error(errc::damaged, body.error().message);
  if (!body) co_return body.error();
  auto transactions = protocol::decode_transactions(*body);
  if (!transactions) co_return base::error(errc::damaged, transactions.error().message);
  co_return std::move(*transactions);
}

}  // namespace dbcord::database
