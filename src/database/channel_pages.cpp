#include "database/channel_pages.hpp"

namespace dbcord::database {
namespace {

constexpr int page_size = 100;  // Discord docs, Get Channel Messages

base::error not_shown() {
  return {store_errc::not_done, "Discord shows no messages where there are some: reading the message history may not be allowed now"};
}

}  // namespace

// A channel that seems to be empty: whether it says of itself that it has messages.
actor::task<base::result<void>> channel_pages::confirm_empty(call_options options) {
  auto present = co_await store_.channels(options);
  if (!present) co_return present.error();
  for (const auto& c : present->value) {
    if (c.id == channel_ && c.last_message) co_return not_shown();
  }
  co_return base::result<void>();
}

actor::task<base::result<std::vector<stored_message>>> channel_pages::next(call_options options) {
  if (ended_) co_return std::vector<stored_message>();
  base::message_id cursor = known_ ? base::message_id{known_.value - 1} : after_;
  auto page = co_await store_.history_after(channel_, cursor, page_size, options);
  if (!page) co_return page.error();
  date_ = page->date;
  auto& shown = page->value;
  ended_ = shown.size() < static_cast<std::size_t>(page_size);
  if (known_) {
    if (shown.empty() || shown.front().id != known_) co_return not_shown();
    shown.erase(shown.begin());
  } else if (shown.empty() && !after_) {
    auto empty = co_await confirm_empty(options);
    if (!empty) co_return empty.error();
  }
  if (!shown.empty()) known_ = shown.back().id;
  co_return std::move(shown);
}

}  // namespace dbcord::database
