#include "database/search_pages.hpp"

#include <algorithm>

namespace dbcord::database {

actor::task<base::result<search_page>> search_pages::next(call_options options) {
  ++requests_;
  auto page = co_await store_.search(next_, options);
  if (!page) co_return page.error();
  bool usable = page->ready && !page->still_indexing;
  auto shown = page->hits.size();
  left_ = page->total - std::min<std::uint64_t>(page->total, next_.offset);
  ended_ = !usable || (shown < search_request::page_size && left_ <= shown);
  if (ended_) co_return std::move(*page);
  if (shown > 0) {
    next_.below = std::min_element(page->hits.begin(), page->hits.end(), [](const auto& a, const auto& b) { return a.id < b.id; })->id;
    next_.offset = 0;
  } else if (next_.offset < search_request::offset_max) {
    next_.offset += search_request::page_size;
  } else {
    co_return base::error(store_errc::not_done, "guild search states more messages than it shows");
  }
  co_return std::move(*page);
}

}  // namespace dbcord::database
