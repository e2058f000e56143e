#include "database/lost_places.hpp"

#include "actor/event.hpp"
#include "database/missed_deletions.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration look_time = 60s;  // low priority: it may wait long for its turn
constexpr base::duration look_again = 2s;

// Of those messages. One that cannot be asked for is asked for again.
actor::task<std::vector<base::message_id>> missing_of(const adoption_context& context, table_ptr table, base::channel_id channel,
                                                      std::set<base::message_id> messages) {
  while (!context.given_up()) {
    call_options options{priority::maintenance, context.env.after(look_time)};
    auto missing = co_await find_missing(context.store, channel, messages, options, context.given_up);
    if (missing) co_return std::move(*missing);
    bool gone = missing.error().code == store_errc::not_found || table->has_left(channel, missing.error());  // the channel: that is told elsewhere
    if (gone) break;
    context.env.log.warning("rows could not be adopted yet",
                            {{"database", context.database}, {"table", table->definition().name}, {"error", missing.error().message}});
    co_await actor::sleep_for(context.env, look_again);
  }
  co_return std::vector<base::message_id>();
}

}  // namespace

actor::task<void> leave_lost_places(adoption_context context, table_ptr table, std::vector<row_copy> found) {
  auto elsewhere = co_await table->places_beside(std::move(found));
  for (auto& [channel, messages] : elsewhere) {
    auto missing = co_await missing_of(context, table, channel, std::move(messages));
    if (!missing.empty()) table->messages_deleted(std::move(missing));
  }
}

}  // namespace dbcord::database
