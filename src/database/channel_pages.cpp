#include "database/channel_pages.hpp"

#include "database/history_page.hpp"

namespace dbcord::database {
namespace {

base::error not_shown() {
  return {store_errc::not_done, "Discord shows no messages where there are some: reading the message history may not be allowed now"};
}

}  // namespace

// What a channel says of itself.
actor::task<base::result<bool>> channel_pages::has_messages(call_options options) {
  auto present = co_await store_.channels(options);
  if (!present) co_return present.error();
  for (const auto& c : present->value) {
    if (c.id == channel_ && c.last_message) co_return true;
  }
  co_return false;
}

actor::task<base::result<std::vector<stored_message>>> channel_pages::next(call_options options) {
  if (ended_) co_return std::vector<stored_message>();
  base::message_id cursor = known_ ? base::message_id{known_.value - 1} : after_;
  auto page = co_await store_.history_after(channel_, cursor, history_page_max, options);
  if (page && page->value.empty() && !known_ && !after_) {
    auto has = co_await has_messages(options);
    if (!has) co_return has.error();
    // The first may have come between the two answers.
    if (*has) page = co_await store_.history_after(channel_, cursor, history_page_max, options);
    shows_nothing_ = *has && page && page->value.empty();
    if (shows_nothing_) {
      date_ = page->date;
      co_return not_shown();
    }
  }
  if (!page) co_return page.error();
  date_ = page->date;
  auto& shown = page->value;
  ended_ = shown.size() < static_cast<std::size_t>(history_page_max);
  if (known_) {
    if (shown.empty() || shown.front().id != known_) co_return not_shown();
    shown.erase(shown.begin());
  }
  if (!shown.empty()) known_ = shown.back().id;
  co_return std::move(shown);
}

}  // namespace dbcord::database
