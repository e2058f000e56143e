#include "database/missed_deletions.hpp"

#include <algorithm>

#include "database/history_page.hpp"

namespace dbcord::database {

actor::task<base::result<std::vector<base::message_id>>> find_missing(message_store& store, base::channel_id channel, std::set<base::message_id> expected,
                                                                      call_options options, std::function<bool()> given_up) {
  std::vector<base::message_id> not_shown;
  for (auto next = expected.begin(); next != expected.end();) {
    if (given_up()) co_return base::error(base::errc::stopping);
    auto page = co_await store.history_after(channel, base::message_id{next->value - 1}, history_page_max, options);
    if (!page) co_return page.error();
    bool more = page->value.size() == static_cast<std::size_t>(history_page_max);
    auto end = more ? expected.upper_bound(page->value.back().id) : expected.end();
    for (; next != end; ++next) {
      bool shown = std::any_of(page->value.begin(), page->value.end(), [&](const auto& m) { return m.id == *next; });
      if (!shown) not_shown.push_back(*next);
    }
  }
  std::vector<base::message_id> missing;
  for (auto message : not_shown) {
    if (given_up()) co_return base::error(base::errc::stopping);
    auto found = co_await store.fetch(channel, message, options);
    if (!found && found.error().code != store_errc::not_found) co_return found.error();
    if (!found) missing.push_back(message);
  }
  co_return missing;
}

}  // namespace dbcord::database
