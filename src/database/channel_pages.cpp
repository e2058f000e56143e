#include "database/channel_pages.hpp"

#include "database/history_page.hpp"

namespace dbcord::database {
namespace {

base::error not_shown() {
  return {store_errc::not_done, "Discord shows no messages where there are some: reading the message history may not be allowed now"};
}

}  // namespace

// What a channel says of itself; zero: it has none.
actor::task<base::result<base::message_id>> channel_pages::last_message(call_options options) {
  auto present = co_await store_.channels(options);
  if (!present) co_return present.error();
  for (const auto& c : present->value) {
    if (c.id == channel_) co_return c.last_message;
  }
  co_return base::message_id();
}

actor::task<base::result<void>> channel_pages::check_emptied(base::message_id last, call_options options) {
  bool young = staleness_ > base::duration::zero() && base::created_at(last) + staleness_ > date_;
  if (!allow_emptied_ || young) co_return not_shown();
  auto there = co_await store_.fetch(channel_, last, options);
  if (there) co_return not_shown();
  if (there.error().code != store_errc::not_found) co_return there.error();
  emptied_ = true;
  co_return base::result<void>();
}

actor::task<base::result<std::vector<stored_message>>> channel_pages::next(call_options options) {
  if (ended_) co_return std::vector<stored_message>();
  base::message_id cursor = known_ ? base::message_id{known_.value - 1} : after_;
  auto page = co_await store_.history_after(channel_, cursor, history_page_max, options);
  if (page && page->value.empty() && !known_ && !after_) {
    auto last = co_await last_message(options);
    if (!last) co_return last.error();
    // The first may have come between the two answers.
    if (*last) page = co_await store_.history_after(channel_, cursor, history_page_max, options);
    shows_nothing_ = *last && page && page->value.empty();
    if (shows_nothing_) {
      date_ = page->date;
      auto emptied = co_await check_emptied(*last, options);
      if (!emptied) co_return emptied.error();
      shows_nothing_ = false;
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
