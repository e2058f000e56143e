#include "database/log_reads.hpp"

#include "database/channel_pages.hpp"
#include "database/log_reader.hpp"

namespace dbcord::database {

actor::task<base::result<std::shared_ptr<const log_reads::messages>>> log_reads::read(base::channel_id channel, base::message_id after, call_options options) {
  auto found = known_.find(channel);
  if (found != known_.end() && found->second.after <= after) co_return found->second.all;
  auto all = co_await list(channel, after, options);
  // Whoever asks for what stands above a message knows of one there: is there nothing at all?
  if (all && after && (*all)->all.empty()) {
    after = {};
    all = co_await list(channel, after, options);
  }
  if (!all) co_return all.error();
  known now{after, *all};
  known_.insert_or_assign(channel, now);
  co_return now.all;
}

actor::task<base::result<std::shared_ptr<const log_reads::messages>>> log_reads::list(base::channel_id channel, base::message_id after, call_options options) {
  channel_pages pages(store_, channel, after);
  pages.allow_emptied(staleness_);
  auto shown = co_await read_rest(pages, options);
  if (!shown) co_return shown.error();
  co_return std::make_shared<const messages>(messages{std::move(shown->value), shown->date, pages.emptied()});
}

}  // namespace dbcord::database
