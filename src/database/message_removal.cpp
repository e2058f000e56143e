#include "database/message_removal.hpp"

#include <algorithm>
#include <span>

#include "actor/event.hpp"
#include "base/deliberate_bug.hpp"
#include "database/store_refusal.hpp"
#include "protocol/drop_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t dropped_at_once = 1000;  // ids in a drop record: 25 KB
constexpr std::size_t bulk_max = 100;          // Discord docs, Bulk Delete Messages
constexpr base::duration bulk_age = 24h * 14 - 1h;  // the same; with room for clocks that disagree
constexpr base::duration message_removal_pause = 1s;

using ids = std::vector<base::message_id>;

actor::task<base::result<void>> log_drop(const removal_context& context, const protocol::drop_record& record) {
  auto logged = co_await context.log.append(protocol::record_kind::drop, protocol::encode_drop(record), context.deadline);
  if (!logged) co_return logged.error();
  co_return base::result<void>();
}

actor::task<base::result<void>> delete_once(const removal_context& context, base::channel_id channel, ids messages) {
  call_options options{priority::maintenance, context.deadline};
  if (messages.size() == 1) co_return co_await context.store.remove(channel, messages.front(), options);
  co_return co_await context.store.remove_many(channel, std::move(messages), options);
}

actor::task<base::result<void>> delete_some(const removal_context& context, base::channel_id channel, ids messages) {
  for (;;) {
    auto copy = messages;
    auto done = co_await delete_once(context, channel, std::move(copy));
    if (done || !may_pass(done.error()) || context.env.now() + message_removal_pause >= context.deadline) co_return done;
    co_await actor::sleep_for(context.env, message_removal_pause);
  }
}

// The next messages that one request may delete, taken off the end of `messages`, which is in ascending order: the newest first.
ids next_request(ids& messages, base::system_time now) {
  auto young = [&](base::message_id id) { return base::created_at(id) + bulk_age > now; };
  ids some;
  while (!messages.empty() && some.size() < bulk_max && (some.empty() || young(messages.back()))) {
    some.push_back(messages.back());
    messages.pop_back();
    if (!young(some.front())) break;
  }
  return some;
}

}  // namespace

actor::task<base::result<void>> remove_messages(removal_context context, base::channel_id channel, std::vector<base::message_id> messages,
                                                std::function<actor::task<void>(std::vector<base::message_id>)> removed) {
  std::sort(messages.begin(), messages.end());
  while (!messages.empty()) {
    auto first = messages.size() > dropped_at_once ? messages.end() - static_cast<std::ptrdiff_t>(dropped_at_once) : messages.begin();
    ids dropped(first, messages.end());
    messages.erase(first, messages.end());
    protocol::drop_record record{channel, dropped};
    bool late = base::has_bug(base::deliberate_bug::delete_before_drop_record);
    bool never = base::has_bug(base::deliberate_bug::delete_without_drop_record);
    if (!late && !never) {
      auto logged = co_await log_drop(context, record);
      if (!logged) co_return logged.error();
    }
    while (!dropped.empty()) {
      auto some = next_request(dropped, context.env.clock.wall_now());
      auto done = co_await delete_some(context, channel, some);
      if (!done) co_return done.error();
      if (!removed) continue;
      auto told = removed(std::move(some));
      co_await std::move(told);
    }
    if (!late) continue;
    auto logged = co_await log_drop(context, record);
    if (!logged) co_return logged.error();
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
