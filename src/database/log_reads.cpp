#include "database/log_reads.hpp"

#include "database/log_reader.hpp"

namespace dbcord::database {

actor::task<base::result<std::shared_ptr<const log_reads::messages>>> log_reads::read(base::channel_id channel, base::message_id after, call_options options) {
  auto found = known_.find(channel);
  if (found != known_.end() && found->second.after <= after) co_return found->second.all;
  auto all = co_await read_all(store_, channel, after, options);
  if (!all) co_return all.error();
  known now{after, std::make_shared<const messages>(std::move(*all))};
  known_.insert_or_assign(channel, now);
  co_return now.all;
}

}  // namespace dbcord::database
