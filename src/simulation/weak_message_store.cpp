#include "simulation/weak_message_store.hpp"

namespace dbcord::simulation {

actor::task<base::result<weak_message_store::message>> weak_message_store::post(base::channel_id channel,
                                                                                database::new_message m,
                                                                                database::call_options o) {
  auto content = m.content;
  auto answer = co_await real_.post(channel, std::move(m), o);
  if (answer) {
    last_ = *answer;
    co_return answer;
  }
  bool unknown = answer.error().code == database::store_errc::unknown;
  if (unknown && weakness_ == weakness::unknown_is_refusal) {
    co_return base::error(database::store_errc::forbidden, answer.error().message);
  }
  if (unknown && weakness_ == weakness::unknown_is_success && last_) {
    auto invented = *last_;
    invented.value.channel = channel;
    invented.value.content = content;
    co_return invented;
  }
  co_return answer;
}

actor::task<base::result<weak_message_store::messages>> weak_message_store::history_after(base::channel_id channel,
                                                                                          base::message_id after,
                                                                                          int limit,
                                                                                          database::call_options o) {
  auto page = co_await real_.history_after(channel, after, limit, o);
  if (page && weakness_ == weakness::newest_is_missed && page->value.size() > 1) page->value.pop_back();
  co_return page;
}

}  // namespace dbcord::simulation
